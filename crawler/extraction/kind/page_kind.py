"""What a page is: an article, or one of the things that must never become one.

The worst mistake is to lose an article. So what says that a page is one (JSON-LD, Open Graph,
several paragraphs side by side, a date and a byline) weighs more than what says it isn't, and what
remains undecided is an article. `site` decides again, where other pages of the site are known.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from crawler.extraction.article import PageKind, Paragraph, ParagraphKind
from crawler.extraction.kind.entries import Entries
from crawler.extraction.kind.evidence import ARTICLE_OG, SENTENCE, Evidence
from crawler.extraction.kind.obstacles import SHORT, VERY_SHORT, find_obstacle
from crawler.extraction.kind.static import NAMED_TWICE
from crawler.extraction.kind.walls import shows_own_text
from crawler.extraction.page.web_addresses import is_front_page
from crawler.extraction.page.wording import word_count

# words that several sentences make
_ENOUGH_PROSE = 80
_MANY_TEASERS = 8
_SOME_TEASERS = 3
# the share of a page's text that entries have on a listing, and where one entry is all there is
_ENTRIES_SHARE = 0.6
_ONE_ENTRY_SHARE = 0.95
# where all that was found is a menu: its entries, and the share of words between them
_MENU_ENTRIES = 5
_BETWEEN_ENTRIES = 0.1
# signs of a page that a site has once, which make it one
_STATIC_SIGNS = 5
_CALENDAR_DAYS = 5
_MAX_TEXT = 5_000
_MAX_PARAGRAPHS = 100
_MANY_PICTURES = 5

_LISTING_TYPES = frozenset({"CollectionPage", "SearchResultsPage", "ItemList", "ProfilePage"})
_MEDIA_TYPES = frozenset(
    {
        "VideoObject", "AudioObject", "ImageGallery", "MediaGallery", "VideoGallery",
        "RadioEpisode", "PodcastEpisode", "TVEpisode", "Movie",
    }
)  # fmt: skip

_MEDIA_PATH = re.compile(
    r"/(?:videos?|watch|galler(?:y|ies)|galerie|galeria|fotos?|photos?|bilder|fotostrecken?"
    r"|diaporama|podcasts?|audio|mediathek|slideshow)/",
    re.IGNORECASE,
)
_LISTING_PATH = re.compile(
    r"/(?:tags?|topics?|themen?|category|categories|rubriques?|authors?|autoren?|search|suche"
    r"|recherche|archives?|page/\d+|sections?)(?:\.html?)?(?:/|$)",
    re.IGNORECASE,
)
# an archive of a year, a month or a day: nothing follows that would name an article
_DATED_PATH = re.compile(
    r"/(?:19|20)\d\d(?:/(?:0?[1-9]|1[0-2])(?:/(?:0?[1-9]|[12]\d|3[01]))?)?/?(?:index\.html?)?$"
)
_LIVE_PATH = re.compile(r"live-?(?:blog|ticker|updates?)|en-direct|minuto-a-minuto|/live/", re.I)


@dataclass(frozen=True)
class _Page:
    """What a page's kind is decided by: what it says, and the text that was found on it."""

    evidence: Evidence
    paragraphs: Sequence[Paragraph]
    words: int

    @property
    def entries(self) -> Entries:
        return self.evidence.entries(self.paragraphs)

    @property
    def declared(self) -> bool:
        return self.evidence.said.article or self.evidence.og_type in ARTICLE_OG

    @property
    def dated(self) -> bool:
        """Whether the page says when it was published, and not only when it was changed."""
        candidates = self.evidence.metadata.candidates
        published = candidates.get("published_at")
        return bool(published) and published != candidates.get("modified_at")

    @cached_property
    def unlinked(self) -> Sequence[int]:
        """The words of each paragraph found, but for headings and the texts of links."""
        links = self.evidence.titles_of_links
        return [
            word_count(paragraph.text[:_MAX_TEXT])
            - sum(word_count(text) for text in links if text in paragraph.text[:_MAX_TEXT])
            for paragraph in self.paragraphs[:_MAX_PARAGRAPHS]
            if paragraph.kind is not ParagraphKind.HEADING
        ]

    @property
    def sentences(self) -> int:
        """The words of the text found that stand in sentences and in no link."""
        return sum(count for count in self.unlinked if count >= SENTENCE)

    @cached_property
    def is_menu(self) -> bool:
        """Whether nothing was found but links of few words, one behind the other."""
        if self.words >= SHORT:
            return False
        text = "\n".join(paragraph.text for paragraph in self.paragraphs)
        shown = filter(text.__contains__, self.evidence.menu_entries)
        entries = sorted(shown, key=len, reverse=True)
        if not entries:
            return False
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, entries))})(?!\w)")
        rest, found = pattern.subn(" ", text)
        return found >= _MENU_ENTRIES and word_count(rest) <= _BETWEEN_ENTRIES * self.words

    @property
    def signed(self) -> bool:
        return self.dated and bool(self.evidence.authors)


def page_kind(evidence: Evidence, paragraphs: Sequence[Paragraph]) -> PageKind:
    """What the page is. `paragraphs` are what extraction found.

    Raises NeedsPage where that takes evidence that was not read with the page."""
    words = sum(word_count(paragraph.text) for paragraph in paragraphs)
    if words and evidence.is_live_posting:
        return PageKind.LIVE_BLOG
    page = _Page(evidence, paragraphs, words)
    obstacle = _obstacle(page)
    if obstacle is PageKind.CONSENT and _is_listing(page):
        return PageKind.LISTING  # a notice about cookies hides nothing
    kind = (
        obstacle
        or (PageKind.MEDIA if _is_media(page) else None)
        or (PageKind.LISTING if _is_listing(page) else None)
        or (PageKind.STATIC if _is_static(page) else None)
    )
    if kind is not None:
        return kind
    if page.words == 0:
        # what it declares an article has its words from elsewhere, or none
        return PageKind.NEEDS_JAVASCRIPT if page.declared else PageKind.ERROR
    if _LIVE_PATH.search(evidence.path) and evidence.has_many_times:
        return PageKind.LIVE_BLOG
    return PageKind.ARTICLE


def _obstacle(page: _Page) -> PageKind | None:
    """What stands in an article's place, on a page that shows no article of its own."""
    evidence = page.evidence
    if evidence.said.system is PageKind.SOFT_404 and not evidence.said.article:
        return PageKind.SOFT_404
    if not page.declared or page.words < VERY_SHORT:
        obstacle = find_obstacle(evidence.headings, page.words, evidence.url)
        if obstacle is not None:
            return obstacle
        if page.words < VERY_SHORT and evidence.loads_challenge:
            return PageKind.CHALLENGE
    if (
        evidence.said.article
        or page.signed
        or (page.declared and page.dated and page.words >= VERY_SHORT)
    ):
        return None
    wall = evidence.wall
    if wall is PageKind.CONSENT and shows_own_text(
        evidence.notice, [it.text for it in page.paragraphs]
    ):
        return None
    return wall


def _is_media(page: _Page) -> bool:
    """A page whose point is a film, a recording or pictures, with a few lines of text to it."""
    evidence = page.evidence
    if page.words >= SHORT:
        return False
    wordless = max(page.sentences, evidence.prose) < VERY_SHORT
    if wordless and evidence.pictures >= _MANY_PICTURES:
        return True
    if evidence.og_type.startswith(("video", "music")) or (
        not evidence.gives_articles and _MEDIA_TYPES.intersection(evidence.types)
    ):
        return True
    return bool(_MEDIA_PATH.search(evidence.path)) and (
        not page.declared or page.words < VERY_SHORT * 2
    )


def _is_listing(page: _Page) -> bool:
    """A page whose point is its links. It has entries, each apart, where an article has prose."""
    evidence = page.evidence
    said = evidence.said
    if said.system is PageKind.ARTICLE:
        return False
    if said.system is PageKind.LISTING and not (said.news and page.entries.share < _ENTRIES_SHARE):
        return True
    if evidence.leads_away and page.entries.told and page.entries.share >= _ONE_ENTRY_SHARE:
        return True
    if page.is_menu or (_DATED_PATH.search(evidence.path) and not evidence.prose):
        return True  # whatever its template declares
    if said.article:
        return False
    if is_front_page(evidence.url) or said.schema is PageKind.LISTING or evidence.is_search:
        return True
    if not page.signed and not evidence.prose and evidence.days >= _CALENDAR_DAYS:
        return True  # a calendar, which has no sentence
    entries = page.entries
    # below an article stand comments, which have headings with links as well
    enough_share = _ONE_ENTRY_SHARE if page.signed and not evidence.leads_away else _ENTRIES_SHARE
    if entries.told > 1 and entries.share > enough_share:
        return True
    named = bool(_LISTING_PATH.search(evidence.path))
    # an address like a list's, on a page without a date and a sentence, says more than og:type
    if page.declared and (page.dated or page.sentences or not named):
        return False
    if entries.told == 1 and entries.share >= _ONE_ENTRY_SHARE and len(page.paragraphs) <= 2:
        return True
    if evidence.prose >= _ENOUGH_PROSE or (page.signed and page.sentences >= _ENOUGH_PROSE):
        return False
    if _LISTING_TYPES.intersection(evidence.types) or named or _DATED_PATH.search(evidence.path):
        return True
    few_words = page.words < SHORT and not page.dated
    enough = _SOME_TEASERS if few_words else _MANY_TEASERS
    return entries.headings >= enough or _is_of_links(page)


def _is_of_links(page: _Page) -> bool:
    """Whether a page without a sentence is made of links, as an index of names is."""
    evidence = page.evidence
    return max([*page.unlinked, evidence.prose]) < SENTENCE * 2 and evidence.is_of_links


def _is_static(page: _Page) -> bool:
    """A page that a site has once, by what its system calls it or by several signs together."""
    evidence = page.evidence
    said = evidence.said
    if said.system is PageKind.STATIC:
        return not (page.signed and said.may_hold_article)
    if said.news or said.system is PageKind.ARTICLE:
        return False
    named = evidence.named_static
    if said.schema is PageKind.STATIC or named == NAMED_TWICE:
        return True
    if said.article:
        return False
    signs = (
        2 * named
        + (not page.dated)
        + (not evidence.authors)
        + (not page.declared)
        + evidence.gives_articles  # an article by a template's word alone
        + (page.words < SHORT)
        + evidence.asks_for_an_answer
    )
    if signs < _STATIC_SIGNS and not page.dated:
        signs += 2 * evidence.is_in_menu
    return signs >= _STATIC_SIGNS
