"""Pages that stand before an article until the reader does something: agrees, pays, logs in.

They have next to no text of their own, and what they have is about the doing. In the languages of
the news its words are known, and they stand densely; in any language the markup tells: the names
that consent managers, paywalls and log-ins give their elements, a field for a password, a script
that must run. What declares an article and shows a text is none of them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from crawler.extraction.article import PageKind
from crawler.extraction.page.surroundings import short_text
from crawler.extraction.page.wording import squash, squeeze, word_count

# words of all that a page shows, from which it is more than a wall
MAX_WORDS = 450
_MAX_ELEMENTS = 4_000
_MAX_TEXT = 20_000
# words to one of a wall's own, below which a text is about the wall's matter
_DENSE = 14
_ENOUGH = 3
# words beside a notice that are a text, and letters by which one is known again
_OWN_WORDS = 12
_KEY = 200
_HIDDEN = ("script", "style", "noscript", "template", "head", "title")

_CONSENT = re.compile(
    r"cookie|クッキー|쿠키|كوكيز|ملفات تعريف|ciastecz|evästeet|sütik|куки|consent|gdpr|rgpd|dsgvo"
    r"|einwillig|zustimm|akzeptier|tracking|werbefrei|(?:ohne|mit) werbung|pur-abo|personalis"
    r"|datenschutz|privacy|accepter|accept(?:er)? et |sans accepter|refuser|traceurs|partenaires"
    r"|données personnelles|confidentialit|consentement|aceptar|rechazar|privacidad|consentim"
    r"|accetta|rifiut|consenso|aceitar|recusar|privacidade|toestemming|accepteer|akkoord|weiger"
    r"|samtyck|samtykk|godkänn|godta|zgod|akceptuj|prywatno|принять|согласи|同意|동의|موافق",
    re.IGNORECASE,
)
SUBSCRIPTION = re.compile(
    r"abonn|subscri|suscri|suscrí|assinant|assinatura|assine|prenumer|abbona|tilaa|tilaaj|előfizet"
    r"|predplat|předplat|подписк|подпиш|購読|会員|有料|订阅|구독|اشتراك|συνδρομ|abone|paywall"
    r"|\d+(?:[.,]\d\d)?\s?(?:€|\$|£|kr\b|zł|chf|eur\b)|(?:€|\$|£)\s?\d"
    r"|(?:pro|par|per|al|por|a|im|/)\s?(?:monat|mois|month|mes|mese|mês|maand|month|woche|week)",
    re.IGNORECASE,
)
LOG_IN = re.compile(
    r"log ?in|sign ?in|anmeld|einlogg|registrier|connect(?:er|ez)|se connecter|inscri|iniciar sesi"
    r"|register to "
    r"|accede|accedi|entrar|inlogg|logga in|logg inn|zaloguj|kirjaudu|giriş|войти|войдите"
    r"|ログイン|登录|登入|로그인|passwor|passwort|mot de passe|contraseñ|senha|wachtwoord|lösenord",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\b(?:16|18|21)\b.{0,30}(?:years|jahre|ans\b|años|anni|anos|jaar|år\b|lat\b|лет|歳|岁|세)"
    r"|(?:date of birth|geburtsdatum|date de naissance|fecha de nacimiento|data di nascita)"
    r"|(?:age|alter(?:s)?)[- ]?(?:verif|check|gate|prüf)",
    re.IGNORECASE,
)
_REGION = re.compile(
    r"(?:not|nicht|pas|no|non|não|niet|inte|ikke|nie|не)\W.{0,60}"
    r"(?:available|verfügbar|disponible|disponibile|disponível|beschikbaar|tillgänglig|tilgjengelig"
    r"|tilgængelig|dostępn|доступ).{0,60}"
    r"(?:region|country|land|pays|país|paese|location|europe|stan|area|territ|стран|регион)"
    r"|(?:region|country|land|pays|país|paese)\b.{0,40}\b(?:not|nicht|pas|no|non)\b.{0,20}"
    r"(?:available|verfügbar|disponible|disponibile)"
    r"|\b451\b.{0,20}(?:unavailable|legal)",
    re.IGNORECASE | re.DOTALL,
)
_SCRIPT_NEEDED = re.compile(r"java\s?script|\bjs\b", re.IGNORECASE)

_CONSENT_NAME = re.compile(
    r"consent|cookie|(?:^|[^a-z])cmp|didomi|onetrust|sp_message|gdpr|privacy|contentpass|usercentric"
    r"|iubenda|quantcast|pur-?abo",
    re.IGNORECASE,
)
PAYWALL_NAME = re.compile(
    r"pay-?wall|premium-?(?:wall|gate)|subscri(?:be|ption)-?(?:wall|gate|offer)|(?:^|[^a-z])offers?"
    r"|abo-?(?:wall|shop|offer)|plenigo|piano|poool|regwall",
    re.IGNORECASE,
)
_ACTIONS = frozenset({"form", "button", "input"})


def find_wall(tree: HtmlElement) -> PageKind | None:
    """Which wall a page is, by what it shows. Ask only of pages with little text of their own."""
    text = squeeze(" ".join(_shown(tree)))[:_MAX_TEXT]
    size = word_count(text)
    if size > MAX_WORDS:
        return None
    if size < MAX_WORDS // 8 and _needs_script(tree, text):
        return PageKind.NEEDS_JAVASCRIPT
    if _REGION.search(text) and size < MAX_WORDS // 3:
        return PageKind.GATE
    if not _has_action(tree):
        return None
    counted = {
        PageKind.PAYWALL: len(SUBSCRIPTION.findall(text)),
        PageKind.CONSENT: len(_CONSENT.findall(text)),
        PageKind.GATE: len(LOG_IN.findall(text)) + _ENOUGH * len(_AGE.findall(text)),
    }
    said = sum(counted.values())
    if said >= _ENOUGH and said * _DENSE > size:
        return max(counted, key=lambda kind: (counted[kind], kind))
    return _by_markup(tree, size)


def notice_of(tree: HtmlElement) -> str:
    """The letters of what a page shows in the elements of a manager of consent."""
    return squash(" ".join(_noticed(tree))[:_MAX_TEXT])


def shows_own_text(notice: str, texts: Sequence[str]) -> bool:
    """Whether most of what was found on a page is its own, and not a notice's about cookies: it
    stands elsewhere, and says nothing of them. Such a notice hides nothing."""
    own = [
        text for text in texts if not _CONSENT.search(text) and squash(text[:_KEY]) not in notice
    ]
    words = sum(map(word_count, own))
    return words >= _OWN_WORDS and 2 * words >= sum(map(word_count, texts))


def _noticed(tree: HtmlElement) -> Iterator[str]:
    """What elements show that are named as managers of consent name theirs."""
    for element in islice(tree.iter("body", "div", "section", "form", "dialog"), _MAX_ELEMENTS):
        if _CONSENT_NAME.search(f"{element.get('id') or ''} {element.get('class') or ''}"):
            yield short_text(element, _MAX_TEXT)


def _by_markup(tree: HtmlElement, size: int) -> PageKind | None:
    """What the names and the fields of a page of few words say."""
    forms = islice(tree.iter("form"), 20)
    if any(_CONSENT_NAME.search(form.get("action") or "") for form in forms):
        return PageKind.CONSENT
    if size > MAX_WORDS // 3:
        return None
    names = [
        f"{element.get('id') or ''} {element.get('class') or ''} {element.get('action') or ''}"
        for element in islice(tree.iter("body", "main", "div", "section", "form", "dialog"), 60)
    ]
    if any(_CONSENT_NAME.search(name) for name in names):
        return PageKind.CONSENT
    if any(PAYWALL_NAME.search(name) for name in names):
        return PageKind.PAYWALL
    fields = islice(tree.iter("input"), 30)
    return PageKind.GATE if any(field.get("type") == "password" for field in fields) else None


def _needs_script(tree: HtmlElement, text: str) -> bool:
    """Whether a page says that it is made by a script, or is empty but for scripts."""
    told = " ".join(short_text(each, 300) or (each.text or "")[:300] for each in _noscripts(tree))
    if _SCRIPT_NEEDED.search(text) and word_count(text) < 40:
        return True
    scripts = any(script.get("src") for script in islice(tree.iter("script"), 50))
    if word_count(text) >= 8 or not scripts:
        return False
    return bool(_SCRIPT_NEEDED.search(told)) or any(
        (element.get("id") or "").strip("_") in ("root", "app", "next", "nuxt", "svelte", "gatsby")
        for element in islice(tree.iter("div", "main"), 20)
    )


def _noscripts(tree: HtmlElement) -> Iterator[HtmlElement]:
    return islice(tree.iter("noscript"), 5)


def _has_action(tree: HtmlElement) -> bool:
    """Whether there is anything to press, to fill in or to follow."""
    return any(
        element.tag in _ACTIONS or element.get("role") == "button" or element.get("href")
        for element in islice(tree.iter("form", "button", "input", "a", "div"), _MAX_ELEMENTS)
    )


def _shown(tree: HtmlElement) -> Iterator[str]:
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in islice(walk, 4 * _MAX_ELEMENTS):
        if event == "end":
            if element.tail:
                yield element.tail
        elif element.tag in _HIDDEN:
            walk.skip_subtree()
        elif element.text:
            yield element.text
