import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from lxml import etree, html

from scripts.demo.loopback import Response
from tests.support.fetching import Fetched, fetch
from tests.support.newsroom import FEED, NEWS_SITEMAP, SECTION, SITEMAP, Newsroom

ROOT = Path(__file__).parents[2]
PARAGRAPHS = ["The tide came in at noon.", "It went out at six, as it does."]


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom() as newsroom:
        yield newsroom


def get(newsroom: Newsroom, path: str, **headers: str) -> Fetched:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return fetch(f"{newsroom.url}{path}", headers=fields)


def body(newsroom: Newsroom, path: str) -> bytes:
    answer = get(newsroom, path)
    assert answer.status == 200
    return answer.body


def listed(newsroom: Newsroom, path: str) -> list[str]:
    """The article paths that a feed, sitemap or page of cards lists, in its order."""
    content = body(newsroom, path)
    if path in (FEED, SITEMAP, NEWS_SITEMAP):
        tag = "guid" if path == FEED else "loc"
        found = [str(node.text) for node in etree.fromstring(content).iter(f"{{*}}{tag}")]
        return [url.removeprefix(newsroom.url) for url in found]
    links = html.fromstring(content).iterfind(".//article//h2/a")
    return [link.attrib["href"] for link in links]


LISTINGS = ["/", SECTION, FEED, SITEMAP, NEWS_SITEMAP]


@pytest.mark.parametrize("path", LISTINGS)
def test_every_listing_follows_what_is_published(newsroom: Newsroom, path: str) -> None:
    assert listed(newsroom, path) == []
    newsroom.publish("/a", title="A", paragraphs=PARAGRAPHS)
    newsroom.publish("/b", title="B", paragraphs=PARAGRAPHS)
    newsroom.publish("/c", title="C", paragraphs=PARAGRAPHS)
    assert listed(newsroom, path) == ["/c", "/b", "/a"]
    newsroom.remove("/b")
    newsroom.redirect("/c", "/a")
    assert listed(newsroom, path) == ["/a"]


def test_it_is_cleared(newsroom: Newsroom) -> None:
    newsroom.publish("/a", title="A", paragraphs=PARAGRAPHS)
    newsroom.alias("/b", of="/a")
    newsroom.serve("/c", Response(200))
    newsroom.outage(True)
    assert get(newsroom, "/c").status == 503
    newsroom.clear()
    assert newsroom.requests == []
    assert [get(newsroom, path).status for path in ("/", "/a", "/b", "/c")] == [200, 404, 404, 404]
    assert listed(newsroom, "/") == []


def test_listed_bounds_all_but_the_sitemaps(newsroom: Newsroom) -> None:
    paths = newsroom.publish_generated(5)
    assert len(listed(newsroom, FEED)) == 5
    newsroom.listed = 2
    assert {path: len(listed(newsroom, path)) for path in LISTINGS} == {
        "/": 2,
        SECTION: 2,
        FEED: 2,
        SITEMAP: 5,
        NEWS_SITEMAP: 5,
    }
    assert listed(newsroom, "/") == paths[:-3:-1]


def test_a_page_shows_the_article_and_only_the_advert_changes(newsroom: Newsroom) -> None:
    newsroom.publish("/a", title="High <water>", standfirst="Damp.", paragraphs=PARAGRAPHS)
    first, second = body(newsroom, "/a"), body(newsroom, "/a")
    page = html.fromstring(first)
    assert page.findtext(".//h1") == "High <water>"
    assert newsroom.text("/a") == "\n".join(["Damp.", *PARAGRAPHS])
    story = page.find_class("l-story")[0].text_content()
    assert all(line in story for line in newsroom.text("/a").splitlines())
    changed = [
        (before, after)
        for before, after in zip(first.splitlines(), second.splitlines(), strict=True)
        if before != after
    ]
    assert len(changed) == 2
    assert b"Advertisement number" in changed[0][0]
    assert b"readers are looking" in changed[1][0]
    newsroom.adverts = False
    assert body(newsroom, "/a") == body(newsroom, "/a")


def test_an_edit_changes_the_page_its_validators_and_its_lastmod(newsroom: Newsroom) -> None:
    newsroom.publish("/a", title="Before", paragraphs=PARAGRAPHS)
    answer = get(newsroom, "/a")
    etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    assert get(newsroom, "/a", If_None_Match=etag).status == 304
    assert get(newsroom, "/a", If_Modified_Since=modified).status == 304
    sitemap = body(newsroom, SITEMAP)
    newsroom.edit("/a", title="After")
    answer = get(newsroom, "/a", If_None_Match=etag)
    assert (answer.status, html.fromstring(answer.body).findtext(".//h1")) == (200, "After")
    assert answer.headers["ETag"] != etag
    assert get(newsroom, "/a", If_Modified_Since=modified).status == 200
    assert body(newsroom, SITEMAP) != sitemap
    assert [visit.conditional for visit in newsroom.requests] == [
        False,
        True,
        True,
        False,
        True,
        True,
        False,
    ]


def test_without_validators_every_answer_is_whole(newsroom: Newsroom) -> None:
    newsroom.publish("/a", title="A", paragraphs=PARAGRAPHS)
    etag = get(newsroom, "/a").headers["ETag"]
    newsroom.validators = False
    answer = get(newsroom, "/a", If_None_Match=etag)
    assert (answer.status, answer.headers["ETag"]) == (200, None)
    assert b"The tide came in" in answer.body


def test_what_is_gone_what_has_moved_and_what_never_was(newsroom: Newsroom) -> None:
    newsroom.publish("/a", title="A", paragraphs=PARAGRAPHS)
    newsroom.publish("/b", title="B", paragraphs=PARAGRAPHS)
    newsroom.remove("/a", status=404)
    newsroom.redirect("/b", "/c", status=302)
    newsroom.publish("/c", title="B", paragraphs=PARAGRAPHS)
    newsroom.alias("/c/amp", of="/c")
    assert get(newsroom, "/a").status == 404
    answer = get(newsroom, "/b")
    assert (answer.status, answer.headers["Location"]) == (302, "/c")
    canonical = html.fromstring(body(newsroom, "/c/amp")).find(".//link[@rel='canonical']")
    assert canonical is not None
    assert canonical.get("href") == f"{newsroom.url}/c"
    assert get(newsroom, "/never").status == 404
    newsroom.publish("/a", title="A again", paragraphs=PARAGRAPHS)
    assert get(newsroom, "/a").status == 200


def test_two_headlines_take_turns(newsroom: Newsroom) -> None:
    newsroom.publish("/a", title="One", paragraphs=PARAGRAPHS)
    newsroom.alternate("/a", "Two")
    titles = [html.fromstring(body(newsroom, "/a")).findtext(".//h1") for _ in range(4)]
    assert titles == ["One", "Two", "One", "Two"]


def test_an_outage_takes_everything_and_ends(newsroom: Newsroom) -> None:
    newsroom.publish("/a", title="A", paragraphs=PARAGRAPHS)
    newsroom.outage(True)
    assert {get(newsroom, path).status for path in ["/a", "/robots.txt", *LISTINGS]} == {503}
    newsroom.outage(False)
    assert get(newsroom, "/a").status == 200
    assert newsroom.count("/a") == 2
    assert newsroom.count("/a", status=503) == 1
    newsroom.forget_requests()
    assert newsroom.count("/a") == 0


def test_a_closed_site_refuses_and_opens_again_where_it_was() -> None:
    with Newsroom() as newsroom:
        url = newsroom.publish("/a", title="A", paragraphs=PARAGRAPHS)
    with pytest.raises(ConnectionRefusedError):
        fetch(url)
    with newsroom:
        assert fetch(url).status == 200


def test_robots_and_any_other_answer_can_be_set(newsroom: Newsroom) -> None:
    assert f"Sitemap: {newsroom.url}{SITEMAP}".encode() in body(newsroom, "/robots.txt")
    newsroom.robots = "User-agent: *\nDisallow: /\n"
    assert body(newsroom, "/robots.txt") == newsroom.robots.encode()
    newsroom.serve("/teapot", Response(418, b"short and stout"))
    answer = get(newsroom, "/teapot")
    assert (answer.status, answer.body) == (418, b"short and stout")


def test_delay_holds_each_answer_back(newsroom: Newsroom) -> None:
    newsroom.delay = 0.2
    start = time.monotonic()
    get(newsroom, "/")
    assert time.monotonic() - start >= 0.2


def test_thousands_of_articles_are_served_fast() -> None:
    with Newsroom() as newsroom:
        paths = newsroom.publish_generated(2_000)
        connection = HTTPConnection(newsroom.url.removeprefix("http://"), timeout=10)
        start = time.process_time()
        for path in paths[:500]:
            connection.request("GET", path)
            assert connection.getresponse().read()
        spent = time.process_time() - start
        connection.close()
    assert spent < 5


def test_it_runs_in_a_process_of_its_own_and_dies_when_killed() -> None:
    command = [sys.executable, "-m", "tests.support.newsroom", "--articles", "3", "--seed", "7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
        connection.request("GET", FEED)
        feed = etree.fromstring(connection.getresponse().read())
        connection.close()
        os.kill(process.pid, signal.SIGKILL)
    with Newsroom() as newsroom:
        same = newsroom.publish_generated(3, seed=7)
    found = [str(guid.text).removeprefix(url) for guid in feed.iter("guid")]
    assert found == same[::-1]
