"""Runs: one row a crawl, its heartbeat, and the burial of those that died without saying so."""

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.errors import LeaseLost
from storage.models import Run, RunEnd, Source

HEARTBEAT = timedelta(seconds=15)
LOST_AFTER = timedelta(seconds=60)


def start_run(session: Session, *, software: str, settings: dict[str, Any], now: datetime) -> int:
    """Put this process's crawl on record; returns the run's id."""
    run = Run(
        software=software,
        settings=settings,
        counts={},
        host=socket.gethostname(),
        pid=os.getpid(),
        process_started=_process_started(os.getpid()) or "",
        started_at=now,
        heartbeat_at=now,
    )
    session.add(run)
    session.flush()
    return run.id


def beat(session: Session, run_id: int, counts: dict[str, Any], now: datetime) -> None:
    """Say that the run is alive. Raises LeaseLost when it was taken for dead meanwhile."""
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
        .values(ended_at=now, ended_how=how, heartbeat_at=now, counts=counts)
    )
    _free_sources(session, [run_id])


def bury_dead_runs(session: Session, now: datetime) -> list[int]:
    """End the runs that are dead and free their sources; returns their ids.

    Dead is a run of this machine whose process is gone, at once, and any run without a heartbeat
    for LOST_AFTER.
    """
    here = socket.gethostname()
    open_runs = session.scalars(
        select(Run).where(Run.ended_at.is_(None)).with_for_update(skip_locked=True)
    )
    dead = [
        run
        for run in open_runs
        if now - run.heartbeat_at > LOST_AFTER
        or (run.host == here and _process_started(run.pid) != run.process_started)
    ]
    for run in dead:
        run.ended_at, run.ended_how = now, RunEnd.LOST
    session.flush()
    _free_sources(session, [run.id for run in dead])
    return [run.id for run in dead]


def live_runs(session: Session) -> int:
    """How many runs are under way."""
    return len(session.scalars(select(Run.id).where(Run.ended_at.is_(None))).all())


def _free_sources(session: Session, run_ids: list[int]) -> None:
    if run_ids:
        session.execute(
            update(Source).where(Source.lease_run_id.in_(run_ids)).values(lease_run_id=None)
        )


def _process_started(pid: int) -> str | None:
    """A mark of the process that has this pid now, None where there is none.

    On Linux its start time and the boot it belongs to (proc(5), field 22 of stat).
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        state, *rest = fields.rpartition(")")[2].split()
        return None if state in "ZX" else f"{boot[:8]}:{rest[18]}"
    except OSError:
        return None if Path("/proc/self").exists() else _signalled(pid)


def _signalled(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return ""


def utc_now() -> datetime:
    return datetime.now(UTC)
