"""A heartbeat waits for nobody, and is no proof of life where the event loop hangs."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from crawler.process import heartbeat as module
from crawler.process.heartbeat import Heartbeat
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import LeaseLost
from storage.ledger.runs import end_run, start_run
from storage.models import Run, RunEnd, Source

LONG_AGO = timedelta(minutes=9)


@pytest.fixture
def heartbeat(postgresql_archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heartbeat]:
    monkeypatch.setattr(module, "HEARTBEAT", timedelta(seconds=0.05))
    with postgresql_archive.writing() as session:
        run_id = start_run(session, software="test", settings={}, now=utc_now())
        session.execute(update(Run).values(heartbeat_at=utc_now() - LONG_AGO))
    with Heartbeat(postgresql_archive, run_id) as beating:
        beating.tick({"requests": 3})
        yield beating


def last(archive: Archive) -> datetime:
    with archive.reading() as session:
        return session.scalars(select(Run.heartbeat_at)).one()


def beats(archive: Archive, *, within: float = 60.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if utc_now() - last(archive) < LONG_AGO / 2:
            return True
        time.sleep(0.02)
    return False


def test_it_beats_while_the_run_writes_for_long(
    postgresql_archive: Archive, heartbeat: Heartbeat
) -> None:
    with postgresql_archive.writing() as session:
        session.execute(update(Source).values(cadence=900))
        assert beats(postgresql_archive)
    with postgresql_archive.reading() as session:
        assert session.scalars(select(Run.counts)).one() == {"requests": 3}


def test_it_stops_where_the_loop_does_not_go_round(
    postgresql_archive: Archive, heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STUCK", 0.0)
    time.sleep(0.2)
    with postgresql_archive.writing() as session:
        session.execute(update(Run).values(heartbeat_at=utc_now() - LONG_AGO))
    assert not beats(postgresql_archive, within=0.5)


def test_a_run_that_was_taken_for_dead_is_told(
    postgresql_archive: Archive, heartbeat: Heartbeat
) -> None:
    with postgresql_archive.writing() as session:
        run_id = session.scalars(select(Run.id)).one()
        end_run(session, run_id, RunEnd.LOST, {}, utc_now())
    deadline = time.monotonic() + 60
    while heartbeat.lost is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert isinstance(heartbeat.lost, LeaseLost)
