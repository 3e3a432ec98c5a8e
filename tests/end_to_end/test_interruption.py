"""Ctrl-C and SIGTERM: what is under way is finished, and the next crawl goes on."""

import signal
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from crawler.middlewares.tdm_files import PATH as TDM_FILE
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from storage.models import Article, Fetch, Finding, Frontier, Outcome, Run, RunEnd, Source
from tests.support.command import Command, permalien
from tests.support.comparison import loose_ends
from tests.support.newsroom import Newsroom

ARTICLES = 40
ANSWER_SECONDS = 0.4  # long enough that readers start while pages are still to come
INTERRUPTED = 130

pytestmark = pytest.mark.timeout(400)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_crawl_that_is_told_to_stop_finishes_its_pages(
    sqlite_archive: Archive, tmp_path: Path, number: signal.Signals
) -> None:
    with Newsroom(adverts=False, delay=ANSWER_SECONDS) as newsroom:
        newsroom.publish_generated(ARTICLES)
        with Command("crawl", **where(sqlite_archive, newsroom, tmp_path)) as crawl:
            wait_for_articles(sqlite_archive, 5)
            # As a terminal and a service manager do: to the workers too.
            crawl.signal_group(number)
            done = crawl.wait(timeout=60)
        assert done.code == INTERRUPTED
        assert "interrupted" in done.err
        assert "Traceback" not in done.err
        # The site's tdmrep.json has a record of its own.
        asked = {it.path for it in newsroom.requests} - {TDM_FILE}
        answered = sum(newsroom.count(path) for path in asked)
        with sqlite_archive.reading() as session:
            assert session.scalars(select(Run.ended_how)).all() == [RunEnd.INTERRUPTED]
            assert unreadable(sqlite_archive) == 0
            recorded = session.scalar(select(func.count()).select_from(Fetch)) or 0
            articles = session.scalar(select(func.count()).select_from(Article)) or 0
        assert answered == recorded
        assert 5 <= articles < ARTICLES
        assert pending(sqlite_archive) == 0

        newsroom.delay = 0
        done = permalien("crawl", **where(sqlite_archive, newsroom, tmp_path))
        assert done.code == 0, done.err
        twice = [path for path in {it.path for it in newsroom.requests} if newsroom.count(path) > 1]
        assert twice == []
    assert loose_ends(sqlite_archive) == []


def test_told_twice_it_stops_at_once_and_loses_nothing(
    sqlite_archive: Archive, tmp_path: Path
) -> None:
    with Newsroom(adverts=False, delay=ANSWER_SECONDS) as newsroom:
        newsroom.publish_generated(ARTICLES)
        with Command("crawl", **where(sqlite_archive, newsroom, tmp_path)) as crawl:
            wait_for_articles(sqlite_archive, 2)
            newsroom.delay = 25
            time.sleep(0.5)
            crawl.signal_group(signal.SIGINT)
            time.sleep(1)
            assert crawl.running, "it waits for its pages"
            crawl.signal_group(signal.SIGINT)
            done = crawl.wait(timeout=20)
        assert done.code == INTERRUPTED, done.err
        with sqlite_archive.reading() as session:
            assert session.scalars(select(Run.ended_how)).all() == [RunEnd.INTERRUPTED]
        newsroom.delay = 0
        done = permalien("crawl", **where(sqlite_archive, newsroom, tmp_path))
        assert done.code == 0, done.err
    with sqlite_archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(Article)) == ARTICLES
    assert loose_ends(sqlite_archive) == []


def test_one_that_reads_what_another_left_is_told_to_stop(
    sqlite_archive: Archive, tmp_path: Path
) -> None:
    """Captures that wait to be read are read before it ends, and it does end."""
    with Newsroom(adverts=False) as newsroom:
        newsroom.publish_generated(ARTICLES)
        with Command("crawl", **where(sqlite_archive, newsroom, tmp_path)) as crawl:
            deadline = time.monotonic() + 60
            while pending(sqlite_archive) < 5:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            crawl.signal_group(signal.SIGKILL)
            crawl.wait()
        with Command("crawl", **where(sqlite_archive, newsroom, tmp_path)) as crawl:
            deadline = time.monotonic() + 60
            while run_count(sqlite_archive) < 2:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            time.sleep(0.5)
            crawl.signal_group(signal.SIGINT)
            done = crawl.wait(timeout=60)
        assert done.code in (0, INTERRUPTED), done.err


def where(archive: Archive, newsroom: Newsroom, folder: Path) -> dict[str, Any]:
    """What a command needs to crawl the site, which is a source from now on."""
    with archive.writing() as session:
        if session.scalar(select(func.count()).select_from(Source)) == 0:
            enrol(session, newsroom.url, now=utc_now(), allow_private=True, delay=0)
    return {"database": archive.url.render_as_string(hide_password=False), "cwd": folder}


def wait_for_articles(archive: Archive, count: int) -> None:
    deadline = time.monotonic() + 60
    while article_count(archive) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def article_count(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Article)) or 0


def run_count(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0


def pending(archive: Archive) -> int:
    """Captures that wait to be read."""
    query = select(func.count()).where(Frontier.pending_fetch_id.is_not(None))
    with archive.reading() as session:
        return session.scalar(query) or 0


def unreadable(archive: Archive) -> int:
    query = select(func.count()).where(Finding.outcome == Outcome.UNREADABLE)
    with archive.reading() as session:
        return session.scalar(query) or 0
