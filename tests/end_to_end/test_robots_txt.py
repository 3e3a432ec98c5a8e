"""robots.txt over real connections: how often it is asked for, and what becomes of what it says."""

import itertools
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from scripts.demo.loopback import Response
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.models import Outcome, RobotsTxt, Source
from tests.support.command import Command, permalien
from tests.support.folder_archive import crawl, on_record, options
from tests.support.newsroom import Newsroom

pytestmark = pytest.mark.timeout(300)

TEXT = {"Content-Type": "text/plain"}
FRONT_ALONE = b"User-agent: *\nDisallow: /\nAllow: /$\n"


def age(folder: Path, days: float) -> None:
    """Let every copy in the archive be that much older."""
    archive = Archive(options(folder)["database"])
    with archive.writing() as session:
        for copy in session.scalars(select(RobotsTxt)):
            copy.asked_at -= timedelta(days=days)
        session.execute(update(Source).values(next_due_at=utc_now()))
    archive.close()


def test_it_is_asked_for_once_a_crawl_and_once_a_day_and_each_time_is_on_record(
    tmp_path: Path,
) -> None:
    with Newsroom(adverts=False) as newsroom:
        (path,) = newsroom.publish_generated(1)
        crawl(newsroom, tmp_path)
        assert (newsroom.count("/robots.txt"), newsroom.count(path)) == (1, 1)
        crawl(newsroom, tmp_path, f"{newsroom.url}{path}")
        assert (newsroom.count("/robots.txt"), newsroom.count(path)) == (1, 2)
        age(tmp_path, 1.1)
        crawl(newsroom, tmp_path, f"{newsroom.url}{path}")
        assert newsroom.count("/robots.txt") == 2
    assert [check.outcome for check in on_record(tmp_path)["/robots.txt"]] == [Outcome.FETCHED]


@pytest.mark.parametrize("command", ["add", "crawl"])
def test_a_new_site_is_asked_for_it_once_by_the_look_and_the_crawl(
    command: str, tmp_path: Path
) -> None:
    with Newsroom(adverts=False) as newsroom:
        newsroom.publish_generated(1)
        newsroom.robots = f"User-agent: *\nSitemap: {newsroom.url}/sitemap.xml\n"
        where = options(tmp_path)
        done = permalien(command, newsroom.url, "--allow-private", "--delay", "0", **where)
        assert done.code == 0, done.err
        assert newsroom.count("/robots.txt") == 1
        # A look at what is new of a site that is known needs no more than the copy.
        done = permalien("crawl", f"{newsroom.url}/nosuch", "--delay", "0", **where)
        assert newsroom.count("/robots.txt") == 1
    (entry,) = on_record(tmp_path)["/robots.txt"]
    assert (entry.outcome, entry.status) == (Outcome.FETCHED, 200)


def test_an_operator_who_rechecks_has_it_asked_for_and_what_it_says_now_counts(
    tmp_path: Path,
) -> None:
    with Newsroom(adverts=False) as newsroom:
        (path,) = newsroom.publish_generated(1)
        crawl(newsroom, tmp_path)
        newsroom.robots = f"User-agent: *\nDisallow: {path}\n"
        crawl(newsroom, tmp_path, "--recheck")
        assert (newsroom.count("/robots.txt"), newsroom.count(path)) == (2, 1)


def test_its_redirects_are_followed_to_other_hosts_for_the_host_that_was_asked(
    tmp_path: Path,
) -> None:
    """RFC 9309, section 2.3.1.2."""
    with Newsroom(adverts=False) as newsroom, Newsroom() as other:
        for site, path, to in (
            (newsroom, "/robots.txt", "/1"),
            (newsroom, "/1", f"{other.url}/2"),
            (other, "/2", "/3"),
            (other, "/3", f"{newsroom.url}/4"),
            (newsroom, "/4", "/5"),
        ):
            site.redirect(path, to)
        newsroom.serve("/5", Response(200, FRONT_ALONE, TEXT))
        permalien("add", other.url, "--allow-private", "--delay", "0", **options(tmp_path))
        other.forget_requests()
        crawl(newsroom, tmp_path)
        asked = {visit.path for visit in newsroom.requests}
        assert asked == {"/robots.txt", "/1", "/4", "/5", "/"}
        assert all(newsroom.count(path) == 1 for path in asked - {"/"})
    assert on_record(tmp_path)["/robots.txt"][-1].outcome is Outcome.MOVED


def test_after_five_redirects_it_is_taken_for_one_that_is_not_there(tmp_path: Path) -> None:
    with Newsroom(adverts=False) as newsroom:
        (path,) = newsroom.publish_generated(1)
        for number in range(7):
            newsroom.redirect(f"/{number}" if number else "/robots.txt", f"/{number + 1}")
        newsroom.serve("/7", Response(200, b"User-agent: *\nDisallow: /\n", TEXT))
        crawl(newsroom, tmp_path)
        assert (newsroom.count("/5"), newsroom.count(path)) == (1, 1)


def test_while_it_is_out_of_reach_its_copy_counts_for_a_month(tmp_path: Path) -> None:
    """RFC 9309, section 2.3.1.4."""
    with Newsroom(adverts=False) as newsroom:
        allowed, forbidden = newsroom.publish_generated(2)
        urls = [f"{newsroom.url}{path}" for path in (allowed, forbidden)]
        newsroom.robots = f"User-agent: *\nDisallow: {forbidden}\n"
        crawl(newsroom, tmp_path)
        newsroom.forget_requests()
        newsroom.serve("/robots.txt", Response(503, b"", TEXT))
        age(tmp_path, days=2)
        done = permalien("crawl", *urls, **options(tmp_path))
        assert "its last copy counts" in done.err
        assert (newsroom.count(allowed), newsroom.count(forbidden)) == (1, 0)
        age(tmp_path, days=31)
        with Command("crawl", *urls, **options(tmp_path)) as command:
            while newsroom.count("/robots.txt") < 2:
                time.sleep(0.05)
            time.sleep(0.5)
            command.send_signal(signal.SIGTERM)
            command.wait()
        assert newsroom.count(allowed) == 1
    assert on_record(tmp_path)[allowed][-1].detail == "robots.txt out of reach: HTTP 503"


def test_a_crawl_delay_is_kept_and_one_that_is_too_long_is_told(tmp_path: Path) -> None:
    with Newsroom(adverts=False) as newsroom:
        newsroom.robots = "User-agent: *\nCrawl-delay: 1.5\nDisallow: /\nAllow: /$\n"
        crawl(newsroom, tmp_path, "--delay", "0.1")
        crawl(newsroom, tmp_path, "--recheck")
        times = [visit.at for visit in newsroom.requests]
        newsroom.robots = "User-agent: *\nCrawl-delay: 900\nDisallow: /\n"
        done = crawl(newsroom, tmp_path, f"{newsroom.url}/robots.txt")
    assert len(times) == 4
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    # They are seen when they arrive, which a busy machine puts off for some.
    assert min(gaps) >= 1.2, gaps
    assert "asks for 900 s between two requests, and gets 60" in done.err
    details = [check.detail or "" for check in on_record(tmp_path)["/robots.txt"]]
    assert details[0].endswith("; asks for 1.5 s between two requests")
    assert details[-1].endswith("; asks for 900 s between two requests, gets 60")
