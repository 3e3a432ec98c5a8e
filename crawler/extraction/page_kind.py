"""What a page is: an article, or one of the things that must never become one.

The worst mistake is to lose an article. So whatever says that it is one (JSON-LD, Open Graph,
several paragraphs side by side) weighs more than what says it isn't, and what remains undecided
is an article.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.article import PageKind, Paragraph
from crawler.extraction.meta_tags import MetaTags, read_meta_tags
from crawler.extraction.metadata import Metadata
from crawler.extraction.structured import StructuredData
from crawler.extraction.surroundings import short_text
from crawler.extraction.web_addresses import host_of, is_front_page, path_of
from crawler.extraction.wording import word_count

# An article's text, in words, below which a page has to prove that it is one.
SHORT = 120
VERY_SHORT = 30
# A sentence, and what several of them make, in words; a teaser has one or two, each by itself.
_SENTENCE = 15
_ENOUGH_PROSE = 80
_MANY_TEASERS = 8
_MAX_ELEMENTS = 3_000

_LIVE_TYPES = frozenset({"LiveBlogPosting"})
_LISTING_TYPES = frozenset({"CollectionPage", "SearchResultsPage", "ItemList", "ProfilePage"})
_MEDIA_TYPES = frozenset(
    {
        "VideoObject", "AudioObject", "ImageGallery", "MediaGallery", "VideoGallery",
        "RadioEpisode", "PodcastEpisode", "TVEpisode", "Movie",
    }
)  # fmt: skip

# Services that stand between a crawler and a page, by the addresses their pages load.
_CHALLENGE_ADDRESS = re.compile(
    r"/cdn-cgi/challenge-platform/|challenges\.cloudflare\.com|captcha-delivery\.com|px-captcha"
    r"|_Incapsula_Resource|awswaf\.com|hcaptcha\.com|/recaptcha/|geo\.captcha|perimeterx"
    r"|/_sec/cp_challenge|ak-challenge",
    re.IGNORECASE,
)
_CHALLENGE_TITLE = re.compile(
    r"just a moment|attention required|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|are you (?:a )?(?:human|robot)|security check|pardon our interruption|access denied"
    r"|checking your browser|bot (?:detection|verification)|nur einen moment|un instant"
    r"|^captcha$|请稍候|しばらくお待ち",
    re.IGNORECASE,
)
_CONSENT_HOST = re.compile(r"(?:^|\.)(?:consent|guce|cmp|privacy-?(?:gate|wall))\.", re.IGNORECASE)
_CONSENT_FORM = re.compile(r"consent|collectconsent|privacy-?gate|cookie-?wall", re.IGNORECASE)
_COOKIE = re.compile(
    r"cookies?|consent|gdpr|rgpd|dsgvo|privacy|datenschutz|einwillig|zustimm|consentement"
    r"|confidentialit|privacidad|consentimiento|consenso|toestemming|samtyck|samtykk|zgod",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"\b(?:error|fehler|erreur|http)?\s?404\b|(?:page|seite|article|artikel|story|content)\b.{0,30}"
    r"\b(?:not (?:be )?found|nicht gefunden|doesn.t exist|no longer (?:exists|available)"
    r"|existiert nicht|niet gevonden|hittades inte|ikke fundet|blev ikke fundet)"
    r"|page introuvable|page non trouv|n.existe (?:pas|plus)|(?:página|pagina) no (?:se )?encontrad"
    r"|no (?:existe|encontramos) (?:la|esta) página|pagina non trovata|página não (?:foi )?encontrada"
    r"|siden (?:finnes|findes) ikke|fant ikke siden|sidan (?:hittades|finns) inte|sivua ei löy"
    r"|nie (?:została )?znalezion|stránka nenalezena|страница не найдена|сторінку не знайдено"
    r"|sayfa bulunamad|ページが見つかりません|ページは見つかりません|페이지를 찾을 수 없|找不到|未找到",
    re.IGNORECASE,
)
_BROKEN = re.compile(
    r"\b(?:error\s)?(?:50[0234]|403|429)\b(?:\s|$|[-–:|])|bad gateway|service (?:temporarily )?unavailable"
    r"|internal server error|gateway time-?out|too many requests|under maintenance|forbidden$"
    r"|wartungsarbeiten|database error|application error|site en maintenance|mantenimiento",
    re.IGNORECASE,
)
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
    if _LIVE_TYPES.intersection(structured.types):
        return PageKind.LIVE_BLOG
    meta = read_meta_tags(tree)
    words = sum(word_count(paragraph.text) for paragraph in paragraphs)
    declared = bool(structured.articles) or (meta.first("og:type") or "").lower() in (
        "article", "news", "newsarticle", "blog",
    )  # fmt: skip
    if not declared or words < VERY_SHORT:
        obstacle = _obstacle(tree, metadata, words, url)
        if obstacle:
            return obstacle
    if _is_media(structured, meta, words, declared, url):
        return PageKind.MEDIA
    if not declared and _is_listing(tree, structured, url):
        return PageKind.LISTING
    if words == 0 and not declared:
        return PageKind.ERROR
    if _LIVE_PATH.search(path_of(url)) and sum(1 for _ in islice(tree.iter("time"), 10)) == 10:
        return PageKind.LIVE_BLOG
    return PageKind.ARTICLE


def _obstacle(
    tree: HtmlElement, metadata: Metadata, words: int, url: str | None
) -> PageKind | None:
    """What stands in an article's place: a challenge, a consent wall, an error."""
    headings = [short_text(h, 200) for h in islice(tree.iter("title", "h1", "h2"), 6)]
    headings.append(metadata.title)
    if words < SHORT and any(_CHALLENGE_TITLE.search(heading) for heading in headings):
        return PageKind.CHALLENGE
    if any(_NOT_FOUND.search(heading) for heading in headings[:4] + headings[-1:]):
        return PageKind.SOFT_404
    if words < SHORT and any(_BROKEN.search(heading) for heading in headings):
        return PageKind.ERROR
    if _is_consent(tree, words, url):
        return PageKind.CONSENT
    # Ordinary pages load these services too, for their forms.
    return PageKind.CHALLENGE if words < VERY_SHORT and _loads_challenge(tree) else None


def _loads_challenge(tree: HtmlElement) -> bool:
    for element in islice(tree.iter("script", "iframe", "form", "div"), _MAX_ELEMENTS):
        attributes = element.attrib
        for name in ("src", "action", "id", "class"):
            if name in attributes and _CHALLENGE_ADDRESS.search(attributes[name][:500]):
                return True
    return False


def _is_consent(tree: HtmlElement, words: int, url: str | None) -> bool:
    if _CONSENT_HOST.search(host_of(url)):
        return True
    if words >= SHORT:
        return False
    text = short_text(tree, 20_000)
    mentions = sum(1 for _ in _COOKIE.finditer(text))
    if mentions < 3:
        return False
    forms = (element.get("action") or "" for element in islice(tree.iter("form"), 20))
    return mentions * 25 > word_count(text) or any(_CONSENT_FORM.search(f) for f in forms)


def _is_media(
    structured: StructuredData, meta: MetaTags, words: int, declared: bool, url: str | None
) -> bool:
    """A page whose point is a film, a recording or pictures, with a few lines of text to it."""
    if words >= SHORT:
        return False
    og_type = (meta.first("og:type") or "").lower()
    if og_type.startswith(("video", "music")) or (
        not structured.articles and _MEDIA_TYPES.intersection(structured.types)
    ):
        return True
    return bool(_MEDIA_PATH.search(path_of(url))) and (not declared or words < VERY_SHORT * 2)


def _is_listing(
    tree: HtmlElement,
    structured: StructuredData,
    url: str | None,
) -> bool:
    """A page whose point is its links. It has teasers, each apart, where an article has prose."""
    if url and is_front_page(url):
        return True
    if _prose(tree) >= _ENOUGH_PROSE:
        return False
    if _LISTING_TYPES.intersection(structured.types) or _LISTING_PATH.search(path_of(url)):
        return True
    return _teasers(tree) >= _MANY_TEASERS


def _prose(tree: HtmlElement) -> int:
    """The most words of prose that stand together in one element."""
    together: Counter[HtmlElement] = Counter()
    for element in islice(tree.iter("p", "div", "td", "section", "article"), _MAX_ELEMENTS):
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


def _teasers(tree: HtmlElement) -> int:
    """Headings that are links."""
    count = 0
    for heading in islice(tree.iter("h2", "h3", "h4"), _MAX_ELEMENTS):
        parent = heading.getparent()
        inside = next(heading.iter("a"), None) is not None
        count += inside or (parent is not None and parent.tag == "a")
    return count
