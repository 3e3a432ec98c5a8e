import json
import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import tostring

from crawler.extraction.metadata.gather import Metadata, read_metadata
from crawler.extraction.page.decode import parse
from crawler.extraction.page.structured import read_structured

URL = "https://daily.example/2024/05/03/bridge?utm_source=x"
NODE = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "The Daily"},
        {
            "@type": "NewsArticle",
            "headline": "Bridge reopens",
            "datePublished": "2024-05-03T10:00:00+02:00",
            "author": [{"@type": "Person", "name": "Ana Ruiz"}],
            "articleSection": "Local",
            "keywords": "bridge, traffic",
            "image": {"url": "/bridge.jpg", "caption": "The bridge."},
            "isAccessibleForFree": False,
        },
    ],
}
PAGE = f"""<!doctype html><html lang="en-gb"><head><title>Bridge reopens | The Daily</title>
<link rel="canonical" href="/bridge"><meta name="description" content="Ten years on.">
<meta property="article:modified_time" content="2024-05-04T09:00:00Z">
<script type="application/ld+json">{json.dumps(NODE)}</script></head>
<body><h1>Bridge reopens</h1><p>Text.</p></body></html>""".encode()


def read(page: bytes, url: str | None = URL) -> Metadata:
    tree = parse(page)
    return read_metadata(tree, read_structured(tree), url=url)


def test_every_field_of_a_page_that_tells_all() -> None:
    metadata = read(PAGE)
    assert {name: list(c) for name, c in metadata.candidates.items()}.keys() == {
        "title",
        "authors",
        "published_at",
        "modified_at",
        "description",
    }
    assert (metadata.title, metadata.authors) == ("Bridge reopens", ("Ana Ruiz",))
    assert metadata.published_at == datetime.fromisoformat("2024-05-03T10:00:00+02:00")
    assert metadata.modified_at == datetime.fromisoformat("2024-05-04T09:00:00+00:00")
    assert (metadata.language, metadata.section) == ("en-GB", "Local")
    assert metadata.canonical_url == "https://daily.example/bridge"
    assert metadata.description == "Ten years on."
    assert metadata.tags == ("bridge", "traffic")
    assert metadata.image_url == "https://daily.example/bridge.jpg"
    assert metadata.image_caption == "The bridge."
    assert metadata.paywalled is True


def test_a_page_that_tells_nothing() -> None:
    metadata = read(b"<p>Text.</p>", None)
    assert metadata == Metadata(candidates=metadata.candidates)
    assert not any(metadata.candidates.values())


def test_the_site_is_known_by_its_host_alone() -> None:
    page = (
        b"<title>Bridge reopens - daily.example</title><meta name=author content='Daily'><p>x</p>"
    )
    assert read(page).title == "Bridge reopens"


def test_the_tree_is_not_changed() -> None:
    tree = parse(PAGE)
    before = tostring(tree)
    read_metadata(tree, read_structured(tree), url=URL)
    assert tostring(tree) == before


@pytest.mark.parametrize(
    "page",
    [
        b"<h1>" * 120 + b"<i>x</i>" * 140_000,
        b"<h1><h2><h3>" * 70 + b"<i>x</i>" * 140_000,
        b"<p itemscope itemprop=x>" * 200 + b"<b itemprop=y>1</b>" * 100_000,
        b"<p>Written by " * 100_000,
        b"<figure><img src='/abcdefgh.jpg'>" * 120 + b"<figcaption>" + b"<i>x</i>" * 140_000,
        b"<meta name=author content='a, b and c; d'>" * 100_000,
        b'<script type="application/ld+json">[' + b'{"@type":"Article","name":"a"},' * 60_000,
    ],
)
def test_a_page_built_to_be_slow_is_not(page: bytes) -> None:
    start = time.process_time()
    read(page)
    assert time.process_time() - start < 2


_PIECES = st.lists(
    st.sampled_from(
        ["<h1>", "</h1>", "<title>", "</title>", "<time datetime='", "'>", "<a rel=author>",
         "<meta name=author content='", "<meta property=og:title content='", "<figure>", "é", "\0",
         "<script type='application/ld+json'>", "</script>", '{"@type":"Article","author":',
         '{"name":', "[", "]", "}", '"By Ana and "', ",", "<link rel=canonical href='", "http://[",
         "2024-05-03", "By Ana Ruiz"]
    )
    | st.text(max_size=10),
    min_size=1,
    max_size=40,
)  # fmt: skip


@settings(deadline=None)
@given(_PIECES.map("".join), st.none() | st.text(max_size=30))
def test_any_page_gives_the_same_metadata_twice(page: str, url: str | None) -> None:
    body = b"<p>" + page.encode("utf-8", "replace")
    assert read(body, url) == read(body, url)
