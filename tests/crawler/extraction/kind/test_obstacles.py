import pytest
from lxml.html import document_fromstring

from crawler.extraction.article import PageKind
from crawler.extraction.kind.obstacles import SHORT, find_obstacle, headings_of, loads_challenge


def obstacle(page: str, *, words: int = 20, url: str | None = None) -> PageKind | None:
    tree = document_fromstring(page)
    return find_obstacle(headings_of(tree, str(tree.findtext(".//title") or "")), words, url)


@pytest.mark.parametrize(
    "page",
    [
        "<title>Just a moment...</title><p>Checking</p>",
        "<title>Attention Required! | Guard</title><p>x</p>",
        "<title>daily.example</title><h1>Verify you are human</h1>",
        "<title>Access Denied</title><p>You don't have permission</p>",
    ],
)
def test_a_challenge(page: str) -> None:
    assert obstacle(page) is PageKind.CHALLENGE


@pytest.mark.parametrize(
    ("page", "loads"),
    [
        (
            "<p>Please enable JS</p><script src='https://ct.captcha-delivery.com/c.js'></script>",
            True,
        ),
        ("<iframe src='/_Incapsula_Resource?x=1'></iframe>", True),
        ("<iframe src='/map?x=1'></iframe>", False),
    ],
)
def test_a_guard_s_service(page: str, loads: bool) -> None:
    assert loads_challenge(document_fromstring(page)) is loads


@pytest.mark.parametrize(
    "title",
    [
        "Page not found", "404", "404 - The Daily", "Error 404", "Seite nicht gefunden",
        "Page introuvable", "Página no encontrada", "Pagina non trovata", "Página não encontrada",
        "Pagina niet gevonden", "Sidan hittades inte", "Siden finnes ikke", "Strona nie znaleziona",
        "Страница не найдена", "ページが見つかりません", "페이지를 찾을 수 없습니다", "找不到页面",
        "This page doesn't exist", "The article is no longer available",
    ],
)  # fmt: skip
def test_a_page_that_is_not_there(title: str) -> None:
    page = f"<title>The Daily</title><h1>{title}</h1><p>Perhaps you will like these.</p>"
    assert obstacle(page) is PageKind.SOFT_404


@pytest.mark.parametrize(
    "title",
    ["502 Bad Gateway", "503 Service Temporarily Unavailable", "Error 500",
     "500 Internal Server Error", "403 Forbidden", "429 Too Many Requests", "Wartungsarbeiten",
     "504: Gateway time-out"],
)  # fmt: skip
def test_a_server_in_trouble(title: str) -> None:
    assert obstacle(f"<title>{title}</title><hr>") is PageKind.ERROR


def test_a_consent_manager_is_told_by_its_host() -> None:
    url = "https://consent.daily.example/?to=/a"
    assert obstacle("<p>Weiter</p>", url=url) is PageKind.CONSENT


def test_a_page_with_text_of_its_own_is_left_alone() -> None:
    assert obstacle("<title>Just a moment of peace</title>", words=SHORT) is None
    assert obstacle("<title>Error 404: a history</title>", words=3 * SHORT) is None
    assert obstacle("<script src='/recaptcha/api.js'></script><p>x</p>", words=SHORT) is None
