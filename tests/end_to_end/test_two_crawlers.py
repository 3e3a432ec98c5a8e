"""Crawlers on one archive share its sources: nothing is fetched twice, and nothing is lost."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from storage.models import Article, Run, RunEnd, Version
from tests.support.command import Command
from tests.support.comparison import loose_ends
from tests.support.newsroom import Newsroom

SOURCES = 8
ARTICLES = 15  # a source
ANSWER_SECONDS = 0.25

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def newsrooms(postgresql_archive: Archive) -> Iterator[list[Newsroom]]:
    """Sources that are all due and have something to say."""
    with ExitStack() as stack:
        rooms = [
            stack.enter_context(Newsroom(delay=ANSWER_SECONDS, adverts=False))
            for _ in range(SOURCES)
        ]
        for seed, room in enumerate(rooms):
            room.publish_generated(ARTICLES, seed=seed)
        with postgresql_archive.writing() as session:
            for room in rooms:
                enrol(session, room.url, now=utc_now(), allow_private=True, delay=0)
        yield rooms


def test_two_share_the_work(
    postgresql_archive: Archive, newsrooms: list[Newsroom], tmp_path: Path
) -> None:
    with crawler(postgresql_archive, tmp_path) as one, crawler(postgresql_archive, tmp_path) as two:
        for done in (one.wait(), two.wait()):
            assert done.code == 0, done.err
    assert fetched_more_than_once(newsrooms) == []
    assert_all_is_archived(postgresql_archive)
    requests = [run.counts["requests"] for run in runs(postgresql_archive)]
    assert len(requests) == 2
    assert min(requests) > sum(requests) / 5, requests


def test_one_is_killed_half_way(
    postgresql_archive: Archive, newsrooms: list[Newsroom], tmp_path: Path
) -> None:
    with crawler(postgresql_archive, tmp_path) as one, crawler(postgresql_archive, tmp_path) as two:
        deadline = time.monotonic() + 120
        while article_count(postgresql_archive) < SOURCES * ARTICLES / 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        one.signal_group(signal.SIGKILL)
        one.wait()
        done = two.wait()
        assert done.code == 0, done.err
    assert_all_is_archived(postgresql_archive)
    ends = {run.ended_how for run in runs(postgresql_archive)}
    assert ends == {RunEnd.LOST, RunEnd.FINISHED}


def crawler(archive: Archive, folder: Path) -> Command:
    return Command("crawl", database=archive.url.render_as_string(hide_password=False), cwd=folder)


def fetched_more_than_once(newsrooms: list[Newsroom]) -> list[tuple[str, int]]:
    return [
        (path, room.count(path))
        for room in newsrooms
        for path in {visit.path for visit in room.requests}
        if room.count(path) > 1
    ]


def assert_all_is_archived(archive: Archive) -> None:
    """Every article once, in one version, and nothing left to do."""
    assert article_count(archive) == SOURCES * ARTICLES
    with archive.reading() as session:
        assert session.scalar(select(func.max(Version.number))) == 1
        assert session.scalar(select(func.count(func.distinct(Article.url)))) == SOURCES * ARTICLES
    assert loose_ends(archive) == []


def article_count(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Article)) or 0


def runs(archive: Archive) -> list[Run]:
    with archive.reading() as session:
        return list(session.scalars(select(Run).order_by(Run.id)))
