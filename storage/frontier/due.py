"""The frontier: every address the archive knows, and when each is due.

It lives in the archive, so that it can't disagree with it and survives a kill.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.frontier import revisits
from storage.frontier.addresses import address_key
from storage.frontier.listings import MODIFIED_HINTS
from storage.frontier.revisits import EditStats
from storage.frontier.sources import owners
from storage.models import Address, AddressKind, Frontier, Source

_CHUNK = 500  # rows a statement: SQLite takes 32,766 parameters
_AGAIN = timedelta(minutes=1)  # at least, before a page that was modified is looked at again
_EARLY = timedelta(days=1)  # that a page is listed before the time it gives
_WINDOW = 8  # neighbours that one is picked from
_TRIES = 4  # for each that is wanted: of a source that is looked at anew most are due
_LONGEST_GUID = 500  # characters: PostgreSQL's indexes take 2,704 bytes


@dataclass(frozen=True, slots=True)
class Found:
    """An address that something led to. `url` is normalised (storage.frontier.addresses.normalize).

    `published_at`, `modified_at` and `hints` are what a listing said of it (frontier.listings).
    """

    url: str
    kind: AddressKind
    hops: int = 0
    published_at: datetime | None = None
    modified_at: datetime | None = None
    hints: dict[str, Any] | None = None


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


def enqueue(session: Session, found: Collection[Found], *, now: datetime) -> Counter[AddressKind]:
    """Make each address known and due; returns how many of each kind are new.

    An address goes to the source its host belongs to; a host of no source is left out. One that
    is known already is only brought forward when it says it was modified since its last check, or
    when what was taken for a section is now listed as a page. What a listing first said of it
    stays, but for times: of change the last counts, of publication the best one, which does not lie
    in the future. What an operator excluded stays known alone.
    """
    by_key: dict[str, Found] = {}
    for item in found:
        by_key.setdefault(address_key(item.url), item)
    sources = owners(session, {urlsplit(item.url).netloc for item in by_key.values()})
    items = [
        (key, item, source)
        for key, item in by_key.items()
        if (source := sources.get(urlsplit(item.url).netloc)) is not None
    ]
    chunks = (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
    return sum((_enqueue_chunk(session, chunk, now) for chunk in chunks), Counter())


def _enqueue_chunk(
    session: Session, items: Sequence[tuple[str, Found, Source]], now: datetime
) -> Counter[AddressKind]:
    known = _known(session, [key for key, _, _ in items])
    fresh = [(key, item, source) for key, item, source in items if key not in known]
    if fresh:
        session.execute(
            insert_new(session, Address),
            [
                {
                    "key": key,
                    "url": item.url,
                    "source_id": source.id,
                    "kind": item.kind,
                    "hints": item.hints,
                    "guid": _guid(item),
                    "published_at": _published(item, now),
                }
                for key, item, source in fresh
            ],
        )
        known |= _known(session, [key for key, _, _ in fresh])
    # A canonical address may be known without ever having been due.
    waiting = [
        {
            "address_id": known[key].id,
            "source_id": source.id,
            "due_at": now,
            "hops": item.hops,
            "attempts": 0,
        }
        for key, item, source in items
        if not (known[key].in_frontier or known[key].excluded)
    ]
    if waiting:
        session.execute(insert_new(session, Frontier), waiting)
    sooner: dict[datetime, list[int]] = defaultdict(list)
    told: dict[int, Found] = {}
    for key, item, _ in items:
        row = known[key]
        if _says_more(item, row, now):
            told[row.id] = item
        if row.kind is AddressKind.SECTION and item.kind is AddressKind.PAGE:
            session.execute(
                update(Address).where(Address.id == row.id).values(kind=AddressKind.PAGE)
            )
            sooner[now].append(row.id)
        elif item.modified_at and row.checked_at and row.checked_at < item.modified_at <= now:
            # Two sitemaps may each say that the other was just modified, and so on.
            again = _AGAIN if row.kind is AddressKind.PAGE else revisits.SOONEST
            sooner[max(now, row.checked_at + again)].append(row.id)
            told[row.id] = item
    _add_hints(session, told, now)
    for at, address_ids in sooner.items():
        make_due(session, address_ids, now=at)
    _wake(session, {row["source_id"] for row in waiting}, now)
    return Counter(item.kind for _, item, _ in fresh)


def _says_more(item: Found, known: Any, now: datetime) -> bool:
    """Whether a listing says of an address what none has said before."""
    return (
        _dates_better(item, known.published_at, now)
        or (known.guid is None and _guid(item) is not None)
        or (item.hints is not None and not known.has_hints)
    )


def _add_hints(session: Session, told: Mapping[int, Found], now: datetime) -> None:
    """Keep what a listing said of these address ids beside what was said before, which stays; but
    one that dates a page better, a feed and not a link to it, also knows its title better."""
    if not told:
        return
    rows = select(Address).where(Address.id.in_(told)).order_by(Address.id)
    for address in session.scalars(rows):
        item, before = told[address.id], address.hints or {}
        given = item.hints or {}
        if _dates_better(item, address.published_at, now):
            address.published_at = item.published_at
            hints = {**before, **given}
        else:
            modified = {name: given[name] for name in MODIFIED_HINTS if name in given}
            hints = {**given, **before, **modified}
        address.hints = hints or None
        address.guid = address.guid or _guid(item)
    session.flush()


def _published(item: Found, now: datetime) -> datetime | None:
    at = item.published_at
    return at if at is not None and at <= now + _EARLY else None


def _dates_better(item: Found, known: datetime | None, now: datetime) -> bool:
    """Whether its time of publication is the one to go by: a time of day before a bare day, which
    is midnight, then the earliest, since many feeds move it when an article is edited."""
    at = _published(item, now)
    if at is None or known is None:
        return at is not None
    return (_is_day(at), at) < (_is_day(known), known)


def _is_day(at: datetime) -> bool:
    return at.astimezone(UTC).time() == time.min


def _guid(item: Found) -> str | None:
    guid = (item.hints or {}).get("guid")
    return guid if guid and len(guid) <= _LONGEST_GUID else None


def _known(session: Session, keys: Sequence[str]) -> dict[str, Any]:
    """By key: id, kind, what is known of hints, whether it is in the frontier, and when it was last
    checked."""
    rows = session.execute(
        select(
            Address.key,
            Address.id,
            Address.kind,
            Address.guid,
            Address.published_at,
            Address.excluded,
            Address.hints.is_not(None).label("has_hints"),
            Frontier.address_id.is_not(None).label("in_frontier"),
            Frontier.checked_at,
        )
        .outerjoin(Frontier, Frontier.address_id == Address.id)
        .where(Address.key.in_(keys))
    )
    return {row.key: row for row in rows}


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
        _wake(session, set(source_ids), now)


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


def recheck(
    session: Session, source_ids: Sequence[int], *, now: datetime, articles: bool = True
) -> None:
    """Make every feed, sitemap, front and section page of these sources due, and, with
    `articles`, every known article."""
    wanted = Address.kind != AddressKind.PAGE
    if articles:
        wanted = or_(wanted, Address.article_id.is_not(None))
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
    _wake(session, set(source_ids), now)


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

    Where more is due than `limit`, what is likeliest to bring something comes first: what lists
    pages, pages that were never seen, then those that have most edits to be expected. One in five
    is of the longest due, so that nothing waits for ever.
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


def next_retry(
    session: Session,
    source_id: int,
    *,
    before: datetime,
    kinds: Collection[AddressKind] | None = None,
) -> datetime | None:
    """When the source's next retry, of an address of these kinds, is due; None if not by
    `before`."""
    query = (
        select(Frontier.due_at)
        .where(Frontier.source_id == source_id, Frontier.due_at <= before, Frontier.attempts > 0)
        .order_by(Frontier.due_at)
        .limit(1)
    )
    if kinds is not None:
        query = query.join(Address, Address.id == Frontier.address_id).where(
            Address.kind.in_(kinds)
        )
    return session.scalar(query)


def _wake(session: Session, source_ids: set[int], now: datetime) -> None:
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
