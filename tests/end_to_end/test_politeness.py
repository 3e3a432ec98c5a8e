"""What a site may ask of a crawler, and gets."""

import itertools
import re
import time
from pathlib import Path

import pytest

from scripts.demo.loopback import Response
from storage.models import Outcome
from tests.support.folder_archive import crawl, on_record
from tests.support.newsroom import Newsroom

pytestmark = pytest.mark.timeout(300)


def test_robots_txt_is_obeyed(tmp_path: Path) -> None:
    with Newsroom(adverts=False) as newsroom:
        allowed, disallowed = newsroom.publish_generated(2)
        newsroom.robots = (
            f"User-agent: *\nDisallow: /\n\nUser-agent: permalien\nDisallow: {disallowed}\n"
            f"Sitemap: {newsroom.url}/sitemap.xml\n"
        )
        crawl(newsroom, tmp_path)
        assert newsroom.count(allowed) == 1
        assert newsroom.count(disallowed) == 0
    assert [check.outcome for check in on_record(tmp_path)[disallowed]] == [Outcome.BLOCKED]


def test_an_unreachable_robots_txt_allows_nothing(tmp_path: Path) -> None:
    """RFC 9309, section 2.3.1.4."""
    with Newsroom() as newsroom:
        newsroom.publish_generated(2)
        newsroom.serve("/robots.txt", Response(503, b"User-agent: *\nAllow: /\n"))
        done = crawl(newsroom, tmp_path, code=1)
        assert {visit.path for visit in newsroom.requests} == {"/robots.txt"}
    assert "robots.txt out of reach" in done.out


def test_a_missing_robots_txt_allows_everything_whatever_its_page_says(tmp_path: Path) -> None:
    """RFC 9309, section 2.3.1.3."""
    with Newsroom(adverts=False) as newsroom:
        (path,) = newsroom.publish_generated(1)
        newsroom.serve("/robots.txt", Response(404, b"User-agent: *\nDisallow: /\n"))
        crawl(newsroom, tmp_path)
        assert newsroom.count(path) == 1


def test_a_source_is_asked_one_thing_at_a_time_with_its_delay_between(tmp_path: Path) -> None:
    delay, answer = 0.4, 0.2
    with Newsroom(adverts=False, delay=answer) as newsroom:
        newsroom.publish_generated(6)
        crawl(newsroom, tmp_path, "--delay", str(delay))
        times = sorted(visit.at for visit in newsroom.requests)
    assert len(times) > 8
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert min(gaps) >= delay * 0.95, gaps


def test_what_did_not_change_is_asked_for_conditionally(tmp_path: Path) -> None:
    with Newsroom(adverts=True) as newsroom:
        paths = newsroom.publish_generated(3)
        crawl(newsroom, tmp_path)
        newsroom.forget_requests()
        crawl(newsroom, tmp_path, "--recheck")
        again = [visit for visit in newsroom.requests if visit.path in paths]
        assert len(again) == 3
        assert all(visit.conditional and visit.status == 304 for visit in again)
    found = [check.outcome for check in on_record(tmp_path)[paths[0]]]
    assert found == [Outcome.FETCHED, Outcome.UNCHANGED]


def test_the_user_agent_names_the_project_and_a_contact(tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        crawl(newsroom, tmp_path)
        agents = {visit.headers["user-agent"] for visit in newsroom.requests}
    assert len(agents) == 1
    assert re.fullmatch(r"Permalien/\S+ \(news archive; tests@example\.org\)", agents.pop())


def test_a_host_in_an_outage_is_let_be(tmp_path: Path) -> None:
    with Newsroom(adverts=False) as newsroom:
        newsroom.publish_generated(40)
        crawl(newsroom, tmp_path)
    began = time.monotonic()
    done = crawl(newsroom, tmp_path, "--recheck", code=1)
    assert time.monotonic() - began < 60
    assert "backing off" in done.err
    checks = [check for checks in on_record(tmp_path).values() for check in checks]
    assert sum(check.outcome is Outcome.FAILED for check in checks) < 10
