"""The log that proves what the archive held: each day's tree, and that all that was recorded is in
it or waits to be."""

from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Address, Content, Fetch, HeaderSet, Leaf, Reading, Unsealed, Version
from storage.proof.checking import Fault, LogFault, check_log
from storage.verification.check import Check, Done
from storage.verification.report import RESTORE, RESTORE_MISSING, Report, key_of
from storage.verification.scope import Scope

_MOST: Final = 1_000
_RECORDED: Final = (
    (Fetch.id, Leaf.fetch_id, Unsealed.fetch_id),
    (Version.id, Leaf.version_id, Unsealed.version_id),
    (Content.digest, Leaf.content_digest, Unsealed.content_digest),
)
_BESIDE: Final[dict[Any, Any]] = {
    Fetch: (
        (Fetch.address_id, Address),
        (Fetch.request_headers_id, HeaderSet),
        (Fetch.response_headers_id, HeaderSet),
    ),
    Version: ((Version.reading_id, Reading),),
}
"""What the leaf of a row tells of other rows too."""
_TABLES: Final = {
    Fault.ROOT: "day_root",
    Fault.CHAIN: "day_root",
    Fault.STAMP: "timestamp_token",
}


def _rows(session: Session, scope: Scope) -> int:
    return (session.scalar(select(func.count()).select_from(Leaf)) or 0) if scope.whole else 0


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    if scope.whole:
        for fault in check_log(session, progress=done):
            if not _is_of_another(session, report, fault):
                _tell(report, fault)


def _is_of_another(session: Session, report: Report, it: LogFault) -> bool:
    """Whether it is another row, which is blamed or missing, that makes the leaf's row differ."""
    if it.fault not in (Fault.CHANGED, Fault.MISSING):
        return False
    for of, key in ((Fetch, it.fetch_id), (Version, it.version_id)):
        for column, other in _BESIDE[of] if key is not None else ():
            named = session.scalar(select(column).where(of.id == key))
            if named is not None and (
                report.doubts(other.__tablename__, named) or session.get(other, named) is None
            ):
                return True
    return False


def _tell(report: Report, it: LogFault) -> None:
    """Blame what the log says is at fault."""
    leaf = (it.day, it.position)
    named = [("fetch", it.fetch_id), ("version", it.version_id), ("content", it.content_digest)]
    rows = [(table, key) for table, key in named if key is not None]
    if it.fault in (Fault.CHANGED, Fault.MISSING) and rows:
        table, key = rows[0]
        told = f"what leaf {it.position} of {it.day} commits to"
        advice = RESTORE_MISSING if it.fault is Fault.MISSING else RESTORE
        naming = [("leaf", key_of(leaf))]
        report.add(table, key, expected=told, found=it.why, advice=advice, named_by=naming)
    elif it.fault is Fault.LEAF:
        report.add("leaf", leaf, expected=f"a leaf of the tree of {it.day}", found=it.why)
    else:
        table = _TABLES.get(it.fault, "leaf")
        report.add(table, it.day, expected=f"what closed {it.day}", found=it.why)


def _kinds(_session: Session, scope: Scope) -> int:
    return len(_RECORDED) if scope.whole else 0


def _run_recorded(session: Session, scope: Scope, report: Report, done: Done) -> None:
    for recorded, leaf, waiting in _RECORDED[: _kinds(session, scope)]:
        _check_recorded(session, report, recorded, leaf, waiting)
        done(1)


def _check_recorded(
    session: Session, report: Report, recorded: Any, leaf: Any, waiting: Any
) -> None:
    told = (select(it).where(it.is_not(None)) for it in (leaf, waiting))
    for (key,) in session.execute(select(recorded).except_(*told).limit(_MOST)):
        table = recorded.class_.__tablename__
        if not report.doubts(table, key) and not report.lacks("leaf"):
            shown = key.hex() if isinstance(key, bytes) else key
            report.add(
                "unsealed",
                f"of {table} {shown}",
                expected=f"a leaf of {table} {shown}, or one that is to be",
                found="none",
                advice=RESTORE_MISSING,
            )


LEAVES: Final = Check("leaves", 0.1, _rows, _run)
RECORDED: Final = Check("what is to be sealed", 20.0, _kinds, _run_recorded)
