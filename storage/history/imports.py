"""Captures of a file put on record: fetches at the times they were made, and what they meant.

A capture that is on record already changes nothing; one that is, and was not read yet, is read
again. Nothing here is due sooner for it: a page of the past is looked at again as one would be that
stayed the same until it was imported.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from storage.database.rows import by_id
from storage.frontier import revisits
from storage.frontier.addresses import address_key
from storage.frontier.due import Found, enqueue
from storage.frontier.revisits import EditStats
from storage.history.non_articles import NonArticle
from storage.history.past import is_past, neighbours, record_past
from storage.history.presence import Presence, record_presence
from storage.history.versioning import Captured, Deferred, Recorded, record_articles
from storage.ledger.day_counts import DayMeasure, Measure, count, measure_of_check
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.fetches import NewFetch, record_fetches
from storage.ledger.findings import NewFinding, latest_findings, record_findings
from storage.ledger.headers import Headers
from storage.models import (
    Address,
    AddressKind,
    Fetch,
    Frontier,
    Meaning,
    Outcome,
    Payload,
    Source,
)

_SECOND = timedelta(seconds=1)
_RUN_BITS, _SEQUENCE_BITS = 10, 11
_REMOVALS = {Outcome.GONE, Outcome.NOT_FOUND, Outcome.MOVED, Outcome.PAYWALL}


@dataclass(frozen=True, slots=True)
class Reference:
    """The earlier capture whose body this one has: `url` is normalised."""

    url: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class NewCapture:
    """One capture of a file. `url` is normalised, `asked` as it was asked. `outcome` is that of its
    status; `reads` that it is a page to be read. Of a revisit `same_as` is the capture whose body
    it has; of one whose body was met in this file, `digest`."""

    url: str
    asked: str
    fetched_at: datetime
    status: int
    outcome: Outcome
    reads: bool
    detail: str | None = None
    peer: str | None = None
    request: Headers = field(default=Headers(), repr=False)
    response: Headers = field(default=Headers(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    cut: bool = False
    digest: bytes | None = None
    same_as: Reference | None = None


class Place(StrEnum):
    """What became of a capture."""

    NEW = "new"
    KNOWN = "known"
    """It is on record, with what it meant."""
    WAITING = "waiting"
    """It is on record, and still to be read."""
    NO_BODY = "no-body"
    """A revisit of a page that is not here."""
    EXCLUDED = "excluded"
    """An operator does not want the address."""
    REFUSED = "refused"
    """The database refuses what it holds."""
    LISTING = "listing"
    """The address is a front or section page, a feed or a sitemap."""


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """A capture as it is on record. `reads` that it is now to be read; `removal` that an article
    that was there is not, which is still to be judged."""

    place: Place
    address_id: int = 0
    source_id: int = 0
    fetch_id: int = 0
    fetched_at: datetime | None = None
    digest: bytes | None = None
    reads: bool = False
    removal: bool = False


def store_captures(
    session: Session, run_id: int, captures: Sequence[NewCapture], *, now: datetime
) -> list[StoredCapture]:
    """Put these captures on record, in order; their hosts are all of known sources."""
    enqueue(session, [Found(it.url, AddressKind.PAGE) for it in captures], now=now)
    keys = {it.url: address_key(it.url) for it in captures}
    ids = dict(
        session.execute(
            select(Address.key, Address.id).where(Address.key.in_(set(keys.values())))
        ).all()
    )
    # Two imports of one file: the second waits here for the first, and finds what it did.
    addresses = by_id(session, Address, set(ids.values()), lock=True)
    batch = _Batch(session, run_id, captures, addresses, now)
    results = []
    for capture in captures:
        address = addresses.get(ids.get(keys[capture.url], 0))
        results.append(batch.store(capture, address))
    batch.write()
    return results


class _Batch:
    def __init__(
        self,
        session: Session,
        run_id: int,
        captures: Sequence[NewCapture],
        addresses: dict[int, Address],
        now: datetime,
    ) -> None:
        self._session = session
        self._run_id = run_id
        self._now = now
        self._frontier = by_id(session, Frontier, set(addresses))
        self._sources = by_id(session, Source, {it.source_id for it in addresses.values()})
        by_key = {it.key: it.id for it in addresses.values()}
        wanted = [
            (by_key[key], capture.fetched_at)
            for capture in captures
            if (key := address_key(capture.url)) in by_key
        ]
        self._known = _fetches_at(session, wanted)
        self._read = latest_findings(session, [row.id for row in self._known])
        self._originals = _originals(session, captures)
        self._taken = _ids_at(session, {it.fetched_at for it in captures})
        self._fetches: list[NewFetch] = []
        self._findings: list[NewFinding] = []
        self._presence: list[Presence] = []
        self._counts: Counter[DayMeasure] = Counter()

    def store(self, capture: NewCapture, address: Address | None) -> StoredCapture:
        if address is None or address.excluded or address.id not in self._frontier:
            return StoredCapture(Place.EXCLUDED)
        if address.kind is not AddressKind.PAGE:
            return StoredCapture(Place.LISTING)
        digest = self._digest(capture)
        if capture.same_as is not None and digest is None and capture.status != 304:
            return StoredCapture(Place.NO_BODY)
        fetch = NewFetch(
            id=0,
            address_id=address.id,
            run_id=self._run_id,
            fetched_at=capture.fetched_at,
            url=None if capture.asked == f"https:{address.key}" else capture.asked,
            status=capture.status,
            peer=capture.peer,
            request_headers=capture.request,
            response_headers=capture.response,
            body=capture.body,
            cut=capture.cut,
            known_digest=digest,
        )
        for row in self._known:
            if _is_same(row, fetch):
                return self._known_before(capture, address, row.id, fetch.digest)
        fetch = replace(fetch, id=self._id(capture.fetched_at))
        self._fetches.append(fetch)
        self._known.append(_Known(fetch.id, address.id, fetch.fetched_at, fetch.status, digest))
        removal = self._advance(capture, address)
        if not capture.reads:
            self._find(capture, address, fetch)
        return StoredCapture(
            Place.NEW,
            address.id,
            address.source_id,
            fetch.id,
            capture.fetched_at,
            fetch.digest,
            reads=capture.reads,
            removal=removal,
        )

    def write(self) -> None:
        record_fetches(self._session, self._fetches)
        record_findings(self._session, self._findings, first=True)
        record_presence(self._session, self._presence)
        count(self._session, self._counts)
        self._session.flush()

    def _known_before(
        self, capture: NewCapture, address: Address, fetch_id: int, digest: bytes | None
    ) -> StoredCapture:
        mine = any(it.id == fetch_id for it in self._fetches)  # twice in this batch
        waits = capture.reads and fetch_id not in self._read and not mine
        return StoredCapture(
            Place.WAITING if waits else Place.KNOWN,
            address.id,
            address.source_id,
            fetch_id,
            capture.fetched_at,
            digest,
            reads=waits,
        )

    def _digest(self, capture: NewCapture) -> bytes | None:
        """That of the body of a revisit."""
        if capture.same_as is None or capture.status == 304:
            return None
        if capture.digest is not None:
            return capture.digest
        key = (address_key(capture.same_as.url), capture.same_as.fetched_at)
        return self._originals.get(key)

    def _advance(self, capture: NewCapture, address: Address) -> bool:
        """Move the frontier where nothing later is known of the address; whether an article that
        was there is not."""
        row = self._frontier[address.id]
        before = row.checked_at
        if before is not None and before >= capture.fetched_at:
            return False
        row.checked_at = capture.fetched_at
        row.attempts = 0
        # The next look fetches the page whole, and reads it.
        row.digest = row.etag = row.last_modified = None
        source = self._sources[address.source_id]
        rate = revisits.rate(
            EditStats(source.edits, source.exposure), EditStats(row.edits, row.exposure)
        )
        changed_at = row.changed_at or capture.fetched_at
        row.due_at = revisits.after_look(checked_at=self._now, changed_at=changed_at, rate=rate)
        return capture.outcome in _REMOVALS and row.version_id is not None

    def _find(self, capture: NewCapture, address: Address, fetch: NewFetch) -> None:
        """What an answer meant that is no page to be read."""
        version_id = None
        if capture.outcome is Outcome.UNCHANGED:
            sides = neighbours(self._session, address.id, fetch.id, capture.fetched_at)
            version_id = None if sides.before is None else sides.before.version_id
        if version_id is not None:
            self._presence.append(Presence(version_id, fetch.id, capture.fetched_at))
        self._findings.append(
            NewFinding(
                fetch.id,
                capture.outcome,
                None if version_id is None else Meaning.UNCHANGED,
                article_id=address.article_id,
                version_id=version_id,
                reason=capture.detail,
            )
        )
        measure = measure_of_check(AddressKind.PAGE, capture.outcome)
        if measure is not None:
            day = capture.fetched_at.astimezone(UTC).date()
            self._counts[address.source_id, day, measure] += 1

    def _id(self, at: datetime) -> int:
        """An id that nobody has, of the millisecond or of one soon after."""
        run = (self._run_id % (1 << _RUN_BITS)) << _SEQUENCE_BITS
        candidate = first_id_at(at) + run
        while candidate in self._taken:
            candidate += 1
            if candidate % (1 << _SEQUENCE_BITS) == 0:  # the millisecond is full
                candidate += (1 << (_RUN_BITS + _SEQUENCE_BITS)) - (1 << _SEQUENCE_BITS)
        self._taken.add(candidate)
        return candidate


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    address_id: int
    fetched_at: datetime
    status: int | None
    digest: bytes | None


def _is_same(row: _Known, fetch: NewFetch) -> bool:
    return (row.address_id, row.fetched_at, row.status, row.digest) == (
        fetch.address_id, fetch.fetched_at, fetch.status, fetch.digest,
    )  # fmt: skip


def _fetches_at(session: Session, wanted: Sequence[tuple[int, datetime]]) -> list[_Known]:
    """The fetches on record of these addresses at about these times."""
    found: list[_Known] = []
    places = sorted(set(wanted))
    for start in range(0, len(places), 100):
        some = [
            and_(
                Fetch.address_id == address_id,
                Fetch.id >= first_id_at(at),
                Fetch.id < first_id_at(at + _SECOND),
            )
            for address_id, at in places[start : start + 100]
        ]
        rows = session.execute(
            select(Fetch.id, Fetch.address_id, Fetch.fetched_at, Fetch.status, Fetch.digest).where(
                or_(*some)
            )
        )
        found += (_Known(*row) for row in rows)
    return found


def _originals(
    session: Session, captures: Sequence[NewCapture]
) -> dict[tuple[str, datetime], bytes]:
    """The digests of the bodies that revisits refer to, by address and time as they name them."""
    named = {
        (address_key(it.same_as.url), it.same_as.fetched_at)
        for it in captures
        if it.same_as is not None and it.digest is None
    }
    if not named:
        return {}
    rows = session.execute(
        select(Address.key, Address.id).where(Address.key.in_({key for key, _ in named}))
    )
    ids = dict(rows.all())
    known = _fetches_at(session, [(ids[key], at) for key, at in named if key in ids])
    kept = set(
        session.scalars(
            select(Payload.digest).where(Payload.digest.in_({it.digest for it in known}))
        )
    )
    found = {}
    for key, at in named:
        for it in known:
            if it.address_id != ids.get(key) or it.digest not in kept or it.digest is None:
                continue
            # WARC 1.0 names whole seconds
            if it.fetched_at == at or it.fetched_at.replace(microsecond=0) == at:
                found[key, at] = it.digest
    return found


def _ids_at(session: Session, times: Collection[datetime]) -> set[int]:
    """The fetch ids that are taken at these times, or soon after."""
    taken: set[int] = set()
    moments = sorted(times)
    for start in range(0, len(moments), 100):
        some = [
            and_(Fetch.id >= first_id_at(at), Fetch.id < first_id_at(at + _SECOND / 100))
            for at in moments[start : start + 100]
        ]
        taken |= set(session.scalars(select(Fetch.id).where(or_(*some))))
    return taken


def record_imported(session: Session, pages: Sequence[Captured]) -> list[Recorded | Deferred]:
    """As versioning.record_articles, wherever in the history of its article a page belongs."""
    results = list(record_articles(session, pages))
    for place, (page, result) in enumerate(zip(pages, results, strict=True)):
        if isinstance(result, Deferred) and is_past(session, page):
            results[place] = record_past(session, page)
    return results


def record_imported_non_articles(
    session: Session, pages: Sequence[NonArticle]
) -> list[Deferred | None]:
    """Put on record that these pages are no articles; Deferred where the latest look at an article
    shows none, which is to be judged. Idempotent."""
    frontier = by_id(session, Frontier, {page.address_id for page in pages})
    known = latest_findings(session, [page.fetch_id for page in pages])
    results: list[Deferred | None] = []
    counts: Counter[DayMeasure] = Counter()
    findings = []
    for page in pages:
        row = frontier[page.address_id]
        article_id = session.get_one(Address, page.address_id).article_id
        latest = row.checked_at is None or row.checked_at <= page.fetched_at
        if not page.judged and row.version_id is not None and latest:
            results.append(Deferred(article_id, row.version_id))
            continue
        results.append(None)
        if page.fetch_id in known:
            continue
        findings.append(
            NewFinding(page.fetch_id, page.outcome, article_id=article_id, reason=page.detail)
        )
        day = page.fetched_at.astimezone(UTC).date()
        counts[row.source_id, day, Measure(f"page-{page.outcome.value}")] += 1
    record_findings(session, findings)
    count(session, counts)
    return results
