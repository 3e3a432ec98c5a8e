"""The article that a page of scripts carries as a string, for its own code to show."""

import json
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from crawler.extraction.errors import ExtractionError
from crawler.extraction.page.decode import parse_markup

MINIMUM_CHARACTERS = 500
MAXIMUM_CHARACTERS = 500_000

_QUOTES = re.compile(r'\\.|"', re.DOTALL)
_PARAGRAPH = re.compile(r"<(?:p|br|div)\b", re.IGNORECASE)


def embedded_article(tree: HtmlElement) -> HtmlElement | None:
    """A document of the longest HTML with paragraphs among the string literals of the scripts."""
    longest = max(_markup(tree), key=len, default=None)
    if longest is None:
        return None
    try:
        return parse_markup(longest)
    except ExtractionError:
        return None


def _markup(tree: HtmlElement) -> Iterator[str]:
    for script in tree.iter("script"):
        text = script.text or ""
        if MINIMUM_CHARACTERS <= len(text) <= MAXIMUM_CHARACTERS:
            for literal in _literals(text):
                value = _decoded(literal)
                if value is not None and _PARAGRAPH.search(value):
                    yield value


def _literals(text: str) -> Iterator[str]:
    """What stands between double quotes, with them; in time linear in the text."""
    opened: int | None = None
    for mark in _QUOTES.finditer(text):
        if mark.group() != '"':
            continue
        if opened is None:
            opened = mark.start()
            continue
        if mark.end() - opened >= MINIMUM_CHARACTERS:
            yield text[opened : mark.end()]
        opened = None


def _decoded(literal: str) -> str | None:
    try:
        value = json.loads(literal, strict=False)
    except ValueError:
        return None
    return str(value).replace("\0", "")
