"""The log of changes: it has no gap, and tells of every source and version."""

from typing import Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from storage.models import ArchiveIdentity, Change, ChangeKind, Source, VersionState
from storage.verification.check import Check, Done, batches, count
from storage.verification.report import RESTORE_MISSING, Report
from storage.verification.scope import Scope

_MOST: Final = 1_000


def _rows(session: Session, scope: Scope) -> int:
    return count(session, select(Change.id)) if scope.whole else 0


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    if not scope.whole:
        return
    if session.get_bind().dialect.name == "sqlite":
        _check_sequence(session, report, done)
    if session.scalar(select(func.count()).select_from(ArchiveIdentity)) != 1:
        report.add(
            "archive_identity",
            "of the archive",
            expected="the archive's identity",
            found="none",
            advice=RESTORE_MISSING,
        )
    told = exists().where(
        Change.version_id == VersionState.version_id, Change.kind == ChangeKind.VERSION
    )
    for version_id in session.scalars(select(VersionState.version_id).where(~told).limit(_MOST)):
        if not report.lacks("change"):
            _lacks(report, f"version {version_id}")
    known = exists().where(Change.source_id == Source.id, Change.kind == ChangeKind.SOURCE)
    for source_id in session.scalars(select(Source.id).where(~known).limit(_MOST)):
        if not report.lacks("change"):
            _lacks(report, f"source {source_id}")


def _lacks(report: Report, what: str) -> None:
    report.add(
        "change",
        f"of {what}",
        expected=f"a change that tells of {what}",
        found="none",
        advice=RESTORE_MISSING,
    )


def _check_sequence(session: Session, report: Report, done: Done) -> None:
    """SQLite's one writer gives out numbers without a gap; PostgreSQL leaves one where a
    transaction is taken back, which proves nothing."""
    expected = 1
    for rows in batches(session, select(Change.id).order_by(Change.id)):
        for (number,) in rows:
            for lost in range(expected, min(number, expected + _MOST)):
                report.add(
                    "change",
                    lost,
                    expected=f"a change before number {number}",
                    found="none",
                    advice=RESTORE_MISSING,
                )
            expected = number + 1
        done(len(rows))


CHECK: Final = Check("log of changes", 0.01, _rows, _run)
