"""The frontier: when each address is due, and what to fetch next.

It lives in the archive, so that it can't disagree with it and survives a kill.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from storage.frontier import revisits
from storage.frontier.revisits import EditStats
from storage.ledger.findings import is_of_a_wall
from storage.models import Address, AddressKind, Fetch, Finding, Frontier, Source

_CHUNK = 500  # rows a statement: SQLite takes 32,766 parameters
_WINDOW = 8  # neighbours that one is picked from
_TRIES = 4  # for each that is wanted: of a source that is looked at anew most are due


@dataclass(frozen=True, slots=True)
class Due:
    """An address to fetch now, with what a conditional request needs."""

    address_id: int
    source_id: int
    url: str
    kind: AddressKind
    hops: int
    etag: str | None
    last_modified: str | None


def make_due(session: Session, address_ids: Sequence[int], *, now: datetime) -> None:
    """Make these addresses due now, those that are not already."""
    for start in range(0, len(address_ids), _CHUNK):
        chosen = Frontier.address_id.in_(address_ids[start : start + _CHUNK])
        source_ids = session.scalars(
            update(Frontier)
            .where(chosen, Frontier.due_at > now)
            .values(due_at=now)
            .returning(Frontier.source_id)
        )
        wake(session, set(source_ids), now)


def controls(
    session: Session,
    source_id: int,
    count: int,
    *,
    without: Collection[int],
    now: datetime,
    seed: int,
) -> list[Due]:
    """Up to `count` articles of the source that are not due, picked at random; `without` these
    address ids. The same seed picks the same of the same."""
    showing = (Frontier.source_id == source_id, Frontier.version_id.is_not(None))
    first, last = (
        session.scalar(select(end(Frontier.address_id)).where(*showing))
        for end in (func.min, func.max)
    )
    if first is None or last is None:
        return []
    random = Random(seed)  # noqa: S311 - no secret
    picked: dict[int, Any] = {}
    for _ in range(_TRIES * count):
        rows: list[Any] = []
        for start in (random.randint(first, last), first):
            query = _rows(source_id).where(*showing, Frontier.address_id >= start)
            wanted = query.order_by(Frontier.address_id).limit(_WINDOW - len(rows))
            rows += session.execute(wanted).all() if len(rows) < _WINDOW else []
        left = [
            row
            for row in {row.address_id: row for row in rows}.values()
            if row.due_at > now and row.address_id not in without and row.address_id not in picked
        ]
        if left:
            row = random.choice(left)
            picked[row.address_id] = row
        if len(picked) == count:
            break
    return [_as_due(row) for row in picked.values()]


def latest_sitemaps(
    session: Session, source_id: int, count: int, *, without: Collection[int]
) -> list[Due]:
    """The sitemaps of the source that changed last, up to `count`; `without` these address ids."""
    query = (
        _rows(source_id)
        # the literal is the index's
        .where(Address.source_id == source_id, Address.kind == literal_column("'sitemap'"))
        .where(Frontier.changed_at.is_not(None))
        .order_by(Frontier.changed_at.desc(), Frontier.address_id)
        .limit(count)
    )
    return [_as_due(row) for row in session.execute(query) if row.address_id not in without]


def recheck(
    session: Session, source_ids: Sequence[int], *, now: datetime, articles: bool = True
) -> None:
    """Make every feed, sitemap, front and section page of these sources due, and, with
    `articles`, every known article and every page that a wall stood before."""
    wanted = Address.kind != AddressKind.PAGE
    if articles:
        wanted = or_(wanted, Address.article_id.is_not(None), _stood_behind_a_wall())
    session.execute(
        update(Frontier)
        .where(
            Frontier.source_id.in_(source_ids),
            Frontier.due_at > now,
            Frontier.address_id.in_(
                select(Address.id).where(Address.source_id.in_(source_ids), wanted)
            ),
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
    wake(session, set(source_ids), now)


def _stood_behind_a_wall() -> ColumnElement[bool]:
    """Whether the latest fetch of an address found a wall there."""
    latest = (
        select(Fetch.id)
        .where(Fetch.address_id == Address.id)
        .order_by(Fetch.id.desc())
        .limit(1)
        .correlate(Address)
        .scalar_subquery()
    )
    return exists(select(Finding.fetch_id).where(Finding.fetch_id == latest, is_of_a_wall()))


def due_addresses(
    session: Session,
    source_id: int,
    *,
    now: datetime,
    limit: int,
    without: Collection[int],
    kinds: Collection[AddressKind] | None,
    site: EditStats,
    first: Collection[int] = (),
) -> list[Due]:
    """What is due of a source that was edited so much; `without` these address ids. Those of
    `first` come before all else, whatever their kind.

    What lists pages comes first: it tells which were modified. Where more is due than `limit`,
    pages that were never seen come next, then those that have most edits to be expected; one in
    five is of the longest due, so that nothing waits for ever.
    """
    window = 2 * limit + len(without)
    rows = _due(session, source_id, now, kinds, window, latest=False)
    if len(rows) == window:
        rows += _due(session, source_id, now, kinds, window, latest=True)
    waiting = list({row.address_id: row for row in rows if row.address_id not in without}.values())
    if len(waiting) > limit:
        longest = waiting[: limit // 5]
        others = sorted(waiting[limit // 5 :], key=lambda row: _worth(row, site, now), reverse=True)
        waiting = longest + others[: limit - len(longest)]
    else:
        waiting.sort(key=lambda row: row.kind is AddressKind.PAGE)
    if wanted := set(first) - set(without):
        named = _rows(source_id).where(Frontier.due_at <= now, Frontier.address_id.in_(wanted))
        rest = [row for row in waiting if row.address_id not in wanted]
        waiting = [*session.execute(named), *rest][:limit]
    return [_as_due(row) for row in waiting]


def _as_due(row: Any) -> Due:
    return Due(
        address_id=row.address_id,
        source_id=row.source_id,
        url=row.url,
        kind=row.kind,
        hops=row.hops,
        etag=row.etag,
        last_modified=row.last_modified,
    )


def _due(
    session: Session,
    source_id: int,
    now: datetime,
    kinds: Collection[AddressKind] | None,
    limit: int,
    *,
    latest: bool,
) -> list[Any]:
    """Rows of what is due, the longest due first, or the latest."""
    order = [Frontier.due_at, Frontier.address_id]
    query = (
        _rows(source_id)
        .where(Frontier.due_at <= now)
        .order_by(*(column.desc() if latest else column for column in order))
        .limit(limit)
    )
    if kinds is not None:
        query = query.where(Address.kind.in_(kinds))
    return list(session.execute(query))


def _rows(source_id: int) -> Select[*tuple[Any, ...]]:
    """Every address of the source that does not wait to be read."""
    return (
        select(
            Frontier.address_id,
            Frontier.source_id,
            Frontier.due_at,
            Frontier.hops,
            Frontier.etag,
            Frontier.last_modified,
            Frontier.checked_at,
            Frontier.changed_at,
            Frontier.edits,
            Frontier.exposure,
            Address.url,
            Address.kind,
        )
        .join(Address, Address.id == Frontier.address_id)
        .where(Frontier.source_id == source_id, Frontier.pending_fetch_id.is_(None))
    )


def _worth(row: Any, site: EditStats, now: datetime) -> tuple[int, float, datetime]:
    """Sorts what is due by what looking at it is likely to bring; of equals, the latest due."""
    is_new = row.checked_at is None
    # Of sitemaps there may be thousands: new pages need not wait for all of them.
    if row.kind is not AddressKind.PAGE and not (row.kind is AddressKind.SITEMAP and is_new):
        return 2, 0.0, row.due_at
    if is_new:
        return 1, 0.0, row.due_at
    changed_at = row.changed_at or row.checked_at
    rate = revisits.rate(site, EditStats(row.edits, row.exposure))
    return 0, rate * revisits.exposure_of(changed_at, row.checked_at, now), row.due_at


def sources_with_due(session: Session, source_ids: Collection[int], *, now: datetime) -> set[int]:
    """Those of these sources of which any address is due that does not wait to be read."""
    due = exists(
        select(Frontier.address_id).where(
            Frontier.source_id == Source.id,
            Frontier.due_at <= now,
            Frontier.pending_fetch_id.is_(None),
        )
    )
    return set(session.scalars(select(Source.id).where(Source.id.in_(source_ids), due)))


def next_retries(
    session: Session,
    source_ids: Collection[int],
    *,
    before: datetime,
    kinds: Collection[AddressKind] | None = None,
) -> dict[int, datetime]:
    """When the next retry of each source, of an address of these kinds, is due, if by `before`."""
    if not source_ids:
        return {}
    query = (
        select(Frontier.source_id, func.min(Frontier.due_at))
        .where(Frontier.source_id.in_(source_ids), Frontier.due_at <= before, Frontier.attempts > 0)
        .group_by(Frontier.source_id)
    )
    if kinds is not None:
        query = query.join(Address, Address.id == Frontier.address_id).where(
            Address.kind.in_(kinds)
        )
    return {row[0]: row[1] for row in session.execute(query)}


def wake(session: Session, source_ids: set[int], now: datetime) -> None:
    """Let the sources be leased: something of theirs is due."""
    if not source_ids:
        return
    session.execute(
        update(Source)
        .where(
            Source.id.in_(source_ids),
            (Source.next_due_at.is_(None)) | (Source.next_due_at > now),
        )
        .values(next_due_at=now)
    )
