"""What a page's markup says of what it is, apart from the text that is found on it.

What costs more is read when it is first asked for and known from then on, without the page too:
the same page is judged again when its site's template has taken something out of its text.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import unquote_plus

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawler.extraction.article import PageKind, Paragraph
from crawler.extraction.kind import closed_parts, static
from crawler.extraction.kind.declared import bare, read_declaration
from crawler.extraction.kind.entries import (
    Entries,
    EntryMap,
    first_heading_leads_away,
    read_entries,
)
from crawler.extraction.kind.obstacles import headings_of, loads_challenge
from crawler.extraction.kind.walls import find_wall, notice_of
from crawler.extraction.metadata.gather import Metadata
from crawler.extraction.metadata.months import month_of
from crawler.extraction.page.structured import StructuredData, types_of
from crawler.extraction.page.surroundings import short_text
from crawler.extraction.page.web_addresses import path_of, query_of
from crawler.extraction.page.wording import squash, word_count

SENTENCE = 15
"""Words of a sentence; a teaser has one or two, each by itself."""

# a word, and no number of pages behind it
_NAME = re.compile(r"[^\W\d_]+")
# the share of a listing's words that are links, where it has no prose
_LINKED_SHARE = 0.6
_TEXT_HOLDERS = ("p", "div", "td", "section", "article", "main", "body", "blockquote")
_MAX_ELEMENTS = 3_000
_MAX_PARAMETERS = 20
_MAX_LINKS = 300
_MENU_CHARACTERS = 40
_MAX_FIGURES = 50
# words of a link that is another page's title
_LINK_WORDS = 3
_MANY_TIMES = 10
ARTICLE_OG = frozenset({"article", "news", "newsarticle", "blog"})
_SEARCHED = frozenset({"s", "q", "query", "search", "keyword", "keywords", "suche", "recherche"})
_OG_TYPE = XPath("string(//meta[@property='og:type']/@content)")
_SITE_NAME = XPath("//meta[@property='og:site_name']/@content")


_DAY_HOLDERS = ("td", "th", "li", "dt", "time", "a", "b", "strong", "span", "p", "h2", "h3", "div")
_DAY_CHARACTERS = 30
_MAX_INDENT = 200
_DAY_OR_WORD = re.compile(r"\d+|[^\W\d_]+")
_LONGEST_MONTH, _SHORTEST_MONTH = 31, 28


class NeedsPage(Exception):
    """What is asked for was not read while the page was at hand: it is to be read whole."""


class Evidence:
    """Evidence of one page. It travels without the page, with what was asked of it by then;
    NeedsPage is raised for the rest."""

    def __init__(
        self,
        tree: HtmlElement,
        structured: StructuredData,
        metadata: Metadata,
        url: str | None = None,
    ) -> None:
        self._tree: HtmlElement | None = tree
        self._entries: EntryMap | None = None
        self.url = url
        self.metadata = metadata
        self.address = url or metadata.canonical_url
        self.addresses: Set[str] = {bare(it) for it in (url, metadata.canonical_url) if it}
        self.types = structured.types
        self.gives_articles = bool(structured.articles)
        self.is_live_posting = any(
            "LiveBlogPosting" in types_of(node) for node in structured.articles
        )
        self.said = read_declaration(tree, structured, metadata.title, self.addresses)
        self.og_type = str(_OG_TYPE(tree)).strip().lower()
        self._site_names = structured.site_names
        self._closed_parts = tuple(closed_parts.closed_parts(structured))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_tree": None}

    @property
    def tree(self) -> HtmlElement:
        if self._tree is None:
            raise NeedsPage
        return self._tree

    def read_entries_of(self, paragraphs: Sequence[Paragraph]) -> None:
        """Let what was asked of the entries for some paragraphs be known for all of these."""
        if self._entries is not None:
            self.entries(paragraphs)

    def _first_links(self) -> Iterable[HtmlElement]:
        return islice(self.tree.iter("a"), _MAX_LINKS)

    # how it is laid out

    def entries(self, paragraphs: Sequence[Paragraph]) -> Entries:
        """How much of a text stands below headings that lead to other pages."""
        if self._entries is None or not self._entries.covers(paragraphs):
            self._entries = read_entries(self.tree, paragraphs, self.address, self.addresses)
        return self._entries.entries(paragraphs)

    @cached_property
    def leads_away(self) -> bool:
        return first_heading_leads_away(self.tree, self.address, self.addresses)

    @cached_property
    def titles_of_links(self) -> Sequence[str]:
        """The texts of its first links, those of more than a word or two."""
        texts = {short_text(link, 500) for link in self._first_links()}
        return sorted(text for text in texts if word_count(text) >= _LINK_WORDS)

    @cached_property
    def menu_entries(self) -> Set[str]:
        """The texts of its first links, those of few words."""
        texts = (short_text(link, _MENU_CHARACTERS + 1) for link in self._first_links())
        return {text for text in texts if text and len(text) <= _MENU_CHARACTERS}

    @cached_property
    def prose(self) -> int:
        """The most words of prose that stand together in one element."""
        together: Counter[HtmlElement] = Counter()
        for element in islice(self.tree.iter(*_TEXT_HOLDERS), _MAX_ELEMENTS):
            if element.tag == "p":
                words = word_count(short_text(element, 2_000))
                parent = element.getparent()
                owner = element if parent is None else parent
            else:
                words = word_count(" ".join([element.text or "", *(c.tail or "" for c in element)]))
                owner = element
            if words >= SENTENCE:
                together[owner] += words
        return max(together.values(), default=0)

    @cached_property
    def is_of_links(self) -> bool:
        """Whether most of what its lists, lines and tables say is links."""
        linked = shown = 0
        for element in islice(self.tree.iter("li", "p", "dt", "dd", "td"), _MAX_ELEMENTS):
            if any(e.tag in ("nav", "footer") for e in islice(element.iterancestors(), 10)):
                continue
            shown += len(_NAME.findall(short_text(element, 300)))
            links = islice(element.iter("a"), 5)
            linked += sum(len(_NAME.findall(short_text(link, 300))) for link in links)
        return shown > 0 and linked >= _LINKED_SHARE * shown

    @cached_property
    def days(self) -> int:
        """How many days the page names in short lines, as a calendar does: with their months, or
        all of a month by their numbers alone."""
        holders = islice(self.tree.iter(*_DAY_HOLDERS), _MAX_ELEMENTS)
        lines = ((element.text or "")[:_MAX_INDENT].strip() for element in holders)
        days = {day for day in map(_day_in, lines) if day is not None}
        numbers = {day for day in days if day[1] is None}
        return len(days if len(numbers) >= _SHORTEST_MONTH else days - numbers)

    @cached_property
    def pictures(self) -> int:
        """How many pictures the page shows in figures that lead to no other page."""
        figures = islice(self.tree.iter("figure", "amp-img"), _MAX_FIGURES)
        return sum(
            not any(e.tag in ("a", "aside", "nav", "footer") for e in islice(f.iterancestors(), 10))
            for f in figures
        )

    @cached_property
    def has_many_times(self) -> bool:
        times = islice(self.tree.iter("time"), _MANY_TIMES)
        return sum(1 for _ in times) == _MANY_TIMES

    # what it says of itself

    @property
    def claims_article(self) -> bool:
        """Whether it says that it is an article."""
        return (
            self.said.article or self.said.system is PageKind.ARTICLE or self.og_type in ARTICLE_OG
        )

    @property
    def path(self) -> str:
        return path_of(self.url)

    @cached_property
    def authors(self) -> Sequence[str]:
        """Its authors but for the site's own name, which templates put on every page."""
        houses = {squash(name) for name in self._site_names}
        houses |= {squash(str(name)) for name in _SITE_NAME(self.tree)}
        return [name for name in self.metadata.authors if squash(name) not in houses]

    @cached_property
    def headings(self) -> Sequence[str]:
        return headings_of(self.tree, self.metadata.title)

    @cached_property
    def named_static(self) -> int:
        return static.named_static(self.url, self.metadata.title)

    # what may be done with it, and what is in the way

    @cached_property
    def is_search(self) -> bool:
        """Whether the page answers a search: its address asks for what a field of it holds."""
        query = [pair.split("=", 1) for pair in query_of(self.url).split("&")[:_MAX_PARAMETERS]]
        asked = {
            unquote_plus(value)
            for name, *rest in query
            for value in rest
            if name.lower() in _SEARCHED
        }
        fields = islice(self.tree.iter("input"), 50)
        return any(value and value in asked for value in (field.get("value") for field in fields))

    @cached_property
    def asks_for_an_answer(self) -> bool:
        return static.asks_for_an_answer(self.tree)

    @cached_property
    def is_in_menu(self) -> bool:
        return static.is_in_menu(self.tree, self.url, self.addresses)

    @cached_property
    def loads_challenge(self) -> bool:
        return loads_challenge(self.tree)

    @cached_property
    def wall(self) -> PageKind | None:
        return find_wall(self.tree)

    @cached_property
    def notice(self) -> str:
        return notice_of(self.tree)

    @cached_property
    def has_paywall(self) -> bool:
        return closed_parts.has_paywall(self.tree)

    @cached_property
    def asks_to_subscribe(self) -> bool:
        return closed_parts.asks_to_subscribe(self.tree)

    @cached_property
    def shows_closed_parts(self) -> bool:
        """Whether the page names parts that are not free, and holds their text."""
        return bool(self._closed_parts) and closed_parts.holds_text(self.tree, self._closed_parts)


def _day_in(line: str) -> tuple[int, int | None] | None:
    """The day that a short line names with its month, or that it is the number of."""
    parts = _DAY_OR_WORD.findall(line) if len(line) <= _DAY_CHARACTERS else []
    days = [int(part) for part in parts if part.isdecimal() and len(part) < 3]
    if not days or not 1 <= days[0] <= _LONGEST_MONTH:
        return None
    month = next(filter(None, map(month_of, parts)), None)
    return (days[0], month) if month is not None or len(parts) == 1 else None
