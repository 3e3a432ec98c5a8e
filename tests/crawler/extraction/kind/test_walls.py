"""What stands before an article, in several languages and in none."""

import pytest
from lxml.html import document_fromstring

from crawler.extraction import PageKind, extract
from crawler.extraction.kind.walls import find_wall


def wall(body: str, *, title: str = "The Daily") -> PageKind | None:
    return find_wall(document_fromstring(f"<title>{title}</title><body>{body}</body>"))


CONSENT_PAGES = {
    "en": "<h2>We value your privacy</h2><p>We and our partners use cookies. With your consent we"
    " store"
    " cookies to show you advertising. You can read more in our privacy policy.</p>"
    "<button>Accept all cookies</button>",
    "fr": "<a href='#'>Continuer sans accepter</a><p>Avec votre accord, nos partenaires et nous"
    " utilisons"
    " des cookies ou technologies similaires pour stocker, consulter et traiter des données"
    " personnelles telles que votre visite sur ce site internet, les adresses IP et les"
    " identifiants de"
    " cookie. Certains partenaires ne demandent pas votre consentement pour traiter vos données"
    " et se"
    " fondent sur leur intérêt commercial légitime. À tout moment, vous pouvez retirer votre"
    " consentement ou vous opposer au traitement des données fondé sur l'intérêt légitime en"
    " cliquant"
    " sur « En savoir plus » ou en allant dans notre politique de confidentialité sur ce site.</p>"
    "<button>Accepter et fermer</button><button>En savoir plus</button>",
    "fr-pay": "<h2>Soutenez un journalisme de qualité en acceptant les cookies</h2><p>Nos"
    " partenaires et"
    " nous utilisons des traceurs pour la publicité personnalisée. Vous pouvez refuser en vous"
    " abonnant.</p><button>Accepter et continuer</button><a href='/a'>S'abonner pour 2 € par mois"
    "</a>",
    "de-pur": "<h1>Weiter mit Werbung</h1><p>Besuchen Sie uns wie gewohnt mit Werbung und Tracking."
    " Ihre Zustimmung können Sie jederzeit widerrufen.</p><button>Akzeptieren und weiter</button>"
    "<h2>… oder das PUR-Abo</h2><p>Nutzen Sie uns ganz ohne Werbebanner, personalisiertes"
    " Tracking und"
    " Werbespots ab 4,99 € im Monat.</p><a href='/pur'>Jetzt abonnieren</a> <a href='/l'>Anmelden"
    "</a>",
    "hu": "<div class='cmp-container'><p>A folytatáshoz kérjük, válasszon.</p><button>Tovább"
    "</button></div>",
    "pl": "<p>My i nasi partnerzy przechowujemy pliki cookie. Twoja zgoda jest dobrowolna, a"
    " ciasteczka"
    " możesz wyłączyć.</p><button>Akceptuję</button><a href='/p'>Polityka prywatności</a>",
    "ja": "<p>当サイトではクッキーを使用しています。クッキーの使用に同意してください。</p>"
    "<button>同意する</button>",
}  # fmt: skip


@pytest.mark.parametrize("page", CONSENT_PAGES.values(), ids=CONSENT_PAGES)
def test_consent(page: str) -> None:
    assert wall(page) in (PageKind.CONSENT, PageKind.PAYWALL)


@pytest.mark.parametrize(
    "page",
    [
        "<h1>Réservé aux abonnés</h1><p>Il vous reste 80 % de cet article à découvrir."
        " Abonnez-vous dès"
        " 1 €.</p><a class='btn' href='/abo'>Je m'abonne</a> Déjà abonné ? <a href='/l'>Se"
        " connecter</a>",
        "<h1>Continue reading with a subscription</h1><p>Subscribe from $1 a week. Cancel any"
        " time.</p>"
        "<button>Subscribe now</button>",
        "<p>Dieser Artikel ist nur für Abonnenten. Jetzt für 1 € pro Monat abonnieren.</p><form>"
        "</form>",
        "<div id='paywall-root'><p>Tovább az olvasáshoz</p><button>Rendben</button></div>",
        "<p>この記事は会員限定です。購読すると続きをお読みいただけます。月額購読の会員登録へ。"
        "</p><button>登録</button>",
    ],
)  # fmt: skip
def test_subscription(page: str) -> None:
    assert wall(page) is PageKind.PAYWALL


@pytest.mark.parametrize(
    "page",
    [
        "<h1>Log in</h1><form><input type='email'><input type='password'><button>Log in</button>"
        "</form>",
        "<form><label>Jelszó</label><input type='password'><button>Tovább</button></form>",
        "<h1>Bist du 18?</h1><p>Du musst mindestens 18 Jahre alt sein. Bitte Geburtsdatum"
        " angeben.</p>"
        "<form><input name='d'></form>",
        "<p>Vous devez avoir 18 ans ou plus.</p><form><button>J'ai 18 ans</button></form>",
        "<h1>451</h1><p>This site is not available in your country.</p>",
        "<p>Are you over 18 years old? Enter your date of birth.</p><form><input></form>",
        "<p>Unfortunately, our website is currently not available in your region.</p><a"
        " href='/'>OK</a>",
        "<p>Dieses Angebot ist in Ihrem Land leider nicht verfügbar.</p><a href='/'>x</a>",
    ],
)  # fmt: skip
def test_log_in_age_and_region(page: str) -> None:
    assert wall(page) is PageKind.GATE


@pytest.mark.parametrize(
    "page",
    [
        "<p>Please enable JS and disable any ad blocker</p>",
        "<noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div>"
        "<script src='/static/js/main.js'></script>",
        "<p>Bitte aktivieren Sie JavaScript, um diese Seite zu sehen.</p>",
        "<div id='__next'></div><script src='/_next/main.js'></script>",
        "<h1>The Daily</h1><p>このサイトを利用するには JavaScript を有効にしてください。</p>",
    ],
)
def test_a_page_that_a_script_makes(page: str) -> None:
    assert wall(page) is PageKind.NEEDS_JAVASCRIPT


@pytest.mark.parametrize("page", CONSENT_PAGES.values(), ids=CONSENT_PAGES)
def test_none_becomes_an_article(page: str) -> None:
    around = "<nav><a href='/politics/'>Politics</a></nav>{}<footer><a href='/legal'>Legal</a>"
    "</footer>"
    url = "https://daily.example/news/the-bridge-reopens-4312345.html"
    for body in (page, around.format(page)):
        read = extract(f"<html><title>The Daily</title><body>{body}".encode(), url=url)
        assert read.kind in (PageKind.CONSENT, PageKind.PAYWALL)


PROSE = "The council voted on Friday to open the old bridge to all who want to cross it by foot. "


@pytest.mark.parametrize(
    "page",
    [
        f"<h1>Bridge reopens</h1><p>{PROSE * 4}</p><form><input name='s'></form>",
        f"<h1>Cookies and the law</h1><p>{PROSE * 6}The court said that cookies need consent.</p>"
        f"<button>x</button>",
        f"<h1>Subscriptions rise</h1><p>{PROSE * 5}Subscribers pay $4 a month now.</p><button>x"
        f"</button>",
        f"<h1>A script for all</h1><p>{PROSE * 3}JavaScript is thirty years old.</p>",
        f"<p>{PROSE}</p>",
        "<h1>Bridge reopens</h1>",
        "",
    ],
)  # fmt: skip
def test_what_is_none(page: str) -> None:
    assert wall(page) is None


NOTICES = [
    "<div id='cookie-notice'><p>We use cookies to improve your experience. By clicking Accept all"
    " you consent to the use of cookies. You can change your settings at any time.</p>"
    "<button>Accept all</button></div>",
    "<div class='consent-layer'><p>Wir und unsere Partner verwenden Cookies. Mit Klick auf „Alle"
    " akzeptieren“ stimmen Sie der Verarbeitung zu.</p><button>Alle akzeptieren</button></div>",
    "<div id='didomi-notice'><p>Nous utilisons des cookies et des traceurs pour mesurer l'audience."
    " Vous pouvez accepter, refuser ou paramétrer vos choix à tout moment.</p>"
    "<button>Tout accepter</button></div>",
]  # fmt: skip
THINGS = "".join(f"<li>{PROSE[: 60 + number]}</li>" for number in range(6))


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (f"<h1>Six things to know</h1><p>{PROSE}</p><ul>{THINGS}</ul>", PageKind.ARTICLE),
        (
            f"<h1>Bridge opens</h1><time datetime='2026-01-03T10:00:00Z'>3 January 2026</time>"
            f"<p>{PROSE}</p>",
            PageKind.ARTICLE,
        ),
        (
            "<h1>Bridge</h1><ul>"
            + "".join(f"<li><a href='/a/{n}'>{PROSE[: 50 + n]}</a></li>" for n in range(6))
            + "</ul>",
            PageKind.LISTING,
        ),
    ],
)
def test_a_notice_about_cookies_hides_nothing(
    notice: str, is_first: bool, page: str, kind: PageKind
) -> None:
    body = notice + f"<main>{page}</main>" if is_first else f"<main>{page}</main>" + notice
    read = extract(
        f"<html><title>The Daily</title><body>{body}".encode(), url="https://d.example/x1"
    )
    assert read.kind is kind
    if kind is PageKind.ARTICLE:
        assert PROSE.strip() in read.text
        assert "ookie" not in read.text
