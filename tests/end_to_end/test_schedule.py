"""`permalien schedule` is killed, its crawls are, its database is restarted: it carries on."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import func, select

from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from storage.ledger.findings import of_fetch, outcome_of_fetch
from storage.models import (
    Address,
    AddressKind,
    Article,
    Fetch,
    Finding,
    Frontier,
    Outcome,
    Run,
    Source,
    Version,
)
from tests.support.command import PATIENCE, Command
from tests.support.databases import own_postgresql
from tests.support.newsroom import Newsroom

pytestmark = pytest.mark.timeout(400)

ARTICLES = 20


@pytest.fixture
def rooms() -> Iterator[list[Newsroom]]:
    """Two sites that answer slowly enough to be caught in the middle."""
    with Newsroom(delay=0.1) as one, Newsroom(delay=0.1) as other:
        one.publish_generated(ARTICLES, seed=1)
        other.publish_generated(ARTICLES, seed=2)
        yield [one, other]


def begin(archive: Archive, rooms: list[Newsroom]) -> None:
    schema.upgrade(archive)
    with archive.writing() as session:
        for room in rooms:
            enrol(session, room.url, now=utc_now(), allow_private=True, delay=0)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def articles(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Article)) or 0


def wait_for_articles(archive: Archive, count: int) -> None:
    """Until there are so many, or all."""
    wait_for(lambda: articles(archive) >= min(count, 2 * ARTICLES))


def is_at_rest(archive: Archive, rooms: list[Newsroom]) -> bool:
    with archive.reading() as session:
        under_way = session.scalar(select(Run.id).where(Run.ended_at.is_(None)).limit(1))
    return under_way is None and articles(archive) == ARTICLES * len(rooms)


def assert_whole(archive: Archive, rooms: list[Newsroom]) -> None:
    """Nothing is lost, nothing is there twice, no source was crawled by two runs at a time."""
    with archive.reading() as session:
        # A template that a dead run did not get to learn is learned in the source's next session.
        waiting = Frontier.pending_fetch_id.is_not(None)
        assert session.scalars(select(Frontier.address_id).where(waiting)).all() == []
        assert (
            session.scalars(select(Source.id).where(Source.lease_run_id.is_not(None))).all() == []
        )
        assert session.scalar(select(func.count()).select_from(Version)) == ARTICLES * len(rooms)
        archived = session.execute(
            select(Fetch.address_id, func.count())
            .join(Address, Address.id == Fetch.address_id)
            .outerjoin(Finding, of_fetch())
            .where(Address.kind == AddressKind.PAGE, outcome_of_fetch() == Outcome.FETCHED)
            .group_by(Fetch.address_id)
        ).all()
        assert [count for _, count in archived] == [1] * ARTICLES * len(rooms)
        checks = session.execute(
            select(Address.source_id, Fetch.run_id)
            .join(Address, Address.id == Fetch.address_id)
            .order_by(Address.source_id, Fetch.id)
        ).all()
    turns = [key for key, _ in groupby(checks)]
    assert len(turns) == len(set(turns)), "runs took turns at a source while both were under way"


@pytest.mark.parametrize("seed", [1, 2])
def test_kills(database_url: str, tmp_path: Path, rooms: list[Newsroom], seed: int) -> None:
    """Of the schedule alone, of its crawl alone, of both, at any moment."""
    chance = random.Random(seed)
    archive = Archive(database_url)
    begin(archive, rooms)
    for _ in range(4):
        with Command("schedule", database=database_url, cwd=tmp_path) as schedule:
            known = articles(archive)
            wait_for_articles(archive, known + 4)
            time.sleep(chance.uniform(0, 0.5))
            with archive.reading() as session:
                pids = session.scalars(select(Run.pid).where(Run.ended_at.is_(None))).all()
            whom = chance.choice(["schedule", "crawl", "both"])
            if whom != "schedule":
                for pid in pids:
                    os.kill(pid, signal.SIGKILL)
            if whom == "crawl":
                wait_for_articles(archive, known + 8)
            # The end of `with` kills the schedule, without a word.
    with Command("schedule", database=database_url, cwd=tmp_path) as schedule:
        wait_for(lambda: is_at_rest(archive, rooms))
        schedule.send_signal(signal.SIGTERM)
        done = schedule.wait()
    # The crawl of a schedule that was killed may have done it all, and this one not yet begun.
    assert done.code in (0, -signal.SIGTERM), done.err
    assert_whole(archive, rooms)
    archive.close()


# A connection that the server broke off is left to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_restarts_of_the_database(tmp_path: Path, rooms: list[Newsroom]) -> None:
    """It is away for longer than a crawl waits, and then for a moment."""
    # Its server runs as a user of its own, who can't look into the test's folder.
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        own_postgresql(Path(folder)) as server,
    ):
        archive = Archive(server.url)
        begin(archive, rooms)
        with Command("schedule", database=server.url, cwd=tmp_path) as schedule:
            for count, seconds in ((8, 70), (16, 1)):
                wait_for_articles(archive, count)
                archive.close()
                server.stop()
                time.sleep(seconds)
                server.start()
            wait_for(lambda: is_at_rest(archive, rooms))
            schedule.send_signal(signal.SIGTERM)
            done = schedule.wait()
        assert done.code == 0, done.err
        assert "Traceback" not in done.err
        assert_whole(archive, rooms)
        archive.close()
