"""What a page is: an article, or one of the things that must never become one.

The worst mistake is to lose an article. So what says that a page is one (JSON-LD, Open Graph,
several paragraphs side by side, a date and a byline) weighs more than what says it isn't, and what
remains undecided is an article. `site` decides again, where other pages of the site are known.
"""

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from urllib.parse import unquote_plus

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawler.extraction.article import PageKind, Paragraph, ParagraphKind
from crawler.extraction.kind.declared import Declaration, bare, read_declaration
from crawler.extraction.kind.entries import Entries, first_heading_leads_away, read_entries
from crawler.extraction.kind.obstacles import SHORT, VERY_SHORT, find_obstacle
from crawler.extraction.kind.static import asks_for_an_answer, is_in_menu, named_static
from crawler.extraction.kind.walls import find_wall
from crawler.extraction.metadata.gather import Metadata
from crawler.extraction.page.structured import StructuredData, types_of
from crawler.extraction.page.surroundings import short_text
from crawler.extraction.page.web_addresses import is_front_page, path_of, query_of
from crawler.extraction.page.wording import squash, word_count

# A sentence, and what several of them make, in words; a teaser has one or two, each by itself.
_SENTENCE = 15
_TEXT_HOLDERS = ("p", "div", "td", "section", "article", "main", "body", "blockquote")
_ENOUGH_PROSE = 80
_MANY_TEASERS = 8
_SOME_TEASERS = 3
# the share of a page's text that entries have on a listing, and where one entry is all there is
_ENTRIES_SHARE = 0.6
_ONE_ENTRY_SHARE = 0.95
# the share of a listing's words that are links, where it has no prose
_LINKED_SHARE = 0.6
# signs of a page that a site has once, which make it one
_STATIC_SIGNS = 5
# by its address and by its title
_NAMED_TWICE = 2
# a word, and no number of pages behind it
_NAME = re.compile(r"[^\W\d_]+")
_MAX_ELEMENTS = 3_000
_MAX_PARAMETERS = 20
_MAX_LINKS = 300
_MAX_TEXT = 5_000
_MAX_PARAGRAPHS = 100
# words of a link that is another page's title
_LINK_WORDS = 3
_MAX_FIGURES = 50
_MANY_PICTURES = 5
_SEARCHED = frozenset({"s", "q", "query", "search", "keyword", "keywords", "suche", "recherche"})

_OG_TYPE = XPath("string(//meta[@property='og:type']/@content)")
_SITE_NAME = XPath("//meta[@property='og:site_name']/@content")
_ARTICLE_OG = frozenset({"article", "news", "newsarticle", "blog"})
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
    r"|recherche|archives?|page/\d+|sections?)(?:/|$)",
    re.IGNORECASE,
)
_LIVE_PATH = re.compile(r"live-?(?:blog|ticker|updates?)|en-direct|minuto-a-minuto|/live/", re.I)


@dataclass(frozen=True)
class _Page:
    """What a page's kind is decided by; what costs more is read when it is asked for."""

    tree: HtmlElement
    structured: StructuredData
    metadata: Metadata
    url: str | None
    paragraphs: Sequence[Paragraph]
    words: int
    og_type: str
    addresses: Set[str]
    said: Declaration

    @cached_property
    def entries(self) -> Entries:
        address = self.url or self.metadata.canonical_url
        return read_entries(self.tree, self.paragraphs, address, self.addresses)

    @cached_property
    def leads_away(self) -> bool:
        address = self.url or self.metadata.canonical_url
        return first_heading_leads_away(self.tree, address, self.addresses)

    @property
    def declared(self) -> bool:
        return self.said.article or self.og_type in _ARTICLE_OG

    @property
    def dated(self) -> bool:
        """Whether the page says when it was published, and not only when it was changed."""
        candidates = self.metadata.candidates
        published = candidates.get("published_at")
        return bool(published) and published != candidates.get("modified_at")

    @cached_property
    def unlinked(self) -> Sequence[int]:
        """The words of each paragraph found, but for headings and the texts of links."""
        texts = {short_text(link, 500) for link in islice(self.tree.iter("a"), _MAX_LINKS)}
        links = [text for text in texts if word_count(text) >= _LINK_WORDS]
        return [
            word_count(paragraph.text[:_MAX_TEXT])
            - sum(word_count(text) for text in links if text in paragraph.text[:_MAX_TEXT])
            for paragraph in self.paragraphs[:_MAX_PARAGRAPHS]
            if paragraph.kind is not ParagraphKind.HEADING
        ]

    @property
    def sentences(self) -> int:
        """The words of the text found that stand in sentences and in no link."""
        return sum(count for count in self.unlinked if count >= _SENTENCE)

    @cached_property
    def authors(self) -> Sequence[str]:
        """Its authors but for the site's own name, which templates put on every page."""
        houses = {squash(name) for name in self.structured.site_names}
        houses |= {squash(str(name)) for name in _SITE_NAME(self.tree)}
        return [name for name in self.metadata.authors if squash(name) not in houses]

    @property
    def signed(self) -> bool:
        return self.dated and bool(self.authors)


def page_kind(
    tree: HtmlElement,
    structured: StructuredData,
    metadata: Metadata,
    paragraphs: Sequence[Paragraph],
    *,
    url: str | None = None,
) -> PageKind:
    """What the page is. `paragraphs` are what extraction found; `url` is where the page was."""
    words = sum(word_count(paragraph.text) for paragraph in paragraphs)
    if words and any("LiveBlogPosting" in types_of(node) for node in structured.articles):
        return PageKind.LIVE_BLOG
    addresses = _addresses(url, metadata.canonical_url)
    page = _Page(
        tree=tree,
        structured=structured,
        metadata=metadata,
        url=url,
        paragraphs=paragraphs,
        words=words,
        og_type=str(_OG_TYPE(tree)).strip().lower(),
        addresses=addresses,
        said=read_declaration(tree, structured, metadata.title, addresses),
    )
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
    if _LIVE_PATH.search(path_of(url)) and sum(1 for _ in islice(tree.iter("time"), 10)) == 10:
        return PageKind.LIVE_BLOG
    return PageKind.ARTICLE


def _addresses(*given: str | None) -> Set[str]:
    return {bare(address) for address in given if address}


def _obstacle(page: _Page) -> PageKind | None:
    """What stands in an article's place, on a page that shows no article of its own."""
    if page.said.system is PageKind.SOFT_404 and not page.said.article:
        return PageKind.SOFT_404
    if not page.declared or page.words < VERY_SHORT:
        obstacle = find_obstacle(page.tree, page.metadata.title, page.words, page.url)
        if obstacle is not None:
            return obstacle
    if (
        page.said.article
        or page.signed
        or (page.declared and page.dated and page.words >= VERY_SHORT)
    ):
        return None
    return find_wall(page.tree)


def _is_media(page: _Page) -> bool:
    """A page whose point is a film, a recording or pictures, with a few lines of text to it."""
    if page.words >= SHORT:
        return False
    wordless = max(page.sentences, _prose(page.tree)) < VERY_SHORT
    if wordless and _pictures(page.tree) >= _MANY_PICTURES:
        return True
    if page.og_type.startswith(("video", "music")) or (
        not page.structured.articles and _MEDIA_TYPES.intersection(page.structured.types)
    ):
        return True
    return bool(_MEDIA_PATH.search(path_of(page.url))) and (
        not page.declared or page.words < VERY_SHORT * 2
    )


def _pictures(tree: HtmlElement) -> int:
    """How many pictures the page shows in figures that lead to no other page."""
    figures = islice(tree.iter("figure", "amp-img"), _MAX_FIGURES)
    return sum(
        not any(e.tag in ("a", "aside", "nav", "footer") for e in islice(f.iterancestors(), 10))
        for f in figures
    )


def _is_listing(page: _Page) -> bool:
    """A page whose point is its links. It has entries, each apart, where an article has prose."""
    said = page.said
    if said.system is PageKind.ARTICLE:
        return False
    if said.system is PageKind.LISTING and not (said.news and page.entries.share < _ENTRIES_SHARE):
        return True
    if page.leads_away and page.entries.told and page.entries.share >= _ONE_ENTRY_SHARE:
        return True
    if said.article:
        return False
    if is_front_page(page.url) or said.schema is PageKind.LISTING or _is_search(page):
        return True
    entries = page.entries
    # below an article stand comments, which have headings with links as well
    enough_share = _ONE_ENTRY_SHARE if page.signed and not page.leads_away else _ENTRIES_SHARE
    if entries.told > 1 and entries.share > enough_share:
        return True
    if page.declared:
        return False
    if entries.told == 1 and entries.share >= _ONE_ENTRY_SHARE and len(page.paragraphs) <= 2:
        return True
    if _prose(page.tree) >= _ENOUGH_PROSE or (page.signed and page.sentences >= _ENOUGH_PROSE):
        return False
    if _LISTING_TYPES.intersection(page.structured.types) or _LISTING_PATH.search(
        path_of(page.url)
    ):
        return True
    few_words = page.words < SHORT and not page.dated
    enough = _SOME_TEASERS if few_words else _MANY_TEASERS
    return entries.headings >= enough or _is_of_links(page)


def _is_search(page: _Page) -> bool:
    """Whether the page answers a search: its address asks for what a field of it holds."""
    query = [pair.split("=", 1) for pair in query_of(page.url).split("&")[:_MAX_PARAMETERS]]
    asked = {
        unquote_plus(value) for name, *rest in query for value in rest if name.lower() in _SEARCHED
    }
    fields = islice(page.tree.iter("input"), 50)
    return any(value and value in asked for value in (field.get("value") for field in fields))


def _is_of_links(page: _Page) -> bool:
    """Whether a page without a sentence is made of links, as an index of names is."""
    if max([*page.unlinked, _prose(page.tree)]) >= _SENTENCE * 2:
        return False
    linked = shown = 0
    for element in islice(page.tree.iter("li", "p", "dt", "dd", "td"), _MAX_ELEMENTS):
        if any(e.tag in ("nav", "footer") for e in islice(element.iterancestors(), 10)):
            continue
        shown += len(_NAME.findall(short_text(element, 300)))
        links = islice(element.iter("a"), 5)
        linked += sum(len(_NAME.findall(short_text(link, 300))) for link in links)
    return shown > 0 and linked >= _LINKED_SHARE * shown


def _is_static(page: _Page) -> bool:
    """A page that a site has once, by what its system calls it or by several signs together."""
    said = page.said
    if said.system is PageKind.STATIC:
        return not (page.signed and said.may_hold_article)
    named = named_static(page.url, page.metadata.title)
    if said.news or said.system is PageKind.ARTICLE:
        return False
    if said.schema is PageKind.STATIC or named == _NAMED_TWICE:
        return True
    if said.article:
        return False
    signs = (
        2 * named
        + (not page.dated)
        + (not page.authors)
        + (not page.declared)
        + bool(page.structured.articles)  # an article by a template's word alone
        + (page.words < SHORT)
        + asks_for_an_answer(page.tree)
    )
    if signs < _STATIC_SIGNS and not page.dated:
        signs += 2 * is_in_menu(page.tree, page.url, page.addresses)
    return signs >= _STATIC_SIGNS


def _prose(tree: HtmlElement) -> int:
    """The most words of prose that stand together in one element."""
    together: Counter[HtmlElement] = Counter()
    for element in islice(tree.iter(*_TEXT_HOLDERS), _MAX_ELEMENTS):
        if element.tag == "p":
            words = word_count(short_text(element, 2_000))
            parent = element.getparent()
            owner = element if parent is None else parent
        else:
            words = word_count(" ".join([element.text or "", *(c.tail or "" for c in element)]))
            owner = element
        if words >= _SENTENCE:
            together[owner] += words
    return max(together.values(), default=0)
