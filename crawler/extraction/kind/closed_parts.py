"""What a wall leaves on the page of an article that it cuts short."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.kind.walls import LOG_IN, PAYWALL_NAME, SUBSCRIPTION
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.surroundings import short_text
from crawler.extraction.page.wording import word_count

# words of what a wall leaves behind it
_HIDDEN_TEXT = 40
# words of "Register to read more", where a page's head says "Log in"
_TO_SOME_PURPOSE = 4
_MAX_ELEMENTS = 3_000
_MAX_DEPTH = 12
_CLASS = re.compile(r"\.([\w-]+)")
_APART = frozenset({"nav", "header", "footer"})


def closed_parts(structured: StructuredData) -> Iterator[str]:
    """The class names of the parts that are not free.

    https://developers.google.com/search/docs/appearance/structured-data/paywalled-content: the
    elements of a part that is not free are named, and a page that has their text was sent whole.
    """
    for node in structured.articles:
        for part in structured.values(node, "hasPart"):
            if not isinstance(part, str) and str(part.get("isAccessibleForFree")).lower() in (
                "false",
                "https://schema.org/false",
            ):
                selectors = part.get("cssSelector")
                for selector in selectors if isinstance(selectors, list) else [selectors]:
                    yield from _CLASS.findall(selector if isinstance(selector, str) else "")


def holds_text(tree: HtmlElement, names: Sequence[str]) -> bool:
    """Whether the elements of these class names hold more than a few words."""
    wanted = set(names)
    found = 0
    for element in islice(tree.iter("div", "section", "p", "article", "span"), _MAX_ELEMENTS):
        if not wanted.isdisjoint((element.get("class") or "").split()):
            found += word_count(short_text(element, 2_000))
    return found >= _HIDDEN_TEXT


def has_paywall(tree: HtmlElement) -> bool:
    """Whether an element is named as paywalls are, and says something."""
    return any(
        PAYWALL_NAME.search(f"{element.get('id') or ''} {element.get('class') or ''}")
        and word_count(short_text(element, 500)) > 1
        for element in islice(tree.iter("div", "section", "aside", "form"), _MAX_ELEMENTS)
        if element.get("id") or element.get("class")
    )


def asks_to_subscribe(tree: HtmlElement) -> bool:
    """Whether the page's own part has something to press that speaks of subscribing, or of logging
    in to some purpose, or a field for a password."""
    for element in islice(tree.iter("form", "button", "a", "input"), _MAX_ELEMENTS):
        if element.tag == "input":
            asks = element.get("type") == "password"
        else:
            text = short_text(element, 200)
            asks = bool(SUBSCRIPTION.search(text)) or (
                word_count(text) >= _TO_SOME_PURPOSE and bool(LOG_IN.search(text))
            )
        if asks and not any(e.tag in _APART for e in islice(element.iterancestors(), _MAX_DEPTH)):
            return True
    return False
