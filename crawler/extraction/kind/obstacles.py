"""What publishers and their guards serve in an article's place: challenges and errors.

Such pages have no markup in common; what they say in title and headings is all there is to tell
them by. The phrases are those of the servers and services in common use, in the languages of the
news; they count only on a page with next to no text that doesn't declare an article.
"""

import re
from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.article import PageKind
from crawler.extraction.page.surroundings import short_text
from crawler.extraction.page.web_addresses import host_of

# An article's text, in words, below which a page has to prove that it is one.
SHORT = 120
VERY_SHORT = 30

_MAX_ELEMENTS = 3_000

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
_NOT_FOUND = re.compile(
    r"^\W*404\b|\b(?:error|fehler|erreur|errore|http|page)\s?404\b|(?:page|pagina|seite|article|artikel|story|content)\b.{0,30}"
    r"\b(?:not (?:be )?found|nicht gefunden|doesn.t exist|no longer (?:exists|available)"
    r"|existiert nicht|niet gevonden|hittades inte|ikke fundet|blev ikke fundet)"
    r"|page introuvable|page non trouv|n.existe (?:pas|plus)|(?:página|pagina) no (?:se )?encontrad"
    r"|no (?:existe|encontramos) (?:la|esta) página|pagina non trovata"
    r"|página não (?:foi )?encontrada"
    r"|siden (?:finnes|findes) ikke|fant ikke siden|sidan (?:hittades|finns) inte|sivua ei löy"
    r"|nie (?:została )?znalezion|stránka nenalezena|страница не найдена|сторінку не знайдено"
    r"|sayfa bulunamad|ページ[がは]見つかりません|페이지를 찾을 수 없|找不到|未找到",
    re.IGNORECASE,
)
_BROKEN = re.compile(
    r"^\W*(?:error\s*|http\s*)?(?:50[0234]|403|429)\s*(?:$|[-–:|]|error)|bad gateway"
    r"|service (?:temporarily )?unavailable"
    r"|internal server error|gateway time-?out|too many requests|under maintenance|forbidden$"
    r"|wartungsarbeiten|database error|application error|site en maintenance|mantenimiento",
    re.IGNORECASE,
)


def headings_of(tree: HtmlElement, title: str) -> Sequence[str]:
    """What a page is called by: its first headings, and the title that was chosen."""
    headings = [short_text(h, 200) for h in islice(tree.iter("title", "h1", "h2"), 6)]
    return [*headings, title]


def find_obstacle(headings: Sequence[str], words: int, url: str | None) -> PageKind | None:
    """What stands in an article's place by its headings and its address, or None. `words` is the
    length of the text found."""
    if words < SHORT and any(_CHALLENGE_TITLE.search(heading) for heading in headings):
        return PageKind.CHALLENGE
    if words < 3 * SHORT and any(_NOT_FOUND.search(heading) for heading in headings):
        return PageKind.SOFT_404
    if words < SHORT and any(_BROKEN.search(heading) for heading in headings):
        return PageKind.ERROR
    return PageKind.CONSENT if _CONSENT_HOST.search(host_of(url)) else None


def loads_challenge(tree: HtmlElement) -> bool:
    """Whether the page loads a guard's service, as ordinary pages do too, for their forms."""
    for element in islice(tree.iter("script", "iframe", "form", "div"), _MAX_ELEMENTS):
        attributes = element.attrib
        for name in ("src", "action", "id", "class"):
            if name in attributes and _CHALLENGE_ADDRESS.search(attributes[name][:500]):
                return True
    return False
