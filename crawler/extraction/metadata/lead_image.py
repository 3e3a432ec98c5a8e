"""The picture an article is shown with, and its caption."""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import Node, StructuredData
from crawler.extraction.page.surroundings import short_text
from crawler.extraction.page.web_addresses import absolute
from crawler.extraction.page.wording import plain

MAX_CAPTION = 1_000
MAX_FIGURES = 20

_META = ("og:image", "og:image:secure_url", "og:image:url", "twitter:image", "twitter:image:src")


def read_lead_image(
    tree: HtmlElement, structured: StructuredData, meta: MetaTags, url: str | None
) -> tuple[str | None, str | None]:
    """(absolute address, caption), each None where the page gives none."""
    described = [
        value for node in structured.articles for value in structured.values(node, "image")
    ]
    addresses = [*_addresses(described), *(content for _, content in meta.all(_META))]
    image = next(filter(None, (absolute(address, url) for address in addresses)), None)
    if image is None:
        return None, None
    return image, _stated_caption(described, structured) or _shown_caption(tree, image)


def _addresses(described: list[str | Node]) -> Iterator[str]:
    for value in described:
        if isinstance(value, str):
            yield value
            continue
        for name in ("url", "contentUrl", "@id"):
            given = value.get(name)
            if isinstance(given, str):
                yield given


def _stated_caption(described: list[str | Node], structured: StructuredData) -> str | None:
    for value in described:
        if not isinstance(value, str):
            for caption in structured.texts(value, "caption"):
                return plain(caption)[:MAX_CAPTION]
    return None


def _shown_caption(tree: HtmlElement, image: str) -> str | None:
    """The caption of the figure that shows the same file, in whatever size."""
    name = urlsplit(image).path.rpartition("/")[2]
    if len(name) < 5:
        return None
    for figure in islice(tree.iter("figure"), MAX_FIGURES):
        caption = next(figure.iter("figcaption"), None)
        if caption is not None and any(name in source for source in _sources(figure)):
            return short_text(caption, MAX_CAPTION)[:MAX_CAPTION] or None
    return None


def _sources(figure: HtmlElement) -> Iterator[str]:
    for element in islice(figure.iter("img", "source", "a"), 20):
        yield from (value for value in element.attrib.values() if "/" in value)
