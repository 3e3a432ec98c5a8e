"""What a page is: an article, or one of the things that must never become one.

The worst mistake is to lose an article. So whatever says that it is one (JSON-LD, Open Graph,
several paragraphs side by side) weighs more than what says it isn't, and what remains undecided
is an article.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawler.extraction.article import PageKind, Paragraph, ParagraphKind
from crawler.extraction.kind.obstacles import SHORT, VERY_SHORT, find_obstacle
from crawler.extraction.metadata.gather import Metadata
from crawler.extraction.page.structured import StructuredData, types_of
from crawler.extraction.page.surroundings import short_text
from crawler.extraction.page.web_addresses import absolute, is_front_page, path_of
from crawler.extraction.page.wording import word_count

# A sentence, and what several of them make, in words; a teaser has one or two, each by itself.
_SENTENCE = 15
_TEXT_HOLDERS = ("p", "div", "td", "section", "article", "main", "body", "blockquote")
_ENOUGH_PROSE = 80
_MANY_TEASERS = 8
_MAX_ELEMENTS = 3_000
_HEADINGS = ("h2", "h3", "h4")

_OG_TYPE = XPath("string(//meta[@property='og:type']/@content)")
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


def page_kind(
    tree: HtmlElement,
    structured: StructuredData,
    metadata: Metadata,
    paragraphs: Sequence[Paragraph],
    *,
    url: str | None = None,
) -> PageKind:
    """What the page is. `paragraphs` are what extraction found; `url` is where the page was."""
    if any("LiveBlogPosting" in types_of(node) for node in structured.articles):
        return PageKind.LIVE_BLOG
    og_type = str(_OG_TYPE(tree)).lower()
    words = sum(word_count(paragraph.text) for paragraph in paragraphs)
    declared = bool(structured.articles) or og_type in (
        "article", "news", "newsarticle", "blog",
    )  # fmt: skip
    if not declared or words < VERY_SHORT:
        obstacle = find_obstacle(tree, metadata.title, words, url)
        if obstacle:
            return obstacle
    if _is_media(structured, og_type, words, declared, url):
        return PageKind.MEDIA
    if not declared and (
        _is_listing(tree, structured, url)
        or _is_all_teasers(tree, paragraphs, url or metadata.canonical_url)
    ):
        return PageKind.LISTING
    if words == 0 and not declared:
        return PageKind.ERROR
    if _LIVE_PATH.search(path_of(url)) and sum(1 for _ in islice(tree.iter("time"), 10)) == 10:
        return PageKind.LIVE_BLOG
    return PageKind.ARTICLE


def _is_media(
    structured: StructuredData, og_type: str, words: int, declared: bool, url: str | None
) -> bool:
    """A page whose point is a film, a recording or pictures, with a few lines of text to it."""
    if words >= SHORT:
        return False
    if og_type.startswith(("video", "music")) or (
        not structured.articles and _MEDIA_TYPES.intersection(structured.types)
    ):
        return True
    return bool(_MEDIA_PATH.search(path_of(url))) and (not declared or words < VERY_SHORT * 2)


def _is_listing(tree: HtmlElement, structured: StructuredData, url: str | None) -> bool:
    """A page whose point is its links. It has teasers, each apart, where an article has prose."""
    if is_front_page(url):
        return True
    if _prose(tree) >= _ENOUGH_PROSE:
        return False
    if _LISTING_TYPES.intersection(structured.types) or _LISTING_PATH.search(path_of(url)):
        return True
    return sum(1 for _ in _linked_headings(tree)) >= _MANY_TEASERS


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


def _is_all_teasers(
    tree: HtmlElement, paragraphs: Sequence[Paragraph], address: str | None
) -> bool:
    """Whether all prose found stands in twos at most below headings that lead to other pages."""
    prose = {
        p.text
        for p in paragraphs
        if p.kind is not ParagraphKind.HEADING and word_count(p.text) >= _SENTENCE
    }
    teasers, untold = 0, set(prose)
    for heading, link in _linked_headings(tree):
        below = [short_text(element, 2_000) for element in islice(_below(heading), 10)]
        told = [text for text in below if text in prose]
        here = absolute(link.get("href"), address) in (None, absolute(address, None))
        if len(told) > (0 if here else 2):
            return False
        teasers += bool(told)
        untold -= set(told)
    return teasers > 0 and not untold


def _below(heading: HtmlElement) -> Iterator[HtmlElement]:
    """The elements from a heading to the next one."""
    for element in heading.itersiblings():
        if element.tag in _HEADINGS:
            return
        if isinstance(element.tag, str):
            yield element


def _linked_headings(tree: HtmlElement) -> Iterator[tuple[HtmlElement, HtmlElement]]:
    """Headings that are links, with the link."""
    for heading in islice(tree.iter(*_HEADINGS), _MAX_ELEMENTS):
        parent = heading.getparent()
        link = next((element for element in islice(heading.iter(), 20) if element.tag == "a"), None)
        if link is None and parent is not None and parent.tag == "a":
            link = parent
        if link is not None:
            yield heading, link
