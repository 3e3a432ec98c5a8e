"""What a page is, decided again where other pages of its site are known.

One page alone is judged by what it says and shows; what its site's other pages are like, and how
the site lists it, says more. Pure: the same pages give the same corrections, in any order.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from crawler.extraction.article import Article, PageKind
from crawler.extraction.page.web_addresses import host_of, path_of
from crawler.extraction.page.wording import squash, word_count

MIN_ARTICLES: Final = 8
"""Articles of a site from which it is known what they have."""

_HAVE: Final = 0.9  # the share of a site's articles that makes a thing theirs
_REPEATED: Final = 3  # openings of other articles, or addresses of one text, that are no accident
_REPEATED_SHARE: Final = 0.5
_BELOW: Final = 3  # articles below an address that make it a section's
_WALL_WORDS: Final = 300
_OPENING: Final = 80  # letters by which a text is known again
_MIN_OPENING: Final = 20

_ARCHIVED: Final = frozenset({PageKind.ARTICLE, PageKind.LIVE_BLOG})


@dataclass(frozen=True, slots=True)
class SitePage:
    """One page of a site, as it was read alone, and whether a feed or a news sitemap lists it.

    `texts` are its paragraphs; `dated` is whether it says when it was published.
    """

    url: str
    kind: PageKind
    title: str
    texts: Sequence[str]
    section: str | None = None
    authors: Sequence[str] = ()
    dated: bool = False
    listed: bool = False


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
        section=article.section,
        authors=article.authors,
        dated=article.published_at is not None and not article.is_dated_by_edit,
        listed=listed,
    )


def correct_kinds(pages: Iterable[SitePage]) -> dict[str, Correction]:
    """The corrections that the pages of one site make in one another, by address.

    A page that a feed or a news sitemap lists stays an article, and becomes one again where signs
    of a static page had made it none; but not where its text stands at several addresses.
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
        pages = sorted(pages, key=lambda page: page.url)
        articles = [page for page in pages if page.kind in _ARCHIVED]
        # what a list names is an article with more certainty than what is taken for one
        listed = [page for page in articles if page.listed]
        trusted = listed if len(listed) >= MIN_ARTICLES else articles
        self.known = len(trusted) >= MIN_ARTICLES
        self.are_dated = _share(page.dated for page in trusted) >= _HAVE
        self.are_signed = _share(bool(page.authors) for page in trusted) >= _HAVE
        self.authors = {squash(name) for page in trusted if page.dated for name in page.authors}
        self.openings: defaultdict[str, set[str]] = defaultdict(set)
        self.below: Counter[str] = Counter()
        self.sections = Counter(squash(p.section) for p in articles if p.section)
        for page in articles:
            for opening in _openings(page):
                self.openings[opening].add(page.url)
            self.below.update(_directories(page.url))
        self.texts: defaultdict[str, set[str]] = defaultdict(set)
        for page in pages:
            self.texts[_text_key(page)].add(page.url)

    def correct(self, page: SitePage) -> Correction | None:
        if page.kind is PageKind.STATIC and page.listed and page.texts:
            return Correction(PageKind.ARTICLE, "a feed or news sitemap lists it")
        if page.kind not in _ARCHIVED:
            return None
        listing = None if page.listed else self._as_listing(page)
        if listing is not None:
            return listing
        same = len(self.texts[_text_key(page)])
        if same >= _REPEATED and sum(map(word_count, page.texts)) < _WALL_WORDS:
            return Correction(PageKind.GATE, f"{same} addresses have the same text")
        return None if page.listed else self._as_static(page)

    def _as_listing(self, page: SitePage) -> Correction | None:
        others = {url for key in map(_key, page.texts) for url in self.openings.get(key, ())}
        others.discard(page.url)
        repeated = sum(
            bool(self.openings.get(_key(text), set()) - {page.url}) for text in page.texts
        )
        if len(others) >= _REPEATED and repeated >= _REPEATED_SHARE * len(page.texts):
            return Correction(
                PageKind.LISTING, f"it repeats the openings of {len(others)} articles"
            )
        if page.dated and self._is_signed(page):
            return None
        below = self.below[_place(page.url)]
        if below >= _BELOW and (self._lacks(page) or self.sections[squash(page.title)] >= _BELOW):
            return Correction(PageKind.LISTING, f"{below} articles have addresses below its own")
        if self.sections[squash(page.title)] >= _BELOW and self._lacks(page):
            return Correction(PageKind.LISTING, "its title is a section of the site")
        return None

    def _as_static(self, page: SitePage) -> Correction | None:
        if not self._lacks(page):
            return None
        lacking = "no date" + " and no byline" * (self.are_signed and not self._is_signed(page))
        return Correction(PageKind.STATIC, f"it has {lacking}, as the site's articles have")

    def _lacks(self, page: SitePage) -> bool:
        """Whether a page lacks a date that the site's articles have, and a byline if they have."""
        return (
            self.known
            and self.are_dated
            and not page.dated
            and not (self.are_signed and self._is_signed(page))
        )

    def _is_signed(self, page: SitePage) -> bool:
        """Whether an author of dated articles signed it: a house's name may stand on any page."""
        return any(squash(name) in self.authors for name in page.authors)


def _share(truths: Iterable[bool]) -> float:
    counted = [*truths]
    return sum(counted) / len(counted) if counted else 0.0


def _openings(page: SitePage) -> Set[str]:
    """What a listing would show of an article: its title, and the beginnings of its texts."""
    keys = {_key(page.title), *map(_key, page.texts[:2])}
    return {key for key in keys if len(key) >= _MIN_OPENING}


def _key(text: str) -> str:
    return squash(text[: 4 * _OPENING])[:_OPENING]


def _text_key(page: SitePage) -> str:
    """The text as a key; a page without one is like no other."""
    return "\n".join(page.texts) or page.url


def _place(url: str) -> str:
    return f"{host_of(url)}{unquote(path_of(url)).rstrip('/')}"


def _directories(url: str) -> Iterator[str]:
    """The addresses above that of a page, but its host's own."""
    place = _place(url)
    while (place := place.rpartition("/")[0]).count("/"):
        yield place
