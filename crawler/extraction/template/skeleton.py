"""A page's skeleton: the tags and classes it is built of, whatever it says.

Two pages of one template have nearly the same, though one has a film and the other a table; after
a redesign little is left of it. It is kept as a bottom-k sketch, bounded for any page.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

from lxml.html import HtmlElement

from crawler.extraction.page.blocks import INLINE, words

SKETCH = 192
"""Features that a skeleton keeps: those whose hashes are lowest."""

_MOST_ELEMENTS = 20_000
_UNCLASSED = frozenset(["html", "body"])  # theirs tell what an article is about
_PASSED_OVER = INLINE | words("br img source style script svg path noscript link meta")
# what an article is written in, in any template
_PROSE = words(
    "p h2 h3 h4 h5 h6 blockquote pre ul ol li dl dt dd table thead tbody tr td th figure "
    "figcaption video audio picture iframe embed object hr"
)
# classes that name one article, its tags or the state of a widget, not the template
_OF_ONE_PAGE = re.compile(r"\d|^(?:tag|category|author|post|is|has|js)[-_]", re.IGNORECASE)

Skeleton = tuple[int, ...]
"""Hashes of a page's features, ascending."""


def skeleton_of(tree: HtmlElement) -> Skeleton:
    """The skeleton of a document; empty where nothing in it has a class or a name."""
    found: set[tuple[str, str, str]] = set()
    named = _Named()
    for number, element in enumerate(tree.iter("*")):
        if number == _MOST_ELEMENTS:
            break
        tag = str(element.tag)
        if tag in _PASSED_OVER:
            continue
        own = named[element]
        if not own and tag in _PROSE:
            continue
        parent = element.getparent()
        found.add((named[parent] if parent is not None else "", tag, own))
    features = (f"{around}>{tag}{own}" for around, tag, own in found)
    return sketch(crc32(feature.encode("utf-8", "surrogatepass")) for feature in features)


def sketch(features: Iterable[int]) -> Skeleton:
    return tuple(sorted(set(features))[:SKETCH])


def likeness(one: Skeleton, other: Skeleton) -> float:
    """From 0 to 1: the share of their features that two pages have in common, as estimated from
    the lowest of both."""
    if not one or not other:
        return float(one == other)
    lowest = sketch((*one, *other))
    return len(set(one) & set(other) & set(lowest)) / len(lowest)


class _Named(dict[HtmlElement, str]):
    """What elements are called."""

    def __missing__(self, element: HtmlElement) -> str:
        label, identifier = element.get("class", ""), element.get("id", "")
        called = (label or identifier) and element.tag not in _UNCLASSED
        self[element] = names = _shown(label[:400], identifier[:41]) if called else ""
        return names


@lru_cache(maxsize=8192)
def _shown(label: str, identifier: str) -> str:
    names = sorted(name for name in set(label.split()) if not _OF_ONE_PAGE.search(name))
    if identifier and len(identifier) <= 40 and not _OF_ONE_PAGE.search(identifier):
        names.append(f"#{identifier}")
    return "." + ".".join(names) if names else ""
