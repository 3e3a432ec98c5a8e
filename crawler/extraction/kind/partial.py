"""Whether a page holds but the beginning of its article, above a wall."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.article import Paragraph
from crawler.extraction.kind.walls import PAYWALL_NAME, SUBSCRIPTION
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.surroundings import short_text
from crawler.extraction.page.wording import word_count

# words of a text that is no more than a teaser
_TEASER = 120
# the same of one that breaks off, or is said to be a part
_LONG_TEASER = 450
# words of what a wall leaves behind it
_HIDDEN_TEXT = 40
_MAX_ELEMENTS = 3_000
_MAX_DEPTH = 12
_BREAKS_OFF = re.compile(r"(?:…|\.\.\.)[\])\"»”'’\s]*\Z")
_CLASS = re.compile(r"\.([\w-]+)")
_APART = frozenset({"nav", "header", "footer"})


def is_partial(
    tree: HtmlElement,
    structured: StructuredData,
    paragraphs: Sequence[Paragraph],
    *,
    paywalled: bool | None,
) -> bool:
    """By schema.org's word for what is not free, and by how the text ends.

    https://developers.google.com/search/docs/appearance/structured-data/paywalled-content: the
    elements of a part that is not free are named, and a page that has their text was sent whole.
    """
    words = sum(word_count(paragraph.text) for paragraph in paragraphs)
    breaks_off = bool(paragraphs) and bool(_BREAKS_OFF.search(paragraphs[-1].text))
    if paywalled is False or not 0 < words < _LONG_TEASER:
        return bool(paywalled) and breaks_off
    if not breaks_off and words >= _TEASER:
        return False
    if paywalled:
        closed = [*_closed_parts(structured)]
        return not closed or not _holds_text(tree, closed)
    return (breaks_off and _asks_to_subscribe(tree)) or _has_paywall(tree)


def _closed_parts(structured: StructuredData) -> Iterator[str]:
    """The class names of the parts that are not free."""
    for node in structured.articles:
        for part in structured.values(node, "hasPart"):
            if not isinstance(part, str) and str(part.get("isAccessibleForFree")).lower() in (
                "false",
                "https://schema.org/false",
            ):
                selectors = part.get("cssSelector")
                for selector in selectors if isinstance(selectors, list) else [selectors]:
                    yield from _CLASS.findall(selector if isinstance(selector, str) else "")


def _holds_text(tree: HtmlElement, names: Sequence[str]) -> bool:
    wanted = set(names)
    found = 0
    for element in islice(tree.iter("div", "section", "p", "article", "span"), _MAX_ELEMENTS):
        if not wanted.isdisjoint((element.get("class") or "").split()):
            found += word_count(short_text(element, 2_000))
    return found >= _HIDDEN_TEXT


def _has_paywall(tree: HtmlElement) -> bool:
    return any(
        PAYWALL_NAME.search(f"{element.get('id') or ''} {element.get('class') or ''}")
        and word_count(short_text(element, 500)) > 1
        for element in islice(tree.iter("div", "section", "aside", "form"), _MAX_ELEMENTS)
        if element.get("id") or element.get("class")
    )


def _asks_to_subscribe(tree: HtmlElement) -> bool:
    return any(
        SUBSCRIPTION.search(short_text(element, 200))
        for element in islice(tree.iter("form", "button", "a"), _MAX_ELEMENTS)
        if not any(e.tag in _APART for e in islice(element.iterancestors(), _MAX_DEPTH))
    )
