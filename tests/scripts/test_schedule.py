"""`permalien schedule`, as a service manager runs it."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import select, update

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.models import Article, Frontier, Run, RunEnd, Source
from tests.support.command import PATIENCE, Command, permalien
from tests.support.databases import url_of
from tests.support.newsroom import Newsroom


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.2)


def archived(archive: Archive, urls: Iterable[str]) -> int:
    """How many of these URLs are articles of the archive."""
    with archive.reading() as session:
        return len(session.scalars(select(Article.id).where(Article.url.in_(list(urls)))).all())


def make_due(archive: Archive) -> None:
    """As if the time had come for everything."""
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=utc_now()))
        session.execute(update(Source).values(next_due_at=utc_now()))


def crawling(archive: Archive) -> Run | None:
    with archive.reading() as session:
        return session.scalar(select(Run).where(Run.ended_at.is_(None)))


def test_it_crawls_what_falls_due_and_stops_when_asked(
    new_archive: Archive, tmp_path: Path
) -> None:
    database = url_of(new_archive)
    with Newsroom() as room:
        urls = [room.url + path for path in room.publish_generated(3, seed=1)]
        added = permalien(
            "add", room.url, "--allow-private", "--delay", "0", database=database, cwd=tmp_path
        )
        assert added.code == 0, added.err
        with Command("schedule", database=database, cwd=tmp_path) as schedule:
            wait_for(lambda: archived(new_archive, urls) == 3)
            late = room.publish(
                "/late", title="A late one", paragraphs=["It came after the others."] * 3
            )
            wait_for(lambda: crawling(new_archive) is None)
            make_due(new_archive)
            wait_for(lambda: archived(new_archive, [late]) == 1)
            schedule.send_signal(signal.SIGTERM)
            done = schedule.wait()
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    assert "sources: 1" in done.err
    assert crawling(new_archive) is None


def test_a_crawl_that_is_killed_is_followed_by_the_next(
    new_archive: Archive, tmp_path: Path
) -> None:
    database = url_of(new_archive)
    with Newsroom(delay=0.7) as room:
        urls = [room.url + path for path in room.publish_generated(12, seed=2)]
        added = permalien(
            "add", room.url, "--allow-private", "--delay", "0", database=database, cwd=tmp_path
        )
        assert added.code == 0, added.err
        with Command("schedule", database=database, cwd=tmp_path) as schedule:
            wait_for(lambda: archived(new_archive, urls) >= 2)
            run = crawling(new_archive)
            assert run is not None
            os.kill(run.pid, signal.SIGKILL)
            wait_for(lambda: archived(new_archive, urls) == 12)
            schedule.send_signal(signal.SIGTERM)
            done = schedule.wait()
    assert done.code == 0, done.err
    with new_archive.reading() as session:
        ends = dict(session.execute(select(Run.id, Run.ended_how)).all())
    assert ends[run.id] is RunEnd.LOST
