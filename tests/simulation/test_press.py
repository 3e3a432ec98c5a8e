"""The sites of a simulated year, asked directly and over the network."""

import http.client
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest

from crawler.discovery.discover import read
from crawler.extraction import PageKind, extract
from crawler.extraction.page_input import PageInput
from scripts.demo.loopback import Request, Response
from storage.database.clock import Clock, hold_clock, set_clock, system_now
from storage.models import ArticleState
from tests.simulation.plan import plan_year
from tests.simulation.press import Press, Stand
from tests.simulation.prose import TONGUES
from tests.simulation.test_truth import START, A, B, day, site, story
from tests.simulation.themes import THEMES
from tests.simulation.truth import Design, Edition, Outage, OutageKind, Place, Turn, Year


def ask(stand: Stand, path: str, at: datetime, **headers: str) -> Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return stand.answer(Request("GET", path, given, 0.0), at)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", TONGUES)
def test_every_theme_is_read_as_what_was_written(theme: str, language: str) -> None:
    year = plan_year(articles=60, sources=4, days=30)
    drawn = next(site for site in year.sites if site.language == language)
    stand = Stand(replace(drawn, designs=(Design(drawn.designs[0].at, theme),), outages=()))
    read_right = 0
    for told in drawn.stories:
        at = told.published_at + timedelta(hours=30)
        if told.state(at) is ArticleState.LIVE:
            page = ask(stand, told.path(at), at)
            article = extract(
                PageInput(page.body, url=f"{stand.origin}{told.path(at)}", headers=page.headers)
            )
            wording = told.edition(at).wording
            assert (article.title, article.text) == (wording.title, wording.text)
            read_right += 1
    assert read_right > 10


def test_a_page_differs_at_each_fetch() -> None:
    stand = Stand(site(story(Edition(day(0), A))))
    assert ask(stand, "/one/", day(1)).body != ask(stand, "/one/", day(1)).body


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (ArticleState.GONE, 410),
        (ArticleState.NOT_FOUND, 404),
        (ArticleState.SOFT_404, 200),
        (ArticleState.TO_FRONT_PAGE, 302),
        (ArticleState.WALLED, 200),
    ],
)
def test_what_is_away_says_so_in_its_way(state: ArticleState, status: int) -> None:
    stand = Stand(site(story(Edition(day(0), A), turns=(Turn(day(1), state),))))
    assert ask(stand, "/one/", day(0.9)).status == 200
    answer = ask(stand, "/one/", day(1))
    assert answer.status == status
    if state is ArticleState.SOFT_404:
        assert extract(PageInput(answer.body, url=f"{stand.origin}/one/")).kind is PageKind.SOFT_404
    if state is ArticleState.WALLED:
        assert extract(PageInput(answer.body, url=f"{stand.origin}/one/")).paywalled


def test_an_article_is_not_there_before_it_is_published() -> None:
    stand = Stand(site(story(Edition(day(1), A))))
    assert ask(stand, "/one/", day(0.5)).status == 404
    assert ask(stand, "/one/", day(1)).status == 200


def test_an_old_address_leads_to_the_new_one() -> None:
    stand = Stand(site(story(Edition(day(0), A), places=(Place(day(1), "/two/"),))))
    assert ask(stand, "/two/", day(2)).status == 200
    answer = ask(stand, "/one/", day(2))
    assert (answer.status, answer.headers["Location"]) == (301, "/two/")


def test_conditional_requests_are_answered_by_edition_and_design() -> None:
    told = story(Edition(day(0), A), Edition(day(3), B))
    stand = Stand(replace(site(told), validators=True))
    etag = ask(stand, "/one/", day(1)).headers["ETag"]
    assert ask(stand, "/one/", day(2), if_none_match=etag).status == 304
    edited = ask(stand, "/one/", day(4), if_none_match=etag)
    assert edited.status == 200
    redesigned = ask(stand, "/one/", day(6), if_none_match=edited.headers["ETag"])
    assert redesigned.status == 200


@pytest.mark.parametrize("kind", OutageKind)
@pytest.mark.parametrize("path", ["/robots.txt", "/", "/feed.xml", "/one/"])
def test_in_an_outage_nothing_is_answered_as_ever(kind: OutageKind, path: str) -> None:
    down = site(story(Edition(day(0), A)), outages=(Outage(day(1), day(2), kind),))
    stand = Stand(down)
    assert ask(stand, path, day(0.5)).status == 200
    assert ask(stand, path, day(1.5)).status == (404 if kind is OutageKind.EMPTY else 503)


@pytest.mark.parametrize("path", ["/", "/feed.xml", "/sitemap.xml"])
def test_front_page_feed_and_sitemap_list_what_there_is(path: str) -> None:
    told = story(Edition(day(0), A), Edition(day(2), B))
    with Press(Year(START, day(9), (replace(site(told), lastmod=True),))) as press:
        (stand,) = press.stands
        answer = ask(stand, path, day(3))
        found = read(answer.body, url=f"{stand.origin}{path}", content_type=None)
        listed = {urlsplit(candidate.url).path: candidate for candidate in found.candidates}
        assert "/one/" in listed
        if path == "/sitemap.xml":
            assert listed["/one/"].modified_at == day(2)
        assert b"/sitemap.xml" in ask(stand, "/robots.txt", day(3)).body


def test_a_site_that_refuses_connections_does_so_until_it_is_up_again(
    reset_clock: None,
) -> None:
    down = site(story(Edition(day(0), A)), outages=(Outage(day(1), day(2), OutageKind.REFUSED),))
    with Press(Year(START, day(9), (down,))) as press:
        (stand,) = press.stands
        assert get_at(press, day(0.5)) == 200
        with pytest.raises(ConnectionRefusedError):
            get_at(press, day(1.5))
        assert get_at(press, day(2.5)) == 200
        assert stand.answered == {200: 2}


@pytest.fixture
def reset_clock() -> Iterator[None]:
    yield
    set_clock(Clock(system_now(), system_now(), 1.0))


def get_at(press: Press, at: datetime) -> int:
    hold_clock(at)
    press.keep_time()
    parts = urlsplit(press.stands[0].origin)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    connection.request("GET", "/one/")
    status = connection.getresponse().status
    connection.close()
    return status
