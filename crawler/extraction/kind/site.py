"""What a page is, decided again where other pages of its site are known.

One page alone is judged by what it says and shows; what its site's other pages are like, and how
the site lists it, says more. Pure: the same pages give the same corrections, in any order.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from crawler.extraction.article import Article, PageKind
from crawler.extraction.kind.static import NAMED_TWICE, named_static
from crawler.extraction.page.web_addresses import host_of, path_of, query_of
from crawler.extraction.page.wording import squash, word_count

MIN_ARTICLES: Final = 8
"""Articles of a site from which it is known what they have."""

_HAVE: Final = 0.9  # the share of a site's articles that makes a thing theirs
_REPEATED: Final = 3  # openings of other articles, or addresses of one text, that are no accident
_REPEATED_SHARE: Final = 0.5  # of a page's words
_REPEATED_SIGNED: Final = 0.8  # of the words of a page with a date and a byline: a round-up has own
_PARAGRAPHS: Final = 3  # of a text that a list shows whole,
_WHOLE: Final = 0.8  # or nearly so
_TITLES: Final = 5  # of other articles that a list shows
_EVERYWHERE: Final = 3  # pages that show the same title beside their text
_BELOW: Final = 3  # articles below an address that make it a section's
_WALL_WORDS: Final = 300
_OPENING: Final = 80  # letters by which a text is known again
_MIN_OPENING: Final = 20  # bytes of letters: seven characters of Japanese say as much

_ARCHIVED: Final = frozenset({PageKind.ARTICLE, PageKind.LIVE_BLOG})
_ONCE: Final = frozenset({PageKind.LISTING, PageKind.STATIC, PageKind.GATE})

_DATE: Final = re.compile(r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2])(?:\D|\Z)")
_NUMBER: Final = re.compile(r"\d{4,}")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_HEADLINE_WORDS: Final = 4  # of an address that reads like a headline


@dataclass(frozen=True, slots=True)
class SitePage:
    """One page of a site, and whether a feed or a news sitemap lists it.

    `kind` is what it was taken for: as it was read alone, or by an earlier look at the site.
    `texts` are its paragraphs, `shown` what it shows beside them; `published_at` is when it says
    that it was published. `anew` is a page that says something else than at that earlier look.
    """

    url: str
    kind: PageKind
    title: str
    texts: Sequence[str]
    summary: str = ""
    section: str | None = None
    authors: Sequence[str] = ()
    published_at: datetime | None = None
    listed: bool = False
    shown: Sequence[str] = ()
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """What a page is after all, and why."""

    kind: PageKind
    reason: str


def page_of(article: Article, url: str, *, listed: bool) -> SitePage:
    """A page as it was read at `url`; a date that an edit alone has counts for none."""
    return SitePage(
        url=url,
        kind=article.kind,
        title=article.title,
        texts=tuple(paragraph.text for paragraph in article.paragraphs),
        summary=article.description or "",
        section=article.section,
        authors=article.authors,
        published_at=None if article.is_dated_by_edit else article.published_at,
        listed=listed,
        shown=tuple(removed.text for removed in article.removed),
    )


def correct_kinds(pages: Iterable[SitePage]) -> dict[str, Correction]:
    """The corrections that the pages of one site make in one another, by address.

    A page that a feed or a news sitemap lists stays an article, and becomes one again where it was
    taken for none; but not where its text stands at several addresses.
    """
    by_url = {page.url: page for page in pages}
    known = _Site(by_url.values())
    found = ((page, known.correct(page)) for page in by_url.values())
    return {
        page.url: correction
        for page, correction in found
        if correction is not None and correction.kind is not page.kind
    }


class _Site:
    """What is known of a site by its pages."""

    def __init__(self, pages: Iterable[SitePage]) -> None:
        self.pages = pages = sorted(pages, key=lambda page: page.url)
        self.articles = [page for page in self.pages if page.kind in _ARCHIVED]
        # what a list names is an article with more certainty than what is taken for one
        listed = [page for page in self.articles if page.listed]
        self.trusted = listed if len(listed) >= MIN_ARTICLES else self.articles
        self.known = len(self.trusted) >= MIN_ARTICLES
        self.openings = _Openings(self.articles)
        texts = {page.url: {_key(text): word_count(text) for text in page.texts} for page in pages}
        # the shortest first: lists may be parts of lists
        self.paragraphs = dict(sorted(texts.items(), key=lambda it: (len(it[1]), it[0])))
        self.times = Counter(page.published_at for page in self.articles)
        self.are_dated = _share(page.published_at is not None for page in self.trusted) >= _HAVE
        self.are_signed = _share(bool(page.authors) for page in self.trusted) >= _HAVE
        self.are_filed = _share(bool(page.section) for page in self.trusted) >= _HAVE
        self.authors = {
            squash(name)
            for page in self.trusted
            if page.published_at is not None
            for name in page.authors
        }
        signers = Counter(squash(name) for page in self.trusted for name in set(page.authors))
        titles = Counter(squash(page.title) for page in self.pages)
        self.house = {
            name
            for name, n in signers.items()
            if n >= _HAVE * len(self.trusted) and titles[name] >= _EVERYWHERE
        }
        self.below = Counter(place for page in self.articles for place in _directories(page.url))
        self.sections = Counter(squash(p.section) for p in self.articles if p.section)
        self.texts: defaultdict[str, set[str]] = defaultdict(set)
        for page in self.pages:
            self.texts[_text_key(page)].add(page.url)

    def correct(self, page: SitePage) -> Correction | None:
        same = len(self.texts[_text_key(page)])
        repeats = same >= _REPEATED and sum(map(word_count, page.texts)) < _WALL_WORDS
        if page.kind not in _ARCHIVED:
            return self._readmit(page, repeats=repeats)
        listing = None if page.listed else self._as_listing(page)
        if listing is not None:
            return listing
        if repeats:
            return Correction(PageKind.GATE, f"{same} addresses have the same text")
        return None if page.listed else self._as_static(page)

    def _readmit(self, page: SitePage, *, repeats: bool) -> Correction | None:
        if page.kind not in _ONCE or not page.texts or repeats:
            return None
        if page.kind is PageKind.GATE:
            reason = "it has a text of its own now"
            return Correction(PageKind.ARTICLE, reason) if page.anew else None
        if page.listed:
            return Correction(PageKind.ARTICLE, "a feed or news sitemap lists it")
        own = self._is_dated(page) and self._is_signed_apart(page)
        own = own and named_static(page.url, page.title) < NAMED_TWICE
        if own and self._as_listing(page) is None:
            return Correction(PageKind.ARTICLE, "it has a date and a byline of its own")
        return None

    def _as_listing(self, page: SitePage) -> Correction | None:
        own = self._is_dated(page) and self._is_signed_apart(page)
        total = sum(map(word_count, page.texts))
        share = _REPEATED_SIGNED if own else _REPEATED_SHARE
        others, repeated = self.openings.repeated(page, page.texts)
        if len(others) >= _REPEATED and repeated >= share * total:
            return Correction(
                PageKind.LISTING, f"it repeats the openings of {len(others)} articles"
            )
        count, repeated = self._repeated_whole(page)
        if count >= _REPEATED and repeated >= share * total:
            return Correction(PageKind.LISTING, f"it repeats the texts of {count} articles")
        if own:
            return None
        below = self.below[_place(page.url)]
        if below >= _BELOW and (self._lacks(page) or self.sections[squash(page.title)] >= _BELOW):
            return Correction(PageKind.LISTING, f"{below} articles have addresses below its own")
        if not self._lacks(page):
            return None
        if self.sections[squash(page.title)] >= _BELOW:
            return Correction(PageKind.LISTING, "its title is a section of the site")
        shown = [text for text in page.shown if self.everywhere[squash(text)] < _EVERYWHERE]
        titles, words = self.openings.repeated(page, shown)
        if len(titles) >= _TITLES and words >= total:
            return Correction(PageKind.LISTING, f"it lists {len(titles)} articles")
        return None

    def _repeated_whole(self, page: SitePage) -> tuple[int, int]:
        """How many other pages of several paragraphs stand whole on a page, one beside the other,
        and how many words they are there."""
        own = self.paragraphs[page.url]
        left, count = set(own), 0
        for url, texts in self.paragraphs.items():
            here = len(texts.keys() & left)
            if url != page.url and here >= _PARAGRAPHS and here >= _WHOLE * len(texts):
                left -= texts.keys()
                count += 1
        return count, sum(words for key, words in own.items() if key not in left)

    def _as_static(self, page: SitePage) -> Correction | None:
        if not self._lacks(page):
            return None
        unlike = bool(self.traits - set(_traits(page.url)))
        if not unlike and not (self.are_filed and not page.section):
            return None
        lacking = "no date" + " and no byline" * (self.are_signed and not self._is_signed(page))
        address = ", and an address unlike theirs" * unlike
        return Correction(
            PageKind.STATIC, f"it has {lacking}, as the site's articles have{address}"
        )

    @cached_property
    def traits(self) -> Set[str]:
        """What the addresses of the site's articles have."""
        counts = Counter(trait for page in self.trusted for trait in _traits(page.url))
        return {trait for trait, count in counts.items() if count >= _HAVE * len(self.trusted)}

    @cached_property
    def everywhere(self) -> Counter[str]:
        """On how many pages each text is shown beside the page's own."""
        return Counter(key for page in self.pages for key in {squash(text) for text in page.shown})

    def _lacks(self, page: SitePage) -> bool:
        """Whether a page lacks a date that the site's articles have, and a byline if they have."""
        return (
            self.known
            and self.are_dated
            and not self._is_dated(page)
            and not (self.are_signed and self._is_signed(page))
        )

    def _is_dated(self, page: SitePage) -> bool:
        """Whether a page has a date of its own: a list may show that of an article in it."""
        at = page.published_at
        if at is None:
            return False
        others = self.times[at] - (page.kind in _ARCHIVED)
        return not others or at not in self.openings.dates(page)

    def _is_signed(self, page: SitePage) -> bool:
        """Whether an author of dated articles signed it: a house's name may stand on any page."""
        return any(squash(name) in self.authors for name in page.authors)

    def _is_signed_apart(self, page: SitePage) -> bool:
        """Whether it is signed by another name than the house's, which signs nearly all articles
        and is the title of several pages."""
        return any(squash(name) in self.authors - self.house for name in page.authors)


class _Openings:
    """What listings would show of a site's articles: titles, summaries, the beginnings of texts."""

    def __init__(self, articles: Iterable[SitePage]) -> None:
        by_key: defaultdict[str, list[SitePage]] = defaultdict(list)
        for page in articles:
            for key in {_key(it) for it in (page.title, page.summary, *page.texts[:2])}:
                by_key[key].append(page)
        self._by_start: defaultdict[str, list[tuple[str, SitePage]]] = defaultdict(list)
        for key, pages in by_key.items():
            # what many articles open with is no article's: a site's own words on itself
            if len(key.encode()) >= _MIN_OPENING and len(pages) < _EVERYWHERE:
                self._by_start[_start(key)] += [(key, page) for page in pages]

    def repeated(self, page: SitePage, texts: Iterable[str]) -> tuple[dict[str, SitePage], int]:
        """The other articles of which these texts of a page are openings, by address, and how many
        words they are."""
        others: dict[str, SitePage] = {}
        words = 0
        for text in texts:
            found = self._others(page, text)
            others |= found
            words += word_count(text) if found else 0
        return others, words

    def dates(self, page: SitePage) -> Set[datetime]:
        """The times, to the minute, at which articles were published that the page shows."""
        others = self.repeated(page, (*page.texts, *page.shown))[0].values()
        dates = {it.published_at for it in others if it.published_at is not None}
        return {it for it in dates if (it.hour, it.minute, it.second) != (0, 0, 0)}

    def _others(self, page: SitePage, text: str) -> dict[str, SitePage]:
        key = _key(text)
        if len(key.encode()) < _MIN_OPENING:
            return {}
        return {
            other.url: other
            for known, other in self._by_start.get(_start(key), ())
            if other.url != page.url and (known.startswith(key) or key.startswith(known))
        }


def _share(truths: Iterable[bool]) -> float:
    counted = [*truths]
    return sum(counted) / len(counted) if counted else 0.0


def _key(text: str) -> str:
    return squash(text[: 4 * _OPENING])[:_OPENING]


def _start(key: str) -> str:
    return key.encode()[:_MIN_OPENING].decode(errors="ignore")


def _text_key(page: SitePage) -> str:
    """The text as a key; a page without one is like no other."""
    return "\n".join(page.texts) or page.url


def _traits(url: str) -> Iterator[str]:
    """What can be said of an address, whatever its words."""
    path = unquote(path_of(url))
    segments = [segment for segment in path.split("/") if segment]
    yield f"{len(segments)} deep"
    if query_of(url):
        yield "a query"
    if _DATE.search(path):
        yield "a date"
    if any(_NUMBER.search(segment) for segment in segments[-2:]):
        yield "a number"
    if any(len(_WORD.findall(segment)) >= _HEADLINE_WORDS for segment in segments[-2:]):
        yield "a headline"
    if segments and "." in segments[-1]:
        yield segments[-1].rpartition(".")[2].lower()


def _place(url: str) -> str:
    return f"{host_of(url)}{unquote(path_of(url)).rstrip('/')}"


def _directories(url: str) -> Iterator[str]:
    """The addresses above that of a page, but its host's own."""
    place = _place(url)
    while (place := place.rpartition("/")[0]).count("/"):
        yield place
