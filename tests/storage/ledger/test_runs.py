"""Runs that live, that end, and that died without saying so."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from storage.database import dialects
from storage.database.archive import Archive
from storage.database.dialects import database_now
from storage.database.errors import LeaseLost
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.sources import add_source, lease_sources
from storage.ledger.runs import (
    HUNG_AFTER,
    LOST_AFTER,
    beat,
    bury_dead_runs,
    end_run,
    live_runs,
    start_run,
)
from storage.models import AddressKind, Run, RunEnd, Source
from tests.support.archiving import START

SECOND = timedelta(seconds=1)


def start(archive: Archive, **values: object) -> int:
    """A run of this process, with these values instead of its own."""
    with archive.writing() as session:
        run_id = start_run(session, software="1", settings={"delay": 2}, now=START)
        if values:
            session.execute(update(Run).where(Run.id == run_id).values(**values))
        return run_id


def lease(archive: Archive, run_id: int) -> list[str]:
    with archive.writing() as session:
        add_source(session, "https://example.org/", now=START)
        front = Found("https://example.org/", AddressKind.FRONT)
        enqueue(session, [front], now=START)
        return [s.name for s in lease_sources(session, run_id, now=START, limit=1, only=None)]


def bury(archive: Archive, now: datetime = START) -> list[int]:
    with archive.writing() as session:
        return bury_dead_runs(session, now)


def run_of(archive: Archive, run_id: int) -> Run:
    with archive.reading() as session:
        return session.get_one(Run, run_id)


def test_a_run_tells_of_itself(archive: Archive) -> None:
    run = run_of(archive, start(archive))
    assert (run.pid, run.settings, run.counts) == (os.getpid(), {"delay": 2}, {})
    assert (run.started_at, run.heartbeat_at, run.ended_at) == (START, START, None)


def test_a_heartbeat_keeps_a_run_alive(archive: Archive) -> None:
    run_id = start(archive, host="elsewhere")
    with archive.writing() as session:
        beat(session, run_id, {"pages": 3}, START + LOST_AFTER)
    assert bury(archive, START + 2 * LOST_AFTER) == []
    assert run_of(archive, run_id).counts == {"pages": 3}
    assert bury(archive, START + 2 * LOST_AFTER + SECOND) == [run_id]


def test_a_run_that_was_given_up_is_told_so(archive: Archive) -> None:
    run_id = start(archive, host="elsewhere")
    assert lease(archive, run_id) == ["example.org"]
    bury(archive, START + LOST_AFTER + SECOND)
    run = run_of(archive, run_id)
    assert (run.ended_how, run.ended_at) == (RunEnd.LOST, START + LOST_AFTER + SECOND)
    with pytest.raises(LeaseLost, match=f"run {run_id} was silent"), archive.writing() as session:
        beat(session, run_id, {}, START)
    assert lease(archive, start(archive)) == ["example.org"]


def test_an_end_gives_the_sources_back_and_is_not_written_over(archive: Archive) -> None:
    run_id = start(archive)
    lease(archive, run_id)
    for how in (RunEnd.FINISHED, RunEnd.FAILED):
        with archive.writing() as session:
            end_run(session, run_id, how, {"pages": 1}, START + SECOND)
    run = run_of(archive, run_id)
    assert (run.ended_how, run.ended_at, run.counts) == (
        RunEnd.FINISHED,
        START + SECOND,
        {"pages": 1},
    )
    with archive.reading() as session:
        assert session.scalars(select(Source.lease_run_id)).all() == [None]
        assert live_runs(session) == 0


def test_live_runs_are_those_without_an_end(archive: Archive) -> None:
    start(archive)
    start(archive, ended_at=START, ended_how=RunEnd.FINISHED)
    with archive.reading() as session:
        assert live_runs(session) == 1


def _finished_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_run_whose_process_is_gone_is_buried_at_once(archive: Archive) -> None:
    alive, dead = start(archive), start(archive, pid=_finished_process())
    assert bury(archive) == [dead]
    assert run_of(archive, alive).ended_at is None


def test_a_run_whose_pid_another_process_has_now_is_buried(archive: Archive) -> None:
    run_id = start(archive)
    mark = run_of(archive, run_id).process_started
    reused = start(archive, process_started=mark.rpartition(":")[0] + ":1")
    assert bury(archive) == [reused]


def test_a_zombie_is_dead(archive: Archive) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        process.stdout.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    run_id = start(archive, pid=process.pid)
    assert bury(archive) == [run_id]
    process.wait()


@pytest.mark.parametrize(
    "elsewhere", [{"host": "elsewhere"}, {"process_started": "0a1b2c3d:4026531836:77"}]
)
def test_a_process_of_another_machine_or_container_is_not_looked_for_here(
    archive: Archive, elsewhere: dict[str, str]
) -> None:
    run_id = start(archive, pid=_finished_process(), **elsewhere)
    assert bury(archive, START + LOST_AFTER) == []
    assert bury(archive, START + LOST_AFTER + SECOND) == [run_id]


def test_two_gravediggers_bury_each_run_once(postgresql_archive: Archive) -> None:
    run_id = start(postgresql_archive, host="elsewhere")
    later = START + 2 * LOST_AFTER
    with postgresql_archive.writing() as one, postgresql_archive.writing() as other:
        assert bury_dead_runs(one, later) == [run_id]
        assert bury_dead_runs(other, later) == []


def test_no_machine_buries_a_run_because_its_own_clock_is_ahead(
    postgresql_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = start(postgresql_archive, host="elsewhere")
    with postgresql_archive.writing() as session:
        beat(session, run_id, {}, database_now(session))
    monkeypatch.setattr(dialects, "system_now", lambda: datetime.now(UTC) + 2 * LOST_AFTER)
    with postgresql_archive.writing() as session:
        assert bury_dead_runs(session, database_now(session)) == []


def test_a_process_that_is_seen_to_live_may_be_silent_for_longer(archive: Archive) -> None:
    run_id = start(archive)
    assert bury(archive, START + HUNG_AFTER) == []
    assert bury(archive, START + HUNG_AFTER + SECOND) == [run_id]
