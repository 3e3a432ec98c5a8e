"""Captures of a file put on record: fetches at the times they were made.

A capture that is on record already changes nothing; one that is, and was not read yet, is read
again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from storage.database.rows import by_id
from storage.frontier.addresses import address_key
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.sources import owners
from storage.history.may_be_kept import Brought, answer_kept
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.fetches import NewFetch, record_fetches
from storage.ledger.findings import latest_findings
from storage.ledger.headers import Headers
from storage.ledger.payloads import Staged, digest_of
from storage.ledger.staging import Bodies
from storage.ledger.tdm_files import tdm_files_at
from storage.models import (
    Address,
    AddressKind,
    Fetch,
    Frontier,
    Outcome,
    Payload,
)
from storage.withholding.rules import standing_rules

_SECOND = timedelta(seconds=1)
_RUN_BITS, _SEQUENCE_BITS = 10, 11


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
    """It is on record, and still to be read: not at all yet, or not with success."""
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
    """A capture as it is on record; `tdm_file` is the site's tdmrep.json as it is known of then."""

    place: Place
    address_id: int = 0
    source_id: int = 0
    fetch_id: int = 0
    fetched_at: datetime | None = None
    digest: bytes | None = None
    tdm_file: bytes | None = None


def bodies_of_captures(session: Session, captures: Sequence[NewCapture]) -> Bodies:
    """The bodies that `store_captures` is to keep of these; none where there are redactions, whose
    words depend on articles that these pages may still be found to be of."""
    if standing_rules(session):
        return Bodies({}, {})
    sources = owners(session, {urlsplit(it.url).netloc for it in captures})
    kept = {digest_of(it.body): it for it in captures if it.body is not None}
    return Bodies(
        {digest: it.body or b"" for digest, it in kept.items()},
        {
            digest: source.id
            for digest, it in kept.items()
            if (source := sources.get(urlsplit(it.url).netloc)) is not None
        },
    )


def store_captures(
    session: Session,
    run_id: int,
    captures: Sequence[NewCapture],
    *,
    now: datetime,
    staged: Staged | None = None,
) -> list[StoredCapture]:
    """Put these captures on record, in order; their hosts are all of known sources. Their bodies
    may be `staged` in the payload store (ledger.staging)."""
    enqueue(session, [Found(it.url, AddressKind.PAGE) for it in captures], now=now)
    keys = {it.url: address_key(it.url) for it in captures}
    ids = dict(
        session.execute(
            select(Address.key, Address.id).where(Address.key.in_(set(keys.values())))
        ).all()
    )
    # Two imports of one file: the second waits here for the first, and finds what it did.
    addresses = by_id(session, Address, set(ids.values()), lock=True)
    batch = _Batch(session, run_id, captures, addresses)
    results = []
    files = tdm_files_at(session, {(it.asked, it.fetched_at) for it in captures if it.reads})
    for capture in captures:
        address = addresses.get(ids.get(keys[capture.url], 0))
        file = files.get((capture.asked, capture.fetched_at))
        results.append(replace(batch.store(capture, address), tdm_file=file))
    batch.write(staged)
    return results


class _Batch:
    def __init__(
        self,
        session: Session,
        run_id: int,
        captures: Sequence[NewCapture],
        addresses: dict[int, Address],
    ) -> None:
        self._session = session
        self._run_id = run_id
        self._frontier = by_id(session, Frontier, set(addresses))
        self._ids = {it.key: it.id for it in addresses.values()}
        wanted = [
            (self._ids[key], capture.fetched_at)
            for capture in captures
            if (key := address_key(capture.url)) in self._ids
        ]
        self._known = _fetches_at(session, wanted)
        self._read = latest_findings(session, [row.id for row in self._known])
        self._originals = _originals(session, captures)
        self._rules = standing_rules(session)
        self._taken = _ids_at(session, {it.fetched_at for it in captures})
        self._fetches: list[NewFetch] = []

    def store(self, capture: NewCapture, address: Address | None) -> StoredCapture:
        if address is None or address.excluded or address.id not in self._frontier:
            return StoredCapture(Place.EXCLUDED)
        if address.kind is not AddressKind.PAGE:
            return StoredCapture(Place.LISTING)
        answer = Brought(capture.body, capture.request, capture.response)
        if self._rules:
            answer = answer_kept(self._rules, address, answer)
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
            request_headers=answer.request,
            response_headers=answer.response,
            body=answer.body,
            cut=capture.cut,
            known_digest=digest,
            redactions=answer.redactions,
        )
        for row in self._known:
            if _is_same(row, fetch):
                return self._known_before(address, row, fetch.digest)
        fetch = replace(fetch, id=self._id(capture.fetched_at))
        self._fetches.append(fetch)
        self._known.append(_Known(fetch.id, address.id, fetch.fetched_at, fetch.status, digest))
        return StoredCapture(
            Place.NEW, address.id, address.source_id, fetch.id, capture.fetched_at, fetch.digest
        )

    def write(self, staged: Staged | None) -> None:
        record_fetches(self._session, self._fetches, staged)
        self._session.flush()

    def _known_before(self, address: Address, row: "_Known", digest: bytes | None) -> StoredCapture:
        twice = any(it.id == row.id for it in self._fetches)
        found = self._read.get(row.id)
        is_read = found is not None and found.outcome is not Outcome.UNREADABLE
        place = Place.KNOWN if twice or is_read else Place.WAITING
        return StoredCapture(place, address.id, address.source_id, row.id, row.fetched_at, digest)

    def _digest(self, capture: NewCapture) -> bytes | None:
        """That of the body of a revisit."""
        if capture.same_as is None or capture.status == 304:
            return None
        if capture.digest is not None:
            # Of a page of this file that was redacted only another is kept.
            kept = not self._rules or self._session.get(Payload, capture.digest) is not None
            return capture.digest if kept else None
        key, at = address_key(capture.same_as.url), capture.same_as.fetched_at
        known = self._originals.get((key, at))
        if known is None:  # it may have come a moment ago
            mine = (it for it in self._fetches if it.address_id == self._ids.get(key))
            known = next((it.digest for it in mine if _is_at(it.fetched_at, at)), None)
        return known

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
            if _is_at(it.fetched_at, at):
                found[key, at] = it.digest
    return found


def _is_at(fetched_at: datetime, named: datetime) -> bool:
    """Whether that is the time that is named; WARC 1.0 names whole seconds."""
    return named in (fetched_at, fetched_at.replace(microsecond=0))


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
