"""Looks: what was seen at an address before, to be compared with what is seen now; and what is put
on record of a look that is not decided, or of a source none of whose pages can be reached."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from storage.ledger.day_counts import DayMeasure, Measure, count
from storage.ledger.findings import (
    NewFinding,
    latest_findings,
    of_fetch,
    record_findings,
)
from storage.models import (
    Address,
    Article,
    Fetch,
    Finding,
    Frontier,
    Meaning,
    Outcome,
    Source,
    Version,
    VersionState,
)

LOOK_AGAIN: Final = timedelta(hours=1)
"""Until a page is looked at again of which too little could be told."""

_MOST_BEFORE = 50  # fetches
_MOST_ADDRESSES = 20


@dataclass(frozen=True, slots=True)
class Before:
    """What was known of an address: the fetch whose page it last showed, None where none is left
    to read; the version; the last of its looks since that was undecided, and how many were."""

    fetch_id: int | None
    fetched_at: datetime | None
    version_id: int | None
    pending_id: int | None = None
    waited: int = 0


def looks_before(session: Session, address_id: int, fetch_id: int) -> Before:
    """What was known of the address before that fetch."""
    pending_id, waited, version_id = None, 0, None
    for row in _fetches(session, address_id, fetch_id):
        if row.meaning is Meaning.UNDECIDED and version_id is None:
            waited += 1
            pending_id = pending_id or (row.id if row.digest is not None else None)
        elif row.version_id is not None:
            version_id = version_id or row.version_id
            if row.digest is not None and row.version_id == version_id:
                return Before(row.id, row.fetched_at, version_id, pending_id, waited)
    version = session.scalar(
        select(Version)
        .join(Article, Article.current_version_id == Version.id)
        .join(Address, Address.article_id == Article.id)
        .where(Address.id == address_id)
    )
    if version is None:
        return Before(None, None, version_id, pending_id, waited)
    # since that fetch a redesign may have come, which another address of the article has shown
    shown = _shown_elsewhere(session, version, address_id, fetch_id)
    shown_id, shown_at = shown or (version.fetch_id, version.first_seen_at)
    return Before(shown_id, shown_at, version.id, pending_id, waited)


def _fetches(
    session: Session, address_id: int, before: int
) -> Sequence[Row[int, datetime, bytes | None, Meaning | None, int]]:
    """The latest fetches of an address, and what each meant."""
    return session.execute(
        select(Fetch.id, Fetch.fetched_at, Fetch.digest, Finding.meaning, VersionState.version_id)
        .select_from(Fetch)
        .join(Finding, of_fetch())
        .join(Address, Address.id == Fetch.address_id)
        # not one that is another article's since
        .outerjoin(
            VersionState,
            (VersionState.version_id == Finding.version_id)
            & (VersionState.article_id == Address.article_id),
        )
        .where(Fetch.address_id == address_id, Fetch.id < before)
        .order_by(Fetch.id.desc())
        .limit(_MOST_BEFORE)
    ).all()


def _shown_elsewhere(
    session: Session, version: Version, address_id: int, before: int
) -> tuple[int, datetime] | None:
    """The latest fetch that showed the version at another address of its article, and its time."""
    article_id = select(Address.article_id).where(Address.id == address_id).scalar_subquery()
    others = session.scalars(
        select(Address.id)
        .where(Address.article_id == article_id, Address.id != address_id)
        .order_by(Address.id)
        .limit(_MOST_ADDRESSES)
    )
    shown = (
        (row.id, row.fetched_at)
        for other in others.all()
        for row in _fetches(session, other, before)
        if row.version_id == version.id and row.digest is not None
    )
    return max(shown, default=None)


@dataclass(frozen=True, slots=True)
class Look:
    """A look at an address that showed an article; `reason` is for people."""

    fetch_id: int
    address_id: int
    fetched_at: datetime
    reason: str
    confidence: float | None = None


def record_undecided(session: Session, looks: Sequence[Look]) -> None:
    """Put on record that too little can be told of these looks; their pages are looked at again
    soon, and read whether or not their bytes are the same."""
    _record(session, looks, Meaning.UNDECIDED)


def record_unreachable(
    session: Session, source_id: int, looks: Sequence[Look], since: datetime
) -> None:
    """Put on record that no page of the source shows its article; none of them is removed."""
    _record(session, looks, Meaning.UNREACHABLE)
    session.execute(
        update(Source)
        .where(Source.id == source_id, Source.unreachable_since.is_(None))
        .values(unreachable_since=since)
    )


def record_reachable(session: Session, source_ids: Sequence[int]) -> Sequence[int]:
    """Pages of these sources show their articles, if they did not before. Returns the ids."""
    session.execute(
        update(Source)
        .where(Source.id.in_(source_ids), Source.unreachable_since.is_not(None))
        .values(unreachable_since=None)
        .execution_options(synchronize_session=False)
    )
    return source_ids


def _record(session: Session, looks: Sequence[Look], meaning: Meaning) -> None:
    if not looks:
        return
    known = latest_findings(session, [look.fetch_id for look in looks])
    addresses = {
        row.id: row
        for row in session.execute(
            select(Address.id, Address.article_id, Address.source_id).where(
                Address.id.in_([look.address_id for look in looks])
            )
        )
    }
    findings = []
    counts: Counter[DayMeasure] = Counter()
    for look in looks:
        before = known.get(look.fetch_id)
        address = addresses[look.address_id]
        outcome = Outcome.FETCHED if before is None else before.outcome
        if before is None:
            day = look.fetched_at.astimezone(UTC).date()
            counts[address.source_id, day, Measure.PAGE_FETCHED] += 1
        findings.append(
            NewFinding(
                look.fetch_id,
                outcome,
                meaning,
                article_id=address.article_id,
                reason=look.reason,
                confidence=look.confidence,
            )
        )
        session.execute(
            update(Frontier)
            .where(
                Frontier.address_id == look.address_id,
                Frontier.pending_fetch_id == look.fetch_id,
            )
            .values(
                pending_fetch_id=None,
                digest=None,
                etag=None,
                last_modified=None,
                due_at=look.fetched_at + LOOK_AGAIN,
            )
        )
    record_findings(session, findings)
    count(session, counts)
