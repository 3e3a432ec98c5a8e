"""The links of a front or section page, article links told from the others.

A link speaks by its address (`shapes`), by its words, and by its place: headlines are long, stand
in headings or `article` elements, and come in rows of one structure; a site's own furniture is
short, stands in `nav`, `header` and `footer`, and leads to a word or two.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from unicodedata import east_asian_width

from lxml import etree
from lxml.html import HtmlElement

from crawler.discovery.candidates import Candidate, CandidateKind, candidate
from crawler.discovery.pages import base_of, read_page, short_text
from crawler.discovery.shapes import article_score, is_file, is_view
from crawler.discovery.xml import local_name
from storage.frontier.addresses import InvalidURL, normalize

MAX_ANCHORS: Final = 20_000
"""Links looked at; the longest front pages have some two thousand."""

_ARTICLE: Final = 3
"""The score from which a link leads to an article."""

_UNDECIDED: Final = 1
"""The score from which a link leads to what most of its row lead to."""

_ROW: Final = 4
"""Links of one structure that make a row."""

_NOT_ENDORSED: Final = frozenset({"nofollow", "sponsored", "ugc"})
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_CONTEXTS: Final = (*_HEADINGS, "article", "aside", "nav", "header", "footer")
_MAX_CLASS: Final = 100


@dataclass(frozen=True, slots=True)
class _Anchor:
    """One `a` element: where it leads, its words, whether a heading holds them, and its place."""

    href: str
    text: str
    is_headline: bool
    place: int
    in_footer: bool
    row: str


@dataclass(slots=True)
class _Link:
    """An address, and the best that the anchors leading to it say of it."""

    url: str
    href: str
    shape: int
    title: str = ""
    is_headline: bool = False
    words: int = 0
    place: int = -9
    only_in_footers: bool = True
    rows: set[str] = field(default_factory=set)

    @property
    def score(self) -> int:
        return self.shape + self.words + self.place

    def add(self, anchor: _Anchor) -> None:
        if (anchor.is_headline, len(anchor.text)) > (self.is_headline, len(self.title)):
            self.title, self.is_headline = anchor.text, anchor.is_headline
        self.words = max(self.words, _words_score(anchor.text))
        self.place = max(self.place, anchor.place)
        self.only_in_footers = self.only_in_footers and anchor.in_footer
        self.rows.add(anchor.row)


def read_links(body: bytes, *, url: str, content_type: str | None = None) -> list[Candidate]:
    """The pages a page links to, in its order, as articles or sections.

    Left out: files that are no pages, the page itself in any view, links the page doesn't endorse
    (`rel=nofollow`, `sponsored`, `ugc`), and what isn't an article but stands in a footer alone or
    has a query, as forms and log-ins do. Hosts are as linked: see `candidates.own`. Raises
    NotAPage.
    """
    return links_of(read_page(body, url=url, content_type=content_type), url=url)


def links_of(document: HtmlElement, *, url: str) -> list[Candidate]:
    """`read_links` of a document that is read already."""
    base = base_of(document, normalize(url))
    links = _links(document, url, base)
    in_row = Counter(row for link in links for row in link.rows)
    articles_in_row = Counter(row for link in links if link.score >= _ARTICLE for row in link.rows)
    article_rows = {
        row for row, count in in_row.items() if count >= _ROW and 2 * articles_in_row[row] > count
    }
    found = []
    for link in links:
        in_article_row = not article_rows.isdisjoint(link.rows)
        if link.score >= _ARTICLE or (link.score >= _UNDECIDED and in_article_row):
            kind = CandidateKind.ARTICLE
        elif not link.only_in_footers and "?" not in link.url:
            kind = CandidateKind.SECTION
        else:
            continue
        found.append(candidate(link.href, kind, base=base, title=link.title))
    return [each for each in found if each is not None]


def _links(document: HtmlElement, url: str, base: str) -> list[_Link]:
    page = normalize(url)
    found: dict[str, _Link] = {}
    for anchor in islice(_anchors(document), MAX_ANCHORS):
        try:
            address = normalize(anchor.href, base=base)
        except InvalidURL:
            continue
        if address not in found:
            if is_file(address) or is_view(address, of=page):
                continue
            found[address] = _Link(address, anchor.href, article_score(address))
        found[address].add(anchor)
    return list(found.values())


def _anchors(document: HtmlElement) -> Iterator[_Anchor]:
    around: Counter[str] = Counter()
    heading: HtmlElement | None = None
    labels: dict[etree._Element, str] = {}
    for event, element in etree.iterwalk(document, ("start", "end"), (*_CONTEXTS, "a")):
        name = local_name(element)
        if event == "start":
            around[name] += 1
            if name == "a":
                heading = None
            elif name in _HEADINGS:
                heading = element
            continue
        around[name] -= 1
        href = element.get("href")
        if name != "a" or not href or not _NOT_ENDORSED.isdisjoint(element.get("rel", "").split()):
            continue
        text = short_text(element if heading is None else heading)
        in_heading = heading is not None or any(around[level] for level in _HEADINGS)
        yield _Anchor(
            href=href,
            text=text or element.get("title") or element.get("aria-label") or "",
            is_headline=in_heading and bool(text),
            place=_place(around, in_heading),
            in_footer=around["footer"] > 0 and not around["article"],
            row=_row(element, labels),
        )


def _place(around: Counter[str], in_heading: bool) -> int:
    if around["nav"] or ((around["footer"] or around["header"]) and not around["article"]):
        return -2
    if in_heading or around["article"]:
        return 1
    return -1 if around["aside"] else 0


def _row(anchor: HtmlElement, labels: dict[etree._Element, str]) -> str:
    """The structure an anchor stands in; alike for the teasers of one list."""
    around = [*islice(anchor.iterancestors(), 3)]
    for element in around:
        if element not in labels:
            labels[element] = f"{local_name(element)}.{element.get('class', '')[:_MAX_CLASS]}"
    return ">".join(labels[element] for element in around)


def _words_score(text: str) -> int:
    """0 for a label, 1 for a phrase, 2 for a headline. Wide characters are half a word each."""
    wide = 0 if text.isascii() else sum(east_asian_width(each) in "WF" for each in text)
    words = len(text.split()) + wide // 2
    if words >= 5 or len(text) + wide >= 32:
        return 2
    return 1 if words >= 3 else 0
