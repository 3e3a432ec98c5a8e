"""What may stand before an article for a day, as its vendors make it."""

from dataclasses import dataclass
from http import HTTPStatus

CONSENT_PATH = "/consent"

_CONSENT = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Harbour Post</title>
<script src="https://sdk.privacy-center.org/loader.js" async></script></head><body>
<div id="didomi-host"><div id="didomi-popup" class="didomi-popup-open" role="dialog">
<h1>Bienvenue sur Harbour Post</h1><p>Avec votre accord, nos 843 partenaires et nous utilisons des
cookies ou technologies similaires pour stocker et accéder à des données personnelles comme votre
visite sur ce site. Vous pouvez retirer votre consentement ou vous opposer aux traitements à tout
moment en cliquant sur « En savoir plus » ou dans notre politique de confidentialité.</p>
<button id="didomi-notice-agree-button">Accepter et fermer</button>
<a href="#" class="didomi-continue-without-agreeing">Continuer sans accepter</a></div></div>
</body></html>"""
_PUR = """<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>Harbour Post</title>
<script src="https://cp.harbour.example/now.js" async></script></head><body class="cp-page">
<div class="contentpass-layer"><h1>Weiterlesen mit Werbung</h1><p>Besuchen Sie Harbour Post wie
gewohnt mit Werbung und Tracking. Ihre Zustimmung ist jederzeit widerrufbar. Wir und unsere 212
Partner verarbeiten personenbezogene Daten.</p><button>Akzeptieren und weiter</button>
<h2>Pur-Abo</h2><p>Nutzen Sie Harbour Post ohne Werbung und ohne Tracking für 3,99 € im Monat.</p>
<a href="/pur">Jetzt abonnieren</a><p>Bereits Abonnent? <a href="/login">Hier anmelden</a></p>
<p><a href="/privacy-policy/">Datenschutz</a> <a href="/imprint/">Impressum</a></p></div>
</body></html>"""
_SHELL = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Harbour Post</title>
<script defer src="/static/js/main.3f6c2a.js"></script></head><body>
<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>
</body></html>"""
_CHALLENGE = """<html lang="en"><head><title>harbour.example</title></head><body style="margin:0">
<p id="cmsg">Please enable JS and disable any ad blocker</p>
<script>var dd={'rt':'c','cid':'AHrlq','hsh':'A8','t':'bv','s':3,'host':'geo.captcha-delivery.com'}
</script><script src="https://ct.captcha-delivery.com/c.js"></script></body></html>"""


@dataclass(frozen=True, slots=True)
class Wall:
    """What is answered in an article's place; `leads_to` is a path that it redirects to."""

    status: int
    body: str = ""
    leads_to: str = ""


CONSENT = Wall(HTTPStatus.OK, _CONSENT)
WALLS = (
    CONSENT,
    Wall(HTTPStatus.OK, _PUR),
    Wall(HTTPStatus.OK, _SHELL),
    None,  # the system's own: a teaser, and what to pay
    Wall(HTTPStatus.FORBIDDEN, _CHALLENGE),
    Wall(HTTPStatus.FOUND, leads_to=CONSENT_PATH),
)
