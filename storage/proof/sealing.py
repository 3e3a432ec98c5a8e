"""Closing days: what was recorded becomes leaves, and a day that is over gets its root.

In small transactions, so that a crawl waits for none of them. A kill between two leaves a day with
leaves and no root, which the next goes on with. What a transaction that began on a day makes
durable after it was closed, goes into the next: no closed day changes.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.database.dialects import database_now
from storage.models import DayRoot, Leaf, Unsealed
from storage.proof.leaves import documents_of, hash_of, new_salt
from storage.proof.merkle import root_of, siblings

NO_DAY: Final = bytes(32)
"""What the first day is chained to."""

_CHAIN_TAG: Final = b"permalien day 1\n"
_BATCH: Final = 500  # leaves of one transaction
_STREAMED: Final = 10_000  # hashes of leaves that are read at once
_SEALING_LOCK: Final = 737625438  # the one after that of partitions
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sealed:
    """How far the closing of days is: the day under way, its leaves, and whether it is closed."""

    day: date
    leaves: int
    closed: bool


def chained_digest(before: bytes, day: date, leaves: int, root: bytes) -> bytes:
    """What a day is chained by, to the digest `before` of the day before: what is stamped."""
    told = f"{day.isoformat()} {leaves}\n".encode()
    return hashlib.sha256(_CHAIN_TAG + before + told + root).digest()


def seal(archive: Archive, *, progress: Callable[[Sealed], None] = lambda sealed: None) -> None:
    """Close every day that is over, by the database's clock. Several processes may do so."""
    while True:
        with archive.writing() as session:
            sealed = _go_on(session)
        if sealed is None:
            return
        progress(sealed)


def waiting(session: Session) -> int:
    """How many fetches, versions and contents are in no day's tree yet."""
    return session.scalar(select(func.count()).select_from(Unsealed)) or 0


def root_of_day(session: Session, day: date) -> bytes:
    """The root of the leaves that the archive has of the day."""
    return root_of(_hashes(session, day))


def path_of(session: Session, leaf: Leaf, size: int) -> list[bytes]:
    """The path from a leaf to the root of its day's tree, which has `size` leaves."""
    return [
        root_of(_hashes(session, leaf.day, start, end))
        for start, end in siblings(leaf.position, size)
    ]


def _go_on(session: Session) -> Sealed | None:
    """A step: some leaves more, or a root; None where nothing is to be done."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEALING_LOCK})
    now = database_now(session)
    last = session.scalars(select(DayRoot).order_by(DayRoot.day.desc()).limit(1)).one_or_none()
    begun = session.scalar(select(func.max(Leaf.day)))
    if begun is None or (last is not None and begun <= last.day):
        begun = _next_day(session, last)
    if begun is None or begun >= now.date():
        return None
    count = session.scalar(select(func.max(Leaf.position)).where(Leaf.day == begun))
    count = 0 if count is None else count + 1
    end = datetime(begun.year, begun.month, begun.day, tzinfo=UTC) + _DAY
    some = session.execute(
        select(*Unsealed.__table__.c)
        .where(Unsealed.recorded_at < end)
        .order_by(Unsealed.id)
        .limit(_BATCH)
    ).all()
    if some:
        return Sealed(begun, count + _add_leaves(session, begun, count, some), closed=False)
    if count:
        root, before = root_of_day(session, begun), NO_DAY if last is None else last.chained
        chained = chained_digest(before, begun, count, root)
        session.add(DayRoot(day=begun, leaves=count, root=root, chained=chained, closed_at=now))
    return Sealed(begun, count, closed=True)


def _next_day(session: Session, last: DayRoot | None) -> date | None:
    """The day whose tree comes next."""
    first: datetime | None = session.scalar(select(func.min(Unsealed.recorded_at)))
    if first is None:
        return None
    return first.date() if last is None else max(first.date(), last.day + _DAY)


def _add_leaves(session: Session, day: date, count: int, some: Sequence[Any]) -> int:
    """Make leaves of these from position `count` on; how many there are, for what went meanwhile
    has none."""
    rows: list[dict[str, Any]] = []
    for it, document in zip(some, documents_of(session, some), strict=True):
        if document is None:
            continue
        salt = new_salt()
        rows.append(
            {
                "day": day,
                "position": count + len(rows),
                "fetch_id": it.fetch_id,
                "version_id": it.version_id,
                "content_digest": it.content_digest,
                "salt": salt,
                "hash": hash_of(salt, document),
            }
        )
    if rows:
        session.execute(insert(Leaf), rows)
    session.execute(delete(Unsealed).where(Unsealed.id.in_([it.id for it in some])))
    return len(rows)


def _hashes(session: Session, day: date, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    query = select(Leaf.hash).where(Leaf.day == day, Leaf.position >= start)
    if end is not None:
        query = query.where(Leaf.position < end)
    query = query.order_by(Leaf.position)
    options = {"yield_per": _STREAMED}
    with session.execute(query, execution_options=options) as rows:
        yield from rows.scalars()
