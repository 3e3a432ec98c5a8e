"""Fetches: their ids carry their times and runs, and their headers are whole."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.ledger.fetch_ids import is_of_run, moment_of, sequence_of
from storage.models import Fetch, HeaderSet, Run
from storage.verification.check import AnySelect, Check, Done, batches, count
from storage.verification.report import Report
from storage.verification.scope import Scope

_PAUSE: Final = timedelta(seconds=5)
"""Between the making of an id and the look at the clock a machine may pause."""
_PUT_BACK: Final = timedelta(hours=1)
"""How much later than its fetch an id is at most, while a clock that was put back comes forward."""
_MOST_SETS: Final = 10_000  # of headers, of which it is remembered how many values they leave


def _query(scope: Scope) -> AnySelect:
    return select(
        Fetch.id,
        Fetch.run_id,
        Fetch.fetched_at,
        Fetch.status,
        Fetch.error,
        Fetch.request_headers_id,
        Fetch.request_values,
        Fetch.response_headers_id,
        Fetch.response_values,
    ).where(scope.of_fetches())


def _rows(session: Session, scope: Scope) -> int:
    return count(session, select(Fetch.id).where(scope.of_fetches()))


@dataclass(slots=True)
class _Sets:
    """How many values each set of headers leaves to the fetch."""

    session: Session
    known: dict[int, int] = field(default_factory=dict)

    def load(self, ids: set[int]) -> None:
        if len(self.known) > _MOST_SETS:
            self.known.clear()
        rows = self.session.execute(
            select(HeaderSet.id, HeaderSet.headers).where(HeaderSet.id.in_(ids - self.known.keys()))
        )
        self.known |= {row.id: sum(len(it) == 1 for it in row.headers) for row in rows}


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    sets = _Sets(session)
    for rows in batches(session, _query(scope)):
        named = {row.request_headers_id for row in rows} | {row.response_headers_id for row in rows}
        sets.load({it for it in named if it is not None})
        for row in rows:
            _check(report, row, sets.known)
        done(len(rows))
    _check_runs(session, report)


def _check(report: Report, row: Any, sets: dict[int, int]) -> None:
    if not _is_at(row.id, row.fetched_at):
        told = f"the time in its id, {moment_of(row.id).isoformat()}"
        report.add("fetch", row.id, expected=told, found=row.fetched_at.isoformat())
    if not is_of_run(row.id, row.run_id):
        report.add("fetch", row.id, expected="the run in its id", found=f"run {row.run_id}")
    if (row.status is None) == (row.error is None):
        found = "neither" if row.status is None else f"status {row.status} and {row.error}"
        report.add("fetch", row.id, expected="a status or an error", found=found)
    for which in ("request", "response"):
        set_id, values = getattr(row, f"{which}_headers_id"), getattr(row, f"{which}_values")
        wanted = 0 if set_id is None else sets.get(set_id)
        if wanted is None or report.doubts("header_set", set_id):
            continue
        if wanted != len(values or ()):
            told = f"{wanted} values of {which} headers, as header_set {set_id} leaves"
            report.add("fetch", row.id, expected=told, found=len(values or ()))


def _is_at(fetch_id: int, at: datetime) -> bool:
    ahead = moment_of(fetch_id) - at
    most = _PUT_BACK if sequence_of(fetch_id) else _PAUSE
    return -_PAUSE <= ahead <= most


def _check_runs(session: Session, report: Report) -> None:
    """A run ended after it began."""
    for row in session.execute(select(Run.id, Run.started_at, Run.ended_at, Run.ended_how)):
        if (row.ended_at is None) != (row.ended_how is None):
            report.add("run", row.id, expected="how it ended, and when", found="one of them")
        elif row.ended_at is not None and row.ended_at < row.started_at:
            told = f"after its beginning, {row.started_at.isoformat()}"
            report.add("run", row.id, expected=told, found=f"ended {row.ended_at.isoformat()}")


CHECK: Final = Check("fetches", 0.05, _rows, _run)
