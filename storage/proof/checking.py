"""Whether the log holds: each leaf against what the archive has today, each root, and the chain.

Each piece says what the others must be, so that what was changed is told from what merely no longer
agrees with it: of a leaf's row, its hash, a day's root and the chained digest, the one that all the
others contradict is at fault.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import DayRoot, Leaf, TimestampToken
from storage.proof.leaves import documents_of, hash_of
from storage.proof.merkle import Tree
from storage.proof.sealing import NO_DAY, chained_digest
from storage.proof.tokens import BadToken, stamp_of

_BATCH = 1_000  # leaves that are read at once


class Fault(StrEnum):
    """What is wrong in the log."""

    CHANGED = "changed"  # the row is another than its leaf says
    MISSING = "missing"  # the row is gone, and nothing says that it was to go
    LEAF = "leaf"  # the leaf itself: its hash or salt, or it is not there
    ROOT = "root"  # the day's root or count
    CHAIN = "chain"  # the day's chained digest
    STAMP = "stamp"  # a timestamp that is of something else


@dataclass(frozen=True, slots=True)
class LogFault:
    """A fault of a day, of the leaf at `position` where it is one leaf's; then one of the other
    three names the row, unless the leaf is lost."""

    day: date
    fault: Fault
    why: str
    position: int | None = None
    fetch_id: int | None = None
    version_id: int | None = None
    content_digest: bytes | None = None


@dataclass(slots=True)
class _Leaves:
    """The leaves of a day, and the roots by their own hashes and by the archive's rows."""

    count: int
    by_hashes: bytes
    by_rows: bytes
    differing: list[tuple[Any, bool]]  # and whether the row is there
    gaps: list[int]


def check_log(
    session: Session, *, progress: Callable[[int], None] = lambda leaves: None
) -> Iterator[LogFault]:
    """What is wrong with the log, day by day; `progress` is told of leaves that were looked at.

    A leaf whose salt was destroyed says nothing of its row, and counts in its tree as it is.
    Signatures of timestamps are not looked at (storage.proof.authority): what they stamp is.
    """
    stored_before = reckoned_before = NO_DAY
    for day in session.scalars(select(DayRoot).order_by(DayRoot.day)).all():
        leaves = _look_at(session, day.day, progress)
        roots = dict.fromkeys((day.root, leaves.by_hashes, leaves.by_rows))
        counts = dict.fromkeys((day.leaves, leaves.count))
        agreeing = [
            (root, count)
            for before in (stored_before, reckoned_before)
            for root in roots
            for count in counts
            if chained_digest(before, day.day, count, root) == day.chained
        ]
        root, count = agreeing[0] if agreeing else (day.root, day.leaves)
        if not agreeing:
            yield LogFault(day.day, Fault.CHAIN, "its chained digest is not that of its root")
        elif (root, count) != (day.root, day.leaves):
            yield LogFault(day.day, Fault.ROOT, "its root or count is not the one it was closed by")
        yield from _faults_of_leaves(day.day, leaves, root, count)
        stored_before = day.chained
        reckoned_before = chained_digest(reckoned_before, day.day, count, root)
    yield from _faults_of_stamps(session)


def _look_at(session: Session, day: date, progress: Callable[[int], None]) -> _Leaves:
    by_hashes, by_rows = Tree(), Tree()
    found = _Leaves(0, b"", b"", [], [])
    query = select(*Leaf.__table__.c).where(Leaf.day == day).order_by(Leaf.position)
    with session.execute(query, execution_options={"yield_per": _BATCH}) as rows:
        for some in rows.partitions():
            for leaf, document in zip(some, documents_of(session, some), strict=True):
                found.gaps += range(found.count, leaf.position)
                found.count = leaf.position + 1
                said = leaf.hash
                if leaf.salt is not None and document is not None:
                    said = hash_of(leaf.salt, document)
                if said != leaf.hash or (leaf.salt is not None and document is None):
                    found.differing.append((leaf, document is not None))
                by_hashes.add(leaf.hash)
                by_rows.add(said)
            progress(len(some))
    found.by_hashes, found.by_rows = by_hashes.root(), by_rows.root()
    return found


def _faults_of_leaves(day: date, leaves: _Leaves, root: bytes, count: int) -> Iterator[LogFault]:
    for position in [*leaves.gaps, *range(leaves.count, count)]:
        yield LogFault(day, Fault.LEAF, "the leaf is not there", position)
    hashes_hold = leaves.by_hashes == root
    for leaf, is_there in leaves.differing:
        if not is_there:
            fault, why = Fault.MISSING, "the row of this leaf is not there"
        elif not hashes_hold and leaves.by_rows == root:
            fault, why = Fault.LEAF, "its hash is not the one that the day was closed by"
        else:
            fault, why = Fault.CHANGED, "the row is another than the one that was recorded"
        yield LogFault(
            day,
            fault,
            why,
            leaf.position,
            leaf.fetch_id,
            leaf.version_id,
            leaf.content_digest,
        )
    whole = not leaves.gaps and leaves.count == count
    if whole and not hashes_hold and not leaves.differing:
        yield LogFault(day, Fault.LEAF, "a leaf without salt has another hash than it had")


def _faults_of_stamps(session: Session) -> Iterator[LogFault]:
    rows = session.execute(
        select(TimestampToken, DayRoot.chained)
        .join(DayRoot, DayRoot.day == TimestampToken.day)
        .order_by(TimestampToken.id)
    )
    for stamp, chained in rows:
        try:
            told = stamp_of(stamp.token)
        except BadToken as error:
            yield LogFault(stamp.day, Fault.STAMP, f"timestamp {stamp.id}: {error}")
            continue
        if not told.stamps(chained):
            why = f"timestamp {stamp.id} is of another digest"
            yield LogFault(stamp.day, Fault.STAMP, why)
        elif told.at != stamp.stamped_at:
            why = f"timestamp {stamp.id} says another time than is on record"
            yield LogFault(stamp.day, Fault.STAMP, why)
