"""What a site may ask of a crawler, and gets."""

import itertools
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from scripts.demo.loopback import Response
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from storage.models import Outcome
from tests.support.command import Command, Done, permalien
from tests.support.folder_archive import crawl, enrolled, on_record, options
from tests.support.newsroom import Newsroom

pytestmark = pytest.mark.timeout(300)

FRONT_ALONE = "User-agent: *\nDisallow: /\nAllow: /$\n"
LATE = 0.1  # seconds; a busy machine sees one request later than it came, and the next in time


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
    assert len(newsroom.requests) > 8
    assert shortest_gap(newsroom) >= delay - LATE


def test_eight_subdomains_are_one_site_to_be_spared(tmp_path: Path) -> None:
    delay = 0.4
    hosts = [f"{name}.paper.example" for name in "abcdefgh"]
    with Newsroom(adverts=False) as newsroom:
        newsroom.robots = FRONT_ALONE
        done = crawl_names(newsroom, tmp_path, hosts, delay)
    assert done.code == 0, done.err
    assert {visit.headers["host"].partition(":")[0] for visit in newsroom.requests} == {*hosts}
    assert shortest_gap(newsroom) >= delay - LATE


def test_a_domain_that_asks_to_be_left_alone_is_under_every_name_and_by_the_next_crawl(
    tmp_path: Path,
) -> None:
    hosts = [f"{name}.paper.example" for name in "abcd"]
    with Newsroom(adverts=False) as newsroom:
        port = newsroom.url.rpartition(":")[2]
        newsroom.serve("/robots.txt", Response(429, b"", headers={"Retry-After": "3600"}))
        crawl_names(newsroom, tmp_path, hosts, 0.1)
        assert len(newsroom.requests) == 1
        again = crawl_names(newsroom, tmp_path, hosts, 0.1)
        assert again.err.count("is left alone until") == len(hosts)
        other = f"http://e.paper.example:{port}/"
        names = {"e.paper.example": "127.0.0.1"}
        added = permalien("add", other, "--allow-private", names=names, **options(tmp_path))
        assert len(newsroom.requests) == 1
    assert added.code == 1
    assert "left alone until" in added.err


def test_many_sites_of_one_address_share_its_cap(tmp_path: Path) -> None:
    hosts = [f"paper-{number}.example" for number in range(8)]
    with Newsroom(adverts=False, delay=0.3) as newsroom:
        newsroom.robots = FRONT_ALONE
        settings = {"ADDRESS_CONCURRENCY": 2}
        done = crawl_names(newsroom, tmp_path, hosts, 0.01, settings=settings)
    assert done.code == 0, done.err
    times = sorted(visit.at for visit in newsroom.requests)
    assert len(times) >= 2 * len(hosts)
    # No three within the time that two take to be answered.
    assert min(third - first for first, third in zip(times, times[2:], strict=False)) > 0.25


def test_a_second_port_keeps_its_own_delay_and_leaves_the_first_one_its(tmp_path: Path) -> None:
    with Newsroom(adverts=False) as slow, Newsroom(adverts=False) as fast:
        slow.robots = fast.robots = FRONT_ALONE
        for newsroom, delay in ((fast, "0"), (slow, "0.4")):
            flags = ("--allow-private", "--delay", delay)
            done = permalien("add", newsroom.url, *flags, **options(tmp_path))
            assert done.code == 0, done.err
        done = permalien("crawl", "--recheck", **options(tmp_path))
        assert done.code == 0, done.err
    assert shortest_gap(slow) >= 0.4 - LATE
    assert shortest_gap(fast) < 0.2


def test_the_next_crawl_keeps_the_delay_of_the_one_before(tmp_path: Path) -> None:
    with Newsroom(adverts=False) as newsroom:
        newsroom.robots = FRONT_ALONE
        crawl(newsroom, tmp_path, "--delay", "3")
        crawl(newsroom, tmp_path, "--recheck")
    assert shortest_gap(newsroom) >= 2.5  # a busy machine is later than it is for shorter delays


def shortest_gap(newsroom: Newsroom) -> float:
    """Seconds between two requests, of all that the site was asked."""
    times = sorted(visit.at for visit in newsroom.requests)
    return min(later - earlier for earlier, later in itertools.pairwise(times))


def crawl_names(
    newsroom: Newsroom, folder: Path, hosts: list[str], delay: float, **given: Any
) -> Done:
    """Crawl one server under many names, a source each."""
    port = newsroom.url.rpartition(":")[2]
    urls = [f"http://{host}:{port}" for host in hosts]
    enrolled(folder, *urls, delay=delay)
    names = dict.fromkeys(hosts, "127.0.0.1")
    return permalien("crawl", *urls, names=names, **given, **options(folder))


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
    done = crawl(newsroom, tmp_path, "--recheck", code=1)
    assert "backing off" in done.err
    checks = [check for checks in on_record(tmp_path).values() for check in checks]
    assert sum(check.outcome is Outcome.FAILED for check in checks) < 10


def test_a_request_that_waits_its_turn_holds_up_no_stop_and_is_not_on_record(
    tmp_path: Path,
) -> None:
    with Newsroom(adverts=False) as newsroom:
        enrolled(tmp_path, newsroom.url, delay=3600)
        with Command("crawl", newsroom.url, **options(tmp_path)) as command:
            while not newsroom.requests:
                assert command.running
                time.sleep(0.05)
            time.sleep(1)
            command.send_signal(signal.SIGTERM)
            command.wait()  # and not for the hour
        assert len(newsroom.requests) == 1
    checks = [check for checks in on_record(tmp_path).values() for check in checks]
    assert len(checks) == 1


def test_two_crawlers_together_keep_a_domain_s_delay(
    postgresql_archive: Archive, tmp_path: Path
) -> None:
    delay = 0.4
    names = dict.fromkeys([f"{name}.paper.example" for name in "abcdef"], "127.0.0.1")
    with Newsroom(adverts=False) as newsroom:
        newsroom.robots = FRONT_ALONE
        port = newsroom.url.rpartition(":")[2]
        with postgresql_archive.writing() as session:
            for name in names:
                url = f"http://{name}:{port}/"
                enrol(session, url, now=utc_now(), allow_private=True, delay=delay)
        url = postgresql_archive.url.render_as_string(hide_password=False)
        where: dict[str, Any] = {"database": url, "cwd": tmp_path, "names": names}
        with Command("crawl", **where) as one, Command("crawl", **where) as two:
            for done in (one.wait(), two.wait()):
                assert done.code == 0, done.err
    asked = {visit.headers["host"].partition(":")[0] for visit in newsroom.requests}
    assert asked == set(names)
    assert shortest_gap(newsroom) >= delay - LATE
