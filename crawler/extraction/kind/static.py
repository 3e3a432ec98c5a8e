"""Pages that a site has once: about it, how to reach it, its terms, its shop.

No single sign tells them; what they lack (a date, a byline, a declaration) and what they have (a
form, a place in the site's menu, a name that such pages go by) is counted together. Names are weak
evidence, and count whole: "contact", never "contact-tracing".
"""

import re
import unicodedata
from collections.abc import Set
from itertools import islice
from typing import Final
from urllib.parse import unquote

from lxml.html import HtmlElement

from crawler.extraction.kind.declared import bare
from crawler.extraction.page.web_addresses import absolute, path_of
from crawler.extraction.page.wording import words

_GIVEN = """
    about about-us who-we-are our-team team staff masthead contact contact-us imprint impressum
    privacy privacy-policy cookies cookie-policy terms terms-of-use terms-of-service
    terms-and-conditions conditions legal legal-notice disclaimer accessibility advertise
    advertising advertise-with-us subscribe subscription subscriptions newsletter newsletters
    membership support support-us donate faq help jobs careers shop store cart checkout login signup
    register account search archive sitemap rss feeds corrections editorial-policy code-of-ethics
    ueber-uns uber-uns wir-ueber-uns redaktion kontakt datenschutz datenschutzerklaerung agb
    nutzungsbedingungen mediadaten werbung abo abonnieren abonnement karriere stellenangebote
    barrierefreiheit hilfe suche archiv anmelden registrieren spenden
    a-propos qui-sommes-nous nous-contacter contactez-nous mentions-legales
    politique-de-confidentialite confidentialite cgu cgv conditions-generales
    conditions-generales-dutilisation publicite abonnements s-abonner boutique recherche equipe
    la-redaction plan-du-site aide emploi
    acerca-de sobre-nosotros quienes-somos contacto contactanos aviso-legal politica-de-privacidad
    privacidad terminos-y-condiciones condiciones-de-uso publicidad suscripcion suscribete tienda
    equipo redaccion buscar
    chi-siamo contatti contattaci note-legali informativa-privacy termini-e-condizioni pubblicita
    abbonamenti abbonati redazione cerca
    sobre sobre-nos quem-somos contato contactos fale-conosco politica-de-privacidade termos-de-uso
    anuncie assine assinaturas equipe expediente
    over-ons over-contact privacybeleid algemene-voorwaarden colofon adverteren abonneren vacatures
    om-oss om-os kontakta-oss kontakt-oss personvern integritetspolicy annonsera prenumerera
    o-nas o-firmie polityka-prywatnosci regulamin reklama prenumerata redakcja
    tietoa-meista yhteystiedot tietosuoja hakkimizda iletisim kunye gizlilik
    о-нас о-проекте контакты реклама редакция политика-конфиденциальности
    会社概要 お問い合わせ 個人情報保護方針 利用規約 关于我们 联系我们 회사소개 문의하기
    من-نحن اتصل-بنا سياسة-الخصوصية
"""
NAMED_TWICE: Final = 2  # by its address and by its title
_EXTENSION = re.compile(r"\.\w{2,5}\Z")
_MAX_FORMS = 20
_MAX_LINKS = 3_000
_MAX_DEPTH = 12
_ASKED = frozenset({"email", "tel", "password"})


def named_static(url: str | None, title: str) -> int:
    """In how many of address and title a page goes by a name of such pages: 0, 1 or 2."""
    names = [_EXTENSION.sub("", it) for it in path_of(url).split("/") if it]
    last = next((name for name in reversed(names) if name != "index"), "")
    return (_key(last) in _NAMES) + (_key(title) in _NAMES)


def is_in_menu(tree: HtmlElement, url: str | None, addresses: Set[str]) -> bool:
    """Whether the site's own menu or footer leads to this page, as it does to no article."""
    for link in islice(tree.iter("a"), _MAX_LINKS):
        href = link.get("href") or ""
        target = absolute(href, url)
        if target is None or "#" in href or bare(target) not in addresses:
            continue
        around = [*islice(link.iterancestors(), _MAX_DEPTH)]
        tags = {element.tag for element in around}
        if tags.isdisjoint(("article", "main")) and not tags.isdisjoint(("nav", "footer")):
            labels = (f"{e.get('class') or ''} {e.get('aria-label') or ''}" for e in around)
            if not any("breadcrumb" in label.lower() for label in labels):
                return True
    return False


def asks_for_an_answer(tree: HtmlElement) -> bool:
    """Whether the page's own part has a form to write, to sign up or to pay with."""
    for form in islice(tree.iter("form"), _MAX_FORMS):
        around = [*islice(form.iterancestors(), _MAX_DEPTH)]
        if any(e.tag in ("nav", "footer", "aside", "header") for e in around):
            continue
        names = " ".join(f"{e.get('id') or ''} {e.get('class') or ''}" for e in [form, *around[:3]])
        if "comment" in names.lower() or "respond" in names.lower():
            continue
        fields = [*islice(form.iter("input", "textarea"), 30)]
        if any(f.tag == "textarea" or (f.get("type") or "").lower() in _ASKED for f in fields):
            return True
        if any("mail" in (field.get("name") or "").lower() for field in fields):
            return True
    return False


def _key(text: str) -> str:
    """Letters and digits without marks."""
    decomposed = unicodedata.normalize("NFKD", "".join(words(unquote(text[:300]))))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("_", "")


_NAMES = frozenset(_key(name) for name in _GIVEN.split())
