import json

import pytest
from lxml.html import document_fromstring

from crawler.extraction.metadata.lead_image import read_lead_image
from crawler.extraction.page.meta_tags import read_meta_tags
from crawler.extraction.page.structured import read_structured

URL = "https://example.org/news/bridge"


def image_of(image: object = None, rest: str = "<p>x</p>") -> tuple[str | None, str | None]:
    node = json.dumps({"@type": "Article", "image": image})
    tree = document_fromstring(f'<script type="application/ld+json">{node}</script>{rest}')
    return read_lead_image(tree, read_structured(tree), read_meta_tags(tree), URL)


@pytest.mark.parametrize(
    "image",
    [
        "https://example.org/a.jpg",
        "/a.jpg",
        ["//example.org/a.jpg", "https://example.org/b.jpg"],
        {"@type": "ImageObject", "url": "https://example.org/a.jpg#top"},
        {"contentUrl": "../a.jpg"},
        ["data:image/png;base64,AAAA", "javascript:alert(1)", {"url": 3}, "/a.jpg"],
    ],
)
def test_an_image_is_an_absolute_web_address(image: object) -> None:
    assert image_of(image) == ("https://example.org/a.jpg", None)


def test_open_graph_stands_in() -> None:
    assert (
        image_of(rest='<meta property="og:image" content="/b.jpg">')[0]
        == "https://example.org/b.jpg"
    )
    assert image_of() == (None, None)


def test_the_caption_is_stated_or_shown_below_the_same_file() -> None:
    assert image_of({"url": "/bridge.jpg", "caption": "The  bridge"})[1] == "The bridge"
    figures = (
        "<figure><img src='/other.jpg'><figcaption>Another</figcaption></figure>"
        "<figure><img srcset='/640/bridge.jpg 1x'>"
        "<figcaption>The bridge <b>at night</b></figcaption></figure>"
    )
    assert image_of("/1200/bridge.jpg", figures)[1] == "The bridge at night"
    assert image_of("/1200/tunnel.jpg", figures)[1] is None
