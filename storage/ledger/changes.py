"""The log of changes, read so that none is missed (decision 28).

A `Position` is a place in the log of one archive. It says what was read before: on SQLite, whose
one writer makes ids rise in the order of commits, the last row; on PostgreSQL, where a transaction
may commit long after later ones, a snapshot, which knows of each transaction whether it was
visible. What became visible since is what follows, however late.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Text,
    bindparam,
    cast,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import Session

from storage.database.errors import NotFound
from storage.models import ArchiveIdentity, Change, ChangeKind

_NOTHING = "1:1:"  # a snapshot in which no transaction is visible


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the log of the archive `archive`, behind the row `row`, 0 for its beginning.

    `check` digests that row. On PostgreSQL `seen` is the snapshot that was read to its end; where
    a later one, `target`, was read in part, the last row read was of `transaction`.
    """

    archive: str
    row: int = 0
    check: str = ""
    seen: str = ""
    target: str = ""
    transaction: int = 0

    def __str__(self) -> str:
        parts = [self.archive, str(self.row), self.check, self.seen, self.target]
        parts += [str(self.transaction)] if self.target else []
        return ".".join(parts).rstrip(".")


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """A change, and the position behind it."""

    position: Position
    kind: ChangeKind
    article_id: int | None
    version_id: int | None
    source_id: int | None
    recorded_at: datetime


class UnknownPosition(NotFound):
    """The position is of another archive, or of this one before it was restored: begin anew."""


def beginning(session: Session) -> Position:
    """The position before the first change."""
    return Position(_identity(session))


def parse_position(session: Session, position: str) -> Position:
    """Raises UnknownPosition unless the position is one of this archive."""
    archive, *rest = position.split(".")
    try:
        if not rest:
            raise ValueError
        row, check, seen, target, transaction = (*rest, *("0", "", "", "", "0")[len(rest) :])
        parsed = Position(archive, int(row), check, seen, target, int(transaction))
    except ValueError:
        raise UnknownPosition(f"{position!r} is no position in the log of changes") from None
    _require_known(session, parsed)
    return parsed


def changes_since(
    session: Session, position: Position, *, limit: int
) -> tuple[list[LoggedChange], Position]:
    """At most `limit` changes that follow `position`, and the position behind them; fewer are all
    there are.

    None is left out, however late it was committed. One is given twice at most, where a dump was
    restored in between. Raises UnknownPosition.
    """
    _require_known(session, position)
    read = _read_snapshot if _is_postgresql(session) else _read_ids
    found: list[LoggedChange] = []
    while True:
        in_part = bool(position.target)
        some, position = read(session, position, limit - len(found))
        found += some
        if not in_part or len(found) == limit:
            return found, position


def count_since(session: Session, position: Position, *, at_most: int) -> int:
    """How many changes follow `position`, counted up to `at_most`."""
    if not _is_postgresql(session):
        return session.scalar(_COUNT, {"row": position.row, "at_most": at_most}) or 0
    some = select(Change.id).where(*_new_in(position)).limit(at_most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _read_ids(
    session: Session, position: Position, limit: int
) -> tuple[list[LoggedChange], Position]:
    rows = session.scalars(
        select(Change).where(Change.id > position.row).order_by(Change.id).limit(limit)
    ).all()
    logged = [_logged(row, position) for row in rows]
    return logged, logged[-1].position if logged else position


def _read_snapshot(
    session: Session, position: Position, limit: int
) -> tuple[list[LoggedChange], Position]:
    if not position.target:
        now = session.scalar(select(cast(func.pg_current_snapshot(), Text)))
        position = replace(position, target=now or _NOTHING)
    rows = session.scalars(
        select(Change)
        .where(*_new_in(position))
        .order_by(Change.transaction_id, Change.id)
        .limit(limit)
    ).all()
    logged = [_logged(row, replace(position, transaction=row.transaction_id)) for row in rows]
    end = logged[-1].position if logged else position
    if len(rows) < limit:
        end = replace(end, seen=end.target, target="", transaction=0)
        logged[-1:] = [replace(last, position=end) for last in logged[-1:]]
    return logged, end


def _new_in(position: Position) -> list[ColumnElement[bool]]:
    """What the snapshot that was read did not have and the next one has, after the last row."""
    transaction = Change.transaction_id
    new = [~_had_by(position.seen or _NOTHING)]
    if position.transaction:
        new.append(tuple_(transaction, Change.id) > (position.transaction, position.row))
    if position.target:
        had = _had_by(position.target)
        if not position.seen:
            # A transaction that is to come has written nothing: its number is another server's,
            # whose dump was restored.
            now = cast(cast(func.pg_snapshot_xmax(func.pg_current_snapshot()), Text), BigInteger)
            had = or_(had, transaction >= now)
        new.append(had)
    return new


def _had_by(snapshot: str) -> ColumnElement[bool]:
    """Whether a change was durable in a snapshot: as pg_visible_in_snapshot, by the index."""
    _, below, running = snapshot.split(":")
    had = Change.transaction_id < int(below)
    if running:
        had &= Change.transaction_id.not_in([int(it) for it in running.split(",")])
    return had


def _logged(row: Change, after: Position) -> LoggedChange:
    return LoggedChange(
        position=replace(after, row=row.id, check=_check(row)),
        kind=ChangeKind(row.kind),
        article_id=row.article_id,
        version_id=row.version_id,
        source_id=row.source_id,
        recorded_at=row.recorded_at,
    )


def _check(row: Change | Row[*tuple[Any, ...]]) -> str:
    told = (row.id, row.transaction_id, row.kind, row.article_id, row.recorded_at.isoformat())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:8]


def _require_known(session: Session, position: Position) -> None:
    row = session.execute(_KNOWN, {"row": position.row}).one_or_none()
    lost = row is None or (position.row and (row.id is None or _check(row) != position.check))
    if lost or row is None or position.archive != _identity(session, row.archive):
        raise UnknownPosition(
            f"position {position} is of another archive, or of before this one was restored: "
            "begin without it"
        )


def _identity(session: Session, name: str | None = None) -> str:
    """Short for the archive of that name, on the server where it is: a dump that is restored on
    another is another's log."""
    name = name or session.scalar(select(ArchiveIdentity.id)) or ""
    if _is_postgresql(session):
        server = text("SELECT system_identifier FROM pg_control_system()")
        name = f"{name} {session.scalar(server)}"
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


# Whoever searches asks for these each time: they are made once.
_KNOWN: Final = select(
    ArchiveIdentity.id.label("archive"),
    Change.id,
    Change.transaction_id,
    Change.kind,
    Change.article_id,
    Change.recorded_at,
).outerjoin(Change, Change.id == bindparam("row"))
_COUNT: Final = select(func.count()).select_from(
    select(Change.id).where(Change.id > bindparam("row")).limit(bindparam("at_most")).subquery()
)
