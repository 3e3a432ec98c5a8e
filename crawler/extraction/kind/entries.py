"""The entries of a listing: headings that lead to other pages, each with a text below it."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.article import Paragraph, ParagraphKind
from crawler.extraction.kind.declared import bare
from crawler.extraction.page.surroundings import short_text
from crawler.extraction.page.web_addresses import absolute, host_of, is_front_page
from crawler.extraction.page.wording import squash, word_count

_MAX_ELEMENTS = 6_000
_MAX_FIRST = 10
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_HOLDERS = frozenset({"p", "div", "li", "td", "blockquote", "section", "summary", "dd", "span"})
_APART = frozenset({"nav", "footer"})
# letters by which a paragraph is found again
_KEY = 60
# what links are relative to on a page of no address
_SOMEWHERE = "http://page.invalid/-"
# words from which a text is more than a label
_LABEL = 5


@dataclass(frozen=True, slots=True)
class Entries:
    """`headings` lead to other pages of the site; `told` of them have a text of the page below,
    which has `share` of its words."""

    headings: int = 0
    told: int = 0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class EntryMap:
    """Where on a page the texts stand that were asked for, by how they begin: below which of the
    headings that lead to other pages, None for no such one."""

    headings: int
    asked: Set[str]
    below: Mapping[str, int | None]

    def covers(self, paragraphs: Sequence[Paragraph]) -> bool:
        """Whether all of them were asked for."""
        return _beginnings(paragraphs).keys() <= self.asked

    def entries(self, paragraphs: Sequence[Paragraph]) -> Entries:
        """How much of a text stands below headings that lead to other pages."""
        sizes = _beginnings(paragraphs)
        total = sum(sizes.values())
        below = {key: self.below.get(key) for key in sizes}
        words = sum(sizes[key] for key, heading in below.items() if heading is not None)
        told = len(set(below.values()) - {None})
        return Entries(self.headings, told, words / total if total else 0.0)


def read_entries(
    tree: HtmlElement, paragraphs: Sequence[Paragraph], url: str | None, addresses: Set[str]
) -> EntryMap:
    """Where these paragraphs, and any of them, stand among the headings of the page."""
    base = url or _SOMEWHERE
    asked = frozenset(_beginnings(paragraphs))
    waiting = set(asked)
    below: dict[str, int | None] = {}
    headings = entries = 0
    entry = False
    for element in islice(_shown(tree), _MAX_ELEMENTS):
        if element.tag in _HEADINGS:
            link = _link(element)
            target = absolute(link.get("href"), base) if link is not None else None
            entry = target is not None and _is_another(target, base, addresses | {bare(base)})
            entries += entry
            headings += entry and not _is_aside(element)
        elif waiting and element.tag in _HOLDERS:
            key = squash(short_text(element, 3 * _KEY))[:_KEY]
            if key in waiting:
                waiting.remove(key)
                below[key] = entries if entry else None
    return EntryMap(headings, asked, below)


def _beginnings(paragraphs: Sequence[Paragraph]) -> Mapping[str, int]:
    """How the paragraphs begin that are more than labels, and how many words each has."""
    return {
        squash(p.text)[:_KEY]: word_count(p.text)
        for p in paragraphs
        if p.kind is not ParagraphKind.HEADING and word_count(p.text) >= _LABEL
    }


def first_heading_leads_away(tree: HtmlElement, url: str | None, addresses: Set[str]) -> bool:
    """Whether the first heading, but for the site's own name, leads to another page of the site."""
    base = url or _SOMEWHERE
    for heading in islice(tree.iter("h1", "h2"), _MAX_FIRST):
        link = _link(heading)
        target = absolute(link.get("href"), base) if link is not None else None
        if not is_front_page(target) and not _is_apart(heading):
            return target is not None and _is_another(target, base, addresses | {bare(base)})
    return False


def _shown(tree: HtmlElement) -> Iterator[HtmlElement]:
    """The elements outside navigation and footers, in document order."""
    stack = [tree]
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str) or element.tag in _APART:
            continue
        yield element
        stack.extend(reversed(element))


def _is_aside(heading: HtmlElement) -> bool:
    return any(element.tag == "aside" for element in islice(heading.iterancestors(), 10))


def _is_apart(heading: HtmlElement) -> bool:
    return any(element.tag in _APART for element in islice(heading.iterancestors(), 10))


def _link(heading: HtmlElement) -> HtmlElement | None:
    """The link that a heading is, holds or stands in."""
    inside = next((e for e in islice(heading.iter(), 20) if e.tag == "a" and e.get("href")), None)
    if inside is not None:
        return inside
    around = (a for a in islice(heading.iterancestors(), 2) if a.tag == "a" and a.get("href"))
    return next(around, None)


def _is_another(target: str, url: str, addresses: Set[str]) -> bool:
    """Whether a link leads to another page of the site than this one and its front page."""
    host = host_of(url).removeprefix("www.")
    if is_front_page(target) or (host and host_of(target).removeprefix("www.") != host):
        return False
    place = bare(target)
    return place not in addresses and place.partition("?")[0] not in addresses
