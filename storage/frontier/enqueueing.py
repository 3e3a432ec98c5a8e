"""Enqueueing: what something led to becomes known to the frontier, and due."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.frontier import revisits
from storage.frontier.addresses import address_key
from storage.frontier.due import make_due, wake
from storage.frontier.listings import MODIFIED_HINTS
from storage.frontier.sources import owners
from storage.models import Address, AddressKind, Frontier, Source
from storage.withholding.phrases import redacted_document
from storage.withholding.rules import Rules, standing_rules

_CHUNK = 500  # rows a statement: SQLite takes 32,766 parameters
_AGAIN = timedelta(minutes=1)  # at least, before a page that was modified is looked at again
_EARLY = timedelta(days=1)  # that a page is listed before the time it gives
_LATE = timedelta(days=7)  # that a listing may be read after it began to tell of a change
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


def enqueue(session: Session, found: Collection[Found], *, now: datetime) -> Counter[AddressKind]:
    """Make each address known and due; returns how many of each kind are new.

    An address goes to the source its host belongs to; a host of no source is left out. One that
    is known already is only brought forward when it says it was modified since its last check, or
    when what was taken for a section is now listed as a page. What a listing first said of it
    stays, but for times: of change the last counts, of publication the best one, which does not lie
    in the future. What an operator excluded stays known alone; what a redaction keeps
    away is left out.
    """
    by_key: dict[str, Found] = {}
    for item in found:
        by_key.setdefault(address_key(item.url), item)
    sources = owners(session, {urlsplit(item.url).netloc for item in by_key.values()})
    rules = standing_rules(session)
    items = [
        (key, _may_be_kept(rules, item, source), source)
        for key, item in by_key.items()
        if (source := sources.get(urlsplit(item.url).netloc)) is not None
        and not rules.refuses(key, source.id)
    ]
    chunks = (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
    return sum((_enqueue_chunk(session, chunk, now) for chunk in chunks), Counter())


def _may_be_kept(rules: Rules, item: Found, source: Source) -> Found:
    """What was found, without the words that are kept away from what is of this source."""
    if not (rules and item.hints):
        return item
    return replace(item, hints=_redacted(rules, item.hints, source.id, None))


def _redacted(
    rules: Rules, hints: dict[str, Any], source_id: int, article_id: int | None
) -> dict[str, Any]:
    kept: dict[str, Any] = redacted_document(
        hints, lambda text: rules.text(text, source_id, article_id)
    )
    return kept


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
    wake(session, {row["source_id"] for row in waiting}, now)
    return Counter(item.kind for _, item, _ in fresh)


def _says_more(item: Found, known: Any, now: datetime) -> bool:
    """Whether a listing says of an address what none has said before."""
    return (
        _dates_better(item, known.published_at, now)
        or _tells_late(item, known, now)
        or (known.guid is None and _guid(item) is not None)
        or (item.hints is not None and not known.has_hints)
    )


def _tells_late(item: Found, known: Any, now: datetime) -> bool:
    """Whether it says that the page was modified before it was last checked, and none said so
    then."""
    if item.modified_at is None or known.checked_at is None:
        return False
    lately: bool = now - _LATE <= item.modified_at <= known.checked_at
    return lately and (item.hints or {}).get("modified_at") != known.modified_at


def _add_hints(session: Session, told: Mapping[int, Found], now: datetime) -> None:
    """Keep what a listing said of these address ids beside what was said before, which stays; but
    one that dates a page better, a feed and not a link to it, also knows its title better."""
    if not told:
        return
    rules = standing_rules(session)
    rows = select(Address).where(Address.id.in_(told)).order_by(Address.id)
    for address in session.scalars(rows):
        item, before = told[address.id], address.hints or {}
        given = item.hints or {}
        if rules:
            given = _redacted(rules, given, address.source_id, address.article_id)
        if _dates_better(item, address.published_at, now):
            address.published_at = item.published_at
            hints = {**before, **given}
        else:
            modified = {name: given[name] for name in MODIFIED_HINTS if name in given}
            hints = {**given, **before, **modified}
        address.hints = hints or None
        address.guid = address.guid or _guid(replace(item, hints=given))
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
            Address.hints["modified_at"].as_string().label("modified_at"),
            Frontier.address_id.is_not(None).label("in_frontier"),
            Frontier.checked_at,
        )
        .outerjoin(Frontier, Frontier.address_id == Address.id)
        .where(Address.key.in_(keys))
    )
    return {row.key: row for row in rows}
