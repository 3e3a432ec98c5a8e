import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.candidates import CandidateKind
from crawler.discovery.shapes import article_score, is_file, is_view, kind_of_url
from storage.frontier.addresses import InvalidURL, normalize

SITE = "https://example.org"


@pytest.mark.parametrize(
    "path",
    [
        "/2026/03/02/storm",
        "/2026/mar/02/storm",
        "/2026-03-02-storm",
        "/news/20260302/storm.html",
        "/storm-closes-bridge-and-road/",
        "/sport/storm_closes_bridge_and_road.php",
        "/politik/article408587681/sturm.html",
        "/stories/3376705/",
        "/news/articles/c4gl7k9w8eyo",
        "/sturm-schliesst-bruecke-a-7f3c0f1b-2.html",
        "/?p=4711",
        "/index.php?option=content&id=4711",
        "/showstory.asp?newsid=12",
        "/actualités/tempête-ferme-le-pont-du-port",
        "/ニュース/嵐で橋が閉鎖され道路も通行止めに",
        "/новости/шторм-закрыл-старый-мост",
    ],
)
def test_articles(path: str) -> None:
    assert kind_of_url(normalize(path, base=SITE)) is CandidateKind.ARTICLE


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/sport", "/sport/", "/local-news/", "/politics/elections/", "/index.html"),
        *("/2026/", "/2026/03/", "/2026/03/02/", "/news/2026/03", "/tag/storm-closes-bridge-road"),
        *("/author/anna-maria-berg-jonsson/", "/page/12345", "/search?q=storm+closes+bridge"),
        *("/contact-us", "/privacy-policy", "/новости/", "/covid19", "/a/b/c"),
    ],
)
def test_sections(path: str) -> None:
    assert kind_of_url(normalize(path, base=SITE)) is CandidateKind.SECTION


@pytest.mark.parametrize("path", ["/bridge.jpg", "/a/report.PDF", "/feed.xml", "/app.js?v=1"])
def test_files_are_no_pages(path: str) -> None:
    assert is_file(SITE + path)
    assert kind_of_url(SITE + path) is None


@pytest.mark.parametrize("path", ["/", "/a.html", "/a.php?f=b.jpg", "/v1.2", "/storm.org"])
def test_pages_are_no_files(path: str) -> None:
    assert not is_file(SITE + path)


def test_views_of_a_page_differ_in_their_query_alone() -> None:
    page = f"{SITE}/storm?menu=0"
    assert is_view(f"{SITE}/storm?menu=1", of=page)
    assert is_view(page, of=page)
    assert not is_view(f"{SITE}/storm/", of=page)
    assert not is_view(f"{SITE}/?p=12", of=f"{SITE}/")


@given(path=st.text(max_size=100) | st.text("/-_.%20aB1é日?=&", max_size=200))
def test_any_address_has_a_score(path: str) -> None:
    try:
        url = normalize(f"{SITE}/{path}")
    except InvalidURL:
        return
    assert -3 <= article_score(url) <= 6
