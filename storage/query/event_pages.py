"""The latest edits, removals and returns, a page at a time: each by an index, however many there
are. `storage.query.edits` streams all of them."""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from storage.database.clock import utc_now
from storage.database.errors import Refused
from storage.frontier.sources import find_source
from storage.history.edits import EditKind
from storage.history.lookup import find_article
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.findings import is_latest, latest_findings
from storage.ledger.spans import EVERYWHERE, Span, is_partitioned
from storage.models import (
    Address,
    Article,
    Content,
    Edit,
    Fetch,
    Finding,
    Source,
    Version,
    VersionState,
)
from storage.query.absence_events import RANKS, Place, absence_events
from storage.query.edits import EditEvent, EventKind, Wanted

MOST: Final = 500
"""Events of a page."""

_BATCH: Final = 200  # findings of an article's absence that are looked at together
_MOST_BATCHES: Final = 20
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LAST: Final = 2**63 - 1  # that a fetch's id can be
_MILLISECOND: Final = first_id_at(_EPOCH + timedelta(milliseconds=1))  # in ids
_RECENT: Final = first_id_at(_EPOCH + timedelta(days=92))  # in ids: what is looked at first
_NUMBER: Final = re.compile(r"[0-9]{1,19}")
_FLAGS: Final = [(kind, getattr(Edit, kind.value.replace("-", "_"))) for kind in EditKind]
# The words of the index's own condition: no parameter would be known to meet it.
_AWAY: Final[ColumnElement[bool]] = literal_column("finding.meaning IN ('removed', 'returned')")
_DECLARED: Final = or_(Edit.correction_notice, Edit.modified_time)


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, the latest first; `cursor` gets those before them, None where there are none."""

    events: tuple[EditEvent, ...]
    cursor: str | None


def latest_events(
    session: Session, wanted: Wanted, *, limit: int, cursor: str | None = None
) -> EventPage:
    """At most `limit` of the latest events, or of those before `cursor`. Raises NotFound for a
    source or an article that is not there, and Refused for a cursor that is none."""
    before = None if cursor is None else _read_cursor(cursor)
    if wanted.until is not None and (before is None or before[0] >= wanted.until):
        before = (wanted.until, 0, 0)
    among = _Among(session, wanted)
    edits = list(_edits(session, among, before, limit + 1))
    found = {place: event for place, event in edits if among.wants(EventKind.EDIT)}
    events = list(found.items())
    if among.wants(EventKind.REMOVAL) or among.wants(EventKind.RETURN):
        events += _absences(session, among, before, limit + 1, edits)
    events.sort(key=lambda it: it[0], reverse=True)
    shown = events[: min(limit, MOST)]
    more = len(events) > len(shown) and shown
    return EventPage(tuple(it for _, it in shown), _write_cursor(shown[-1][0]) if more else None)


def last_events(session: Session, wanted: Wanted, number: int) -> Generator[EditEvent, None, None]:
    """So many of the latest events, in the order they were first seen. Raises NotFound as
    `latest_events`."""
    found: list[EditEvent] = []
    cursor = None
    while len(found) < number:
        page = latest_events(session, wanted, limit=number - len(found), cursor=cursor)
        found += page.events
        cursor = page.cursor
        if cursor is None:
            break
    yield from reversed(found)


class _Among:
    """What is wanted, looked up."""

    def __init__(self, session: Session, wanted: Wanted) -> None:
        self._wanted = wanted
        self.since = wanted.since
        self.source_id: int | None = None
        self.article_id: int | None = None
        if wanted.source is not None:
            self.source_id = find_source(session, wanted.source).id
        if wanted.article is not None:
            self.article_id = find_article(session, wanted.article).id

    def wants(self, kind: EventKind) -> bool:
        if self._wanted.events and kind not in self._wanted.events:
            return False
        of_edits = bool(self._wanted.kinds) or self._wanted.declared is not None
        return kind is EventKind.EDIT or not of_edits

    def edits(self) -> Iterator[ColumnElement[bool]]:
        yield ~Edit.completes
        yield or_(*(flag for _, flag in _FLAGS))
        if self.source_id is not None:
            yield Edit.source_id == self.source_id
        if self.since is not None:
            yield Edit.first_seen_at >= self.since
        for kind, flag in _FLAGS:
            if kind in self._wanted.kinds:
                yield flag
        if self._wanted.declared is not None:
            yield _DECLARED if self._wanted.declared else ~_DECLARED

    def articles(self, column: Any) -> Iterator[ColumnElement[bool]]:
        if self.article_id is not None:
            yield column == self.article_id


def _edits(
    session: Session, among: _Among, before: Place | None, limit: int
) -> Iterator[tuple[Place, EditEvent]]:
    rows = session.execute(_select_edits(among, before, limit)).all()
    findings = latest_findings(session, {row.fetch_id for row in rows})
    for row in rows:
        given = row._mapping
        flags = [kind for kind, flag in _FLAGS if given[flag]]
        event = EditEvent(
            event=EventKind.EDIT,
            source=row.source,
            article_id=row.article_id,
            url=row.url,
            from_version=row.from_version,
            to_version=row.to_version,
            from_version_id=row.from_version_id,
            to_version_id=row.to_version_id,
            not_before=row.last_seen_at if row.last_seen_at <= row.first_seen_at else None,
            not_after=row.first_seen_at,
            kinds=tuple(flags),
            declared=EditKind.CORRECTION_NOTICE in flags or EditKind.MODIFIED_TIME in flags,
            alternating=row.alternating,
            words_deleted=row.words_deleted,
            words_inserted=row.words_inserted,
            title_before=row.title_before,
            title_after=row.title_after,
            confidence=finding.confidence if (finding := findings.get(row.fetch_id)) else None,
        )
        yield (row.first_seen_at, row.fetch_id, RANKS[EventKind.EDIT]), event


def _select_edits(among: _Among, before: Place | None, limit: int) -> Select[Any]:
    earlier, earlier_state = aliased(Version), aliased(VersionState)
    old, new = aliased(Content), aliased(Content)
    query = (
        select(
            *(flag for _, flag in _FLAGS),
            Edit.first_seen_at,
            Edit.alternating,
            Edit.words_deleted,
            Edit.words_inserted,
            Source.name.label("source"),
            Article.id.label("article_id"),
            Article.url.label("url"),
            earlier_state.number.label("from_version"),
            VersionState.number.label("to_version"),
            earlier.identifier.label("from_version_id"),
            Version.identifier.label("to_version_id"),
            earlier_state.last_seen_at.label("last_seen_at"),
            Version.fetch_id.label("fetch_id"),
            old.title.label("title_before"),
            new.title.label("title_after"),
        )
        .join(Version, Version.id == Edit.version_id)
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Article, Article.id == VersionState.article_id)
        .join(Source, Source.id == Article.source_id)
        .join(earlier, earlier.id == Edit.from_version_id)
        .join(earlier_state, earlier_state.version_id == earlier.id)
        .join(old, old.digest == Edit.from_content)
        .join(new, new.digest == Edit.to_content)
        .where(
            Article.dismissed_as.is_(None),
            *among.edits(),
            *among.articles(VersionState.article_id),
        )
        .order_by(Edit.first_seen_at.desc(), Version.fetch_id.desc())
        .limit(limit)
    )
    if before is not None:
        at, fetch_id, rank = before
        last = fetch_id if rank > RANKS[EventKind.EDIT] else fetch_id - 1
        query = query.where(
            Edit.first_seen_at <= at,
            or_(Edit.first_seen_at < at, Version.fetch_id <= last),
        )
    return query


def _absences(
    session: Session,
    among: _Among,
    before: Place | None,
    limit: int,
    edits: Sequence[tuple[Place, EditEvent]],
) -> list[tuple[Place, EditEvent]]:
    """Removals and returns: those of the latest findings that tell of one, and of the edited
    articles, since one that returns may be another version."""
    pool: dict[Place, EditEvent] = {}
    known: set[int] = set()

    def look_at(article_ids: set[int]) -> None:
        for place, event in absence_events(session, sorted(article_ids - known)):
            wanted = among.wants(event.event) and (before is None or place < before)
            if wanted and (among.since is None or place[0] >= among.since):
                pool[place] = event
        known.update(article_ids)

    def since(lowest: int) -> dict[Place, EditEvent]:
        return {place: event for place, event in pool.items() if place[1] >= lowest}

    if among.article_id is not None:
        look_at({among.article_id})
        return list(pool.items())
    last = _LAST if before is None else _id_at(before[0]) + _MILLISECOND
    floor, lowest = _recent(session, last), _LAST
    for _ in range(_MOST_BATCHES):
        if floor is None:
            break
        batch = session.execute(_select_findings(among, floor, last)).all()
        if batch:
            lowest = batch[-1].fetch_id
            look_at({row.article_id for row in batch})
        if len(since(lowest)) >= limit:
            break
        if len(batch) == _BATCH:
            last = lowest
        elif floor:
            last, floor = floor, _floor(session, floor) if among.source_id is None else 0
        else:
            break
        if among.since is not None and last < _id_at(among.since):
            break
    found = since(lowest)
    if edits:
        look_at({event.article_id for _, event in edits})
        found |= since(edits[-1][0][1])
    return list(found.items())


def _recent(session: Session, before: int) -> int | None:
    """The fetch from which on PostgreSQL looks first: of some months, for which it plans soon."""
    if not is_partitioned(session):
        return 0
    return max(0, min(before, _id_at(utc_now())) - _RECENT)


def _floor(session: Session, before: int) -> int | None:
    """The fetch from which on PostgreSQL looks then, for no batch goes further back; None where
    there is nothing before."""
    batch = select(Finding.fetch_id).where(_AWAY, Finding.fetch_id < before)
    batch = batch.order_by(Finding.fetch_id.desc()).limit(_BATCH)
    lowest: int | None = session.scalar(select(func.min(batch.subquery().c.fetch_id)))
    return lowest


def _select_findings(among: _Among, floor: int, before: int) -> Select[Any]:
    span = Span(floor, before - 1) if floor else EVERYWHERE
    query: Any = (
        select(Finding.fetch_id, Address.article_id)
        .join(Fetch, Fetch.id == Finding.fetch_id)
        .join(Address, Address.id == Fetch.address_id)
        .where(
            _AWAY,
            is_latest(span),
            Address.article_id.is_not(None),
            Finding.fetch_id < before,
            span.holds(Finding.fetch_id),
            span.holds(Fetch.id),
        )
        .order_by(Finding.fetch_id.desc())
        .limit(_BATCH)
    )
    if among.since is not None:
        query = query.where(Finding.fetch_id >= _id_at(among.since))
    if among.source_id is not None:
        # With the sign SQLite looks at the few absences, and not at all addresses of the source.
        query = query.where(literal_column("+address.source_id") == among.source_id)
    return query  # type: ignore[no-any-return]


def _id_at(moment: datetime) -> int:
    """The lowest id of a fetch of that time or later, as far as there are ids."""
    return min(max(0, first_id_at(moment)), _LAST - _MILLISECOND)


def _write_cursor(place: Place) -> str:
    at, fetch_id, rank = place
    return f"{(at - _EPOCH) // _MICROSECOND}.{fetch_id}.{rank}"


def _read_cursor(cursor: str) -> Place:
    try:
        at, fetch_id, rank = (int(it) for it in cursor.split(".") if _NUMBER.fullmatch(it))
        if fetch_id > _LAST or rank >= len(RANKS):
            raise ValueError
        return _EPOCH + at * _MICROSECOND, fetch_id, rank
    except (ValueError, OverflowError):
        raise Refused(f"{cursor!r} is no cursor of edits") from None
