"""An HTML page as discovery reads it: the document, and what its relative addresses start from."""

from collections.abc import Mapping
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from crawler.discovery.errors import NotAPage
from crawler.discovery.hints import title_from_text
from crawler.extraction.errors import ExtractionError
from crawler.extraction.page.decode import parse
from storage.frontier.addresses import InvalidURL, normalize

MAX_TEXT_NODES: Final = 100
"""Nodes read for an element's text: hostile nesting would have every text read many times."""


def read_page(body: bytes, *, url: str, content_type: str | None = None) -> HtmlElement:
    """The document of a page, within extraction's bounds. Raises NotAPage."""
    headers: Mapping[str, str] = {} if content_type is None else {"Content-Type": content_type}
    try:
        return parse(body, headers)
    except ExtractionError as error:
        raise NotAPage(f"{url[:200]} can't be read as a page: {error}") from error


def base_of(document: HtmlElement, url: str) -> str:
    """What the page's relative addresses are relative to: its first `base`, else its own URL."""
    for element in document.iter("base"):
        if (href := element.get("href")) is not None:
            try:
                return normalize(href, base=url)
            except InvalidURL:
                break
    return url


def short_text(element: HtmlElement) -> str:
    """The text of a link or heading, on one line."""
    return title_from_text(" ".join(islice(element.itertext(), MAX_TEXT_NODES)))
