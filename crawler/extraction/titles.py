"""The title a page shows its readers, without the name of its site.

A page states its title several times: in a heading, in JSON-LD, for social networks, for the
browser's tab. Each place is wrong on some sites: the heading is the logo or a kicker, the tab has
the site's name in it, the card is a shorter or a louder wording. So they vote.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extraction.article import Candidate
from crawler.extraction.meta_tags import MetaTags
from crawler.extraction.structured import StructuredData, plain

MAX_TITLE = 500
MAX_HEADINGS = 20

_WORD = re.compile(r"\w+")
_SEPARATOR = re.compile(r"\s+(?:[|｜ᅵ·•»«›‹]|[-–—]{1,2}|::|\|\|)\s+|\s*[|｜ᅵ]\s*")
_WEAK_SEPARATOR = re.compile(r":\s+")
_BREAKING = frozenset({"br", "div", "p", "li", "h2", "h3"})

# What a place is worth. A heading is what the reader sees; JSON-LD is written by the same hand.
_WEIGHTS = {"h1": 3.5, "json-ld": 3.0, "meta:og:title": 2.0, "title": 2.0, "meta:twitter:title": 1.0}
_NEAR = 0.5


@dataclass(frozen=True, slots=True)
class _Stated:
    text: str
    source: str
    words: frozenset[str]
    key: str


def read_title(
    tree: HtmlElement, structured: StructuredData, meta: MetaTags, site_names: Sequence[str]
) -> tuple[str, tuple[Candidate, ...]]:
    """The title, empty where there is none, and what each place said."""
    raw = [*_raw_titles(tree, structured, meta)]
    sites = {squash(name) for name in site_names} - {""}
    headings = {squash(text) for text, source in raw if source in ("h1", "json-ld")}
    stated = [_state(_without_site(text, sites, headings), source) for text, source in raw]
    stated = [one for one in stated if one.key and one.key not in sites] or [
        _state(text, source) for text, source in raw
    ]
    candidates = tuple(Candidate(text, source) for text, source in raw)
    if not stated:
        return "", candidates
    best = max(stated, key=lambda one: _votes(one, stated))
    return _spelling(best, stated), candidates


def squash(text: str) -> str:
    """Letters and digits alone: equal for two spellings of one name or title."""
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", text).lower()))


def _raw_titles(
    tree: HtmlElement, structured: StructuredData, meta: MetaTags
) -> Iterator[tuple[str, str]]:
    for number, heading in enumerate(tree.iter("h1")):
        if number == MAX_HEADINGS:
            break
        text = _shown(heading)
        if text:
            yield text, "h1"
    for node in structured.articles[:1]:
        for name in ("headline", "name"):
            text = next(structured.texts(node, name), "")
            if text:
                yield plain(text)[:MAX_TITLE], "json-ld"
                break
    for source in ("og:title", "twitter:title"):
        text = meta.first(source)
        if text:
            yield plain(text)[:MAX_TITLE], f"meta:{source}"
    title = next(tree.iter("title"), None)
    text = plain(title.text or "")[:MAX_TITLE] if title is not None else ""
    if text:
        yield text, "title"


def _shown(heading: HtmlElement) -> str:
    """The text of a heading, words kept apart where a reader sees them apart."""
    parts: list[str] = []
    for element in heading.iter():
        if element.tag in _BREAKING:
            parts.append(" ")
        if element.tag not in ("script", "style", "svg", "noscript"):
            parts.append(element.text or "")
        if element is not heading:
            if element.tag in _BREAKING:
                parts.append(" ")
            parts.append(element.tail or "")
    return " ".join("".join(parts).split())[:MAX_TITLE]


def _state(text: str, source: str) -> _Stated:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    return _Stated(text, source, frozenset(words), "".join(words))


def _votes(one: _Stated, stated: Iterable[_Stated]) -> float:
    votes = 0.0
    counted: set[str] = set()
    for other in stated:
        if other.source in counted:  # the second heading of a page has no second vote
            continue
        if other.key == one.key:
            counted.add(other.source)
            votes += _WEIGHTS[other.source]
        elif _likeness(one, other) >= _NEAR:
            counted.add(other.source)
            votes += _WEIGHTS[other.source] * _NEAR
    return votes


def _likeness(one: _Stated, other: _Stated) -> float:
    shared = len(one.words & other.words)
    return shared / (min(len(one.words), len(other.words)) or 1) if shared > 1 else 0.0


def _spelling(best: _Stated, stated: Iterable[_Stated]) -> str:
    """Of one title's spellings the one with most spaces: markup swallows some."""
    same = [one.text for one in stated if one.key == best.key]
    return max(same, key=lambda text: text.count(" "))


def _without_site(text: str, sites: set[str], headings: set[str]) -> str:
    """`text` without the parts that name the site."""
    if squash(text) in headings:
        return text
    separators = list(_SEPARATOR.finditer(text))
    for separator in separators:
        head, tail = text[: separator.start()], text[separator.end() :]
        for part in (head, tail):
            if squash(part) in headings:
                return part
    parts = _SEPARATOR.split(text)
    if len(parts) < 2:
        return text
    kept_end = len(text)
    for separator in reversed(separators):
        tail = text[separator.end() : kept_end]
        if _names_site(tail, sites) or (
            separator is separators[-1] and len(tail.split()) * 2 <= len(text.split())  and len(tail.split())<=4
        ):
            kept_end = separator.start()
        else:
            break
    return text[:kept_end]


def _names_site(part: str, sites: set[str]) -> bool:
    key = squash(part)
    return any(key == site or (len(site) > 3 and (key in site or site in key)) for site in sites)
