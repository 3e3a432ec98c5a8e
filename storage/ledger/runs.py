"""Runs: one row a crawl, its heartbeat, and the burial of those that died without saying so."""

import os
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database.dialects import database_now
from storage.database.errors import LeaseLost
from storage.models import Run, RunEnd, Source

HEARTBEAT = timedelta(seconds=15)
LOST_AFTER = timedelta(seconds=60)
HUNG_AFTER = timedelta(minutes=10)


def start_run(
    session: Session,
    *,
    software: str,
    settings: dict[str, Any],
    now: datetime,
    beat_at: datetime | None = None,
) -> int:
    """Put this process's crawl on record; returns the run's id.

    `beat_at` is the time by the clock of heartbeats (storage.database.dialects.database_now), where
    that is not `now`.
    """
    run = Run(
        software=software,
        settings=settings,
        counts={},
        host=socket.gethostname(),
        pid=os.getpid(),
        process_started=_process_started(os.getpid()) or "",
        started_at=now,
        heartbeat_at=beat_at or now,
    )
    session.add(run)
    session.flush()
    return run.id


def beat(session: Session, run_id: int, counts: dict[str, Any], now: datetime) -> None:
    """Say that the run is alive at `now`, by the clock of heartbeats. Raises LeaseLost when it was
    taken for dead meanwhile."""
    alive = session.scalar(
        update(Run)
        .where(Run.id == run_id, Run.ended_at.is_(None))
        .values(heartbeat_at=now, counts=counts)
        .returning(Run.id)
    )
    if alive is None:
        raise LeaseLost(f"run {run_id} was silent for too long and its work was given away")


def end_run(
    session: Session, run_id: int, how: RunEnd, counts: dict[str, Any], now: datetime
) -> None:
    """Record how the run ended, and give back its sources."""
    session.execute(
        update(Run)
        .where(Run.id == run_id, Run.ended_at.is_(None))
        .values(ended_at=now, ended_how=how, counts=counts)
    )
    _free_sources(session, [run_id])


def bury_dead_runs(
    session: Session, now: datetime, *, ended_at: datetime | None = None
) -> list[int]:
    """End the runs that are dead and free their sources; returns their ids.

    `now` is by the clock of heartbeats, and no other machine's; `ended_at` what their records tell,
    where that is another. Dead is a run among this machine's processes whose own is gone, at once;
    a run without a heartbeat for LOST_AFTER, or for HUNG_AFTER where its process is seen to live.
    """
    open_runs = session.scalars(
        select(Run).where(Run.ended_at.is_(None)).with_for_update(skip_locked=True)
    )
    dead = [run for run in open_runs if is_dead(run, now)]
    for run in dead:
        run.ended_at, run.ended_how = ended_at or now, RunEnd.LOST
    session.flush()
    _free_sources(session, [run.id for run in dead])
    return [run.id for run in dead]


def is_dead(run: Run, now: datetime) -> bool:
    """Whether a run has died at `now`, by the clock of heartbeats, without a word of it on record
    yet."""
    if run.ended_at is not None:
        return False
    silent = now - run.heartbeat_at
    if not _is_here(run):
        return silent > LOST_AFTER
    # Its heartbeat may be waiting for a lock, of which SQLite has one.
    return silent > HUNG_AFTER or _process_started(run.pid) != run.process_started


def named(run: Run) -> str:
    """The run as a person can find it."""
    return f"run {run.id} (process {run.pid} on {run.host}, since {run.started_at:%Y-%m-%d %H:%M}Z)"


def live_runs(session: Session) -> int:
    """How many runs are under way."""
    return len(session.scalars(select(Run.id).where(Run.ended_at.is_(None))).all())


def _free_sources(session: Session, run_ids: list[int]) -> None:
    if run_ids:
        session.execute(
            update(Source)
            .where(Source.lease_run_id.in_(run_ids))
            .values(lease_run_id=None, quiet_since=database_now(session))
        )


def _is_here(run: Run) -> bool:
    """Whether the run's process is, or was, among those that can be seen from here.

    Containers and cloned machines may share a host name: where there are pid namespaces, a
    process is only looked for in its own.
    """
    namespace, _, _ = run.process_started.rpartition(":")
    return run.host == socket.gethostname() and namespace == _pid_namespace()


def _process_started(pid: int) -> str | None:
    """A mark of the process that has this pid now, None where there is none.

    On Linux its pid namespace and its start time (proc(5), field 22 of stat), in ticks since the
    boot. psutil gives a time of day, which moves when the clock is set (its issue 2526): a run that
    lives would be taken for dead.
    """
    namespace = _pid_namespace()
    if not namespace:
        return "" if _takes_signals(pid) else None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    state, *rest = fields.rpartition(")")[2].split()
    return None if state in "ZX" else f"{namespace}:{rest[18]}"


def _pid_namespace() -> str:
    """A mark of this boot of this machine and of this process's pid namespace; empty where the
    system has none (pid_namespaces(7))."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot[:8]}:{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _takes_signals(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
