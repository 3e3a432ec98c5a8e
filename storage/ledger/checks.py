"""Checks: what each request of a crawl found, made durable before anything is done with it.

One check is one observation. In the same transaction as its observation a check stores the
payload, moves the frontier, makes what was found known, and marks a page that is still to be
extracted, so that a kill at any instant leaves either all of it or none.
"""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.frontier import revisits
from storage.frontier.addresses import address_key
from storage.frontier.due import Found, enqueue
from storage.frontier.listings import without_identity
from storage.frontier.revisits import Editing
from storage.frontier.sources import pause_source
from storage.history.presence import Removal, Sighting, record_removals, record_sightings, state_of
from storage.ledger.payloads import digest_of, store_payloads
from storage.models import (
    Address,
    AddressKind,
    AddressLink,
    Capture,
    Frontier,
    LinkKind,
    Observation,
    Outcome,
    Source,
)
from storage.review.health import DayMeasure, Measure, count, measure_of_check

MAX_REDIRECTS = 10

_REMOVALS = {Outcome.GONE, Outcome.NOT_FOUND, Outcome.MOVED, Outcome.PAYWALL}
_CONCLUSIVE = _REMOVALS | {Outcome.FETCHED, Outcome.UNCHANGED, Outcome.NOT_ARTICLE}


@dataclass(frozen=True, slots=True)
class Check:
    """One request and what came of it.

    `body` has its content encodings undone and is None where there is none; of a page that failed
    it is kept, and not read. `found` are the
    addresses that a feed, sitemap or front page led to; `redirect` is where a redirect points,
    normalised, None where that is no address of the source. `guessed` is a feed or sitemap that may
    be there: many sites have one at that address.
    """

    observation_id: int
    run_id: int
    address_id: int
    source_id: int
    url: str
    kind: AddressKind
    observed_at: datetime
    outcome: Outcome
    status: int | None = None
    body: bytes | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    etag: str | None = None
    last_modified: str | None = None
    detail: str | None = None
    milliseconds: int | None = None
    retry_at: datetime | None = None
    retry_soon: bool = True
    redirect: str | None = None
    hops: int = 0
    found: tuple[Found, ...] = field(default=(), repr=False)
    guessed: bool = False

    def reduced(self, why: str) -> "Check":
        """The same fetch as one that failed, with nothing left of the answer but its body, where
        it was a page's: what can be recorded whatever the answer holds."""
        return Check(
            observation_id=self.observation_id,
            run_id=self.run_id,
            address_id=self.address_id,
            source_id=self.source_id,
            url=self.url,
            kind=self.kind,
            observed_at=self.observed_at,
            outcome=Outcome.UNREADABLE,
            body=self.body,
            detail=why,
            hops=self.hops,
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a check.

    `extract` says that its payload is now to be read; `removal` that an article that was there is
    not, which is still to be judged (history.presence.record_removals); `looked` that it was a
    look at a known article; `exposure` is what that look adds to its editing (frontier.revisits);
    `absent` that there is no such feed or sitemap and never was, which is no failure.
    """

    outcome: Outcome
    extract: bool = False
    digest: bytes | None = None
    new_addresses: int = 0
    new_pages: int = 0
    removal: bool = False
    looked: bool = False
    exposure: float = 0.0
    absent: bool = False


@dataclass(slots=True)
class _Known:
    """What the archive knows of an address, and of its source."""

    frontier: Frontier
    address: Address
    cadence: int
    editing: Editing

    @property
    def shown_version_id(self) -> int | None:
        """The version that the latest payload shows, None before that payload was read."""
        row = self.frontier
        return row.version_id if row.pending_observation_id is None else None

    @property
    def is_article(self) -> bool:
        """Whether the address was last seen to show an article, or that is held in doubt."""
        return self.frontier.version_id is not None or self.frontier.held


def record_checks(session: Session, checks: Sequence[Check]) -> list[Checked]:
    """Put the checks on record, in order. Idempotent: a check recorded before changes nothing."""
    known = _known(session, [check.address_id for check in checks])
    done = _recorded_before(session, checks)
    digests = {
        check.observation_id: digest_of(check.body)
        for check in checks
        if check.body is not None and (check.outcome is Outcome.FETCHED or _is_evidence(check))
    }
    store_payloads(
        session,
        {
            digests[check.observation_id]: check.body
            for check in checks
            if check.body is not None
            and check.kind is AddressKind.PAGE
            and digests.get(check.observation_id)
            not in (None, known[check.address_id].frontier.digest)
        },
    )
    results, observations, captures = [], [], []
    sightings: list[Sighting] = []
    for check in checks:
        before = known[check.address_id]
        if check.observation_id in done:
            outcome, digest = done[check.observation_id]
            pending = before.frontier.pending_observation_id == check.observation_id
            results.append(
                Checked(
                    outcome,
                    extract=pending,
                    digest=digest,
                    removal=_removes(check, outcome, before) and before.is_article,
                    looked=before.is_article and outcome in _CONCLUSIVE,
                )
            )
            continue
        digest = digests.get(check.observation_id, before.frontier.digest)
        outcome = check.outcome
        if outcome is Outcome.FETCHED and digest == before.frontier.digest:
            outcome = Outcome.UNCHANGED
        if outcome not in (Outcome.FETCHED, Outcome.UNCHANGED):
            digest = digests.get(check.observation_id)
        extract = outcome is Outcome.FETCHED and check.kind is AddressKind.PAGE
        observations.append(_observation_row(check, outcome, digest, before))
        if extract:
            captures.append(
                {
                    "observation_id": check.observation_id,
                    "digest": digest,
                    "headers": [list(pair) for pair in check.headers],
                }
            )
        shown, looked = before.shown_version_id, before.is_article and outcome in _CONCLUSIVE
        exposure = _advance(before, check, outcome, digest, extract=extract)
        if outcome is Outcome.UNCHANGED and shown is not None:
            sightings.append(Sighting(shown, check.observation_id, check.observed_at))
        if outcome is Outcome.NOT_FOUND:
            _try_as_listed(check, before)
        removal = _removes(check, outcome, before)
        if removal and not before.is_article:
            record_sightings(session, sightings)
            sightings = []
            state = state_of(outcome, check.detail)
            if state is not None:
                record_removals(session, [Removal(check.address_id, check.observation_id, state)])
        new = enqueue(session, check.found, now=check.observed_at) if check.found else Counter()
        if check.redirect is not None:
            new += _redirected(session, check, check.redirect, before)
        if check.retry_at is not None:
            pause_source(session, check.source_id, check.retry_at)
        results.append(
            Checked(
                outcome,
                extract=extract,
                digest=digest,
                new_addresses=new.total(),
                new_pages=new[AddressKind.PAGE],
                removal=removal and before.is_article,
                looked=looked,
                exposure=exposure,
                absent=_is_absent(check, outcome, before),
            )
        )
    record_sightings(session, sightings)
    count(session, _counts(checks, results, done))
    if observations:
        session.execute(insert(Observation), observations)
    if captures:
        session.execute(insert(Capture), captures)
    session.flush()
    return results


def _counts(
    checks: Sequence[Check], results: Sequence[Checked], done: Container[int]
) -> Counter[DayMeasure]:
    """What these checks add to what was counted of their days; pages that are still to be read
    are counted when they are."""
    counts: Counter[DayMeasure] = Counter()
    for check, checked in zip(checks, results, strict=True):
        if check.observation_id in done:
            continue
        day = (check.source_id, check.observed_at.astimezone(UTC).date())
        if not (checked.extract or checked.absent):
            measure = measure_of_check(check.kind, checked.outcome)
            if measure is not None:
                counts[*day, measure] += 1
        if check.kind not in (AddressKind.ROBOTS, AddressKind.PAGE):
            counts[*day, Measure.LISTED] += checked.new_pages
    return counts


def _known(session: Session, address_ids: Sequence[int]) -> dict[int, _Known]:
    rows = session.execute(
        select(Frontier, Address, Source.cadence, Source.edits, Source.exposure)
        .join(Address, Address.id == Frontier.address_id)
        .join(Source, Source.id == Frontier.source_id)
        .where(Frontier.address_id.in_(address_ids))
    )
    return {
        row.address_id: _Known(row, address, cadence, Editing(edits, exposure))
        for row, address, cadence, edits, exposure in rows
    }


def _recorded_before(
    session: Session, checks: Sequence[Check]
) -> dict[int, tuple[Outcome, bytes | None]]:
    """Outcome and digest of the checks that are on record, by observation id.

    An id that another run gave out is left out here, so that it fails on the primary key.
    """
    runs = {check.observation_id: check.run_id for check in checks}
    rows = session.execute(
        select(Observation.id, Observation.run_id, Observation.outcome, Observation.digest).where(
            Observation.id.in_(runs)
        )
    )
    return {row.id: (row.outcome, row.digest) for row in rows if row.run_id == runs[row.id]}


def _is_evidence(check: Check) -> bool:
    """Whether its bytes are all there is to know of a fetch that failed."""
    failed = check.outcome in (Outcome.FAILED, Outcome.UNREADABLE)
    return failed and check.kind is AddressKind.PAGE


def _removes(check: Check, outcome: Outcome, before: _Known) -> bool:
    return outcome in _REMOVALS and not _stays(check, before)


def _is_absent(check: Check, outcome: Outcome, before: _Known) -> bool:
    if check.kind not in (AddressKind.FEED, AddressKind.SITEMAP) or before.frontier.changed_at:
        return False
    # Some sites answer with their front page to whatever is asked for.
    missing = (Outcome.NOT_FOUND, Outcome.GONE, *([Outcome.UNREADABLE] if check.guessed else []))
    return outcome in missing


def _stays(check: Check, before: _Known) -> bool:
    """Whether a redirect leads from http to https, or back, and so to the same address."""
    return check.redirect is not None and address_key(check.redirect) == before.address.key


def _observation_row(
    check: Check, outcome: Outcome, digest: bytes | None, before: _Known
) -> dict[str, object]:
    return {
        "id": check.observation_id,
        "address_id": check.address_id,
        "run_id": check.run_id,
        "observed_at": check.observed_at,
        "outcome": outcome,
        "status": check.status,
        "digest": digest,
        "version_id": before.shown_version_id if outcome is Outcome.UNCHANGED else None,
        "detail": check.detail,
        "milliseconds": check.milliseconds,
    }


def _advance(
    before: _Known, check: Check, outcome: Outcome, digest: bytes | None, *, extract: bool
) -> float:
    """Move the frontier's row to what comes next; the exposure that this look adds."""
    row, now, last = before.frontier, check.observed_at, before.frontier.checked_at
    row.checked_at = now
    if outcome in (Outcome.FAILED, Outcome.BLOCKED):
        row.attempts += 1
        backoff = revisits.after_failure(
            outcome, attempts=row.attempts, checked_at=now, soon=check.retry_soon
        )
        row.due_at = max(backoff, check.retry_at or backoff)
        return 0.0
    row.attempts = 0
    if outcome in _REMOVALS:
        row.due_at = revisits.after_removal(
            now,
            looked_at=last if row.digest is None else None,
            known=before.address.article_id is not None,
        )
        # What comes back is read again, if it is the same as before too.
        row.digest = row.etag = row.last_modified = None
        return 0.0
    if outcome is Outcome.NOT_ARTICLE:
        row.due_at = revisits.after_verdict(outcome, now)
        return 0.0
    if outcome is Outcome.FETCHED:
        if check.kind is not AddressKind.PAGE or row.changed_at is None:
            row.changed_at = now
        row.digest = digest
        row.etag, row.last_modified = check.etag, check.last_modified
        if extract:
            row.pending_observation_id = check.observation_id
    if check.kind is not AddressKind.PAGE:
        row.due_at = revisits.after_listing(check.kind, cadence=before.cadence, checked_at=now)
        return 0.0
    changed_at = row.changed_at or now
    exposure = revisits.exposure_of(changed_at, last, now) if last and before.is_article else 0.0
    row.exposure += exposure
    rate = revisits.rate(before.editing, Editing(row.edits, row.exposure))
    row.due_at = revisits.after_look(checked_at=now, changed_at=changed_at, rate=rate)
    return exposure


def _try_as_listed(check: Check, before: _Known) -> None:
    """An address that never showed an article is asked for once more, as it was listed: some
    servers know a page only with the tracking parameters of their own feed."""
    listed = (before.address.hints or {}).get("listed_url")
    shown = before.address.article_id is not None
    if listed and listed != before.address.url and not shown and check.hops < MAX_REDIRECTS:
        before.address.url = listed
        before.frontier.due_at, before.frontier.hops = check.observed_at, check.hops + 1


def _redirected(
    session: Session, check: Check, target: str, before: _Known
) -> Counter[AddressKind]:
    """Make the target of a redirect known and due, and link it; returns how many are new.

    A redirect from http to https, or back, stays at its address: its URL takes the new scheme.
    """
    if _stays(check, before):
        if before.address.url != target and check.hops < MAX_REDIRECTS:
            before.address.url = target
            before.frontier.due_at, before.frontier.hops = check.observed_at, check.hops + 1
        return Counter()
    new: Counter[AddressKind] = Counter()
    if check.hops < MAX_REDIRECTS:
        item = Found(target, check.kind, hops=check.hops + 1)
        if before.address.article_id is None:
            # What a feed says of the link that it gives is said of where the link leads.
            hints = without_identity(before.address.hints)
            published_at = before.address.published_at
            item = replace(item, published_at=published_at, hints=hints)
        new = enqueue(session, [item], now=check.observed_at)
    target_id = session.scalar(select(Address.id).where(Address.key == address_key(target)))
    if target_id is not None:
        session.execute(
            insert_new(session, AddressLink),
            [
                {
                    "from_id": check.address_id,
                    "to_id": target_id,
                    "kind": LinkKind.REDIRECT,
                    "observation_id": check.observation_id,
                }
            ],
        )
    return new
