"""Findings: what each fetch meant. A later finding replaces an earlier one, and both stay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, insert, literal, or_, select
from sqlalchemy.orm import Session, aliased

from storage.database.clock import utc_now
from storage.ledger.spans import EVERYWHERE, Span
from storage.models import Fetch, Finding, Meaning, Outcome


@dataclass(frozen=True, slots=True)
class NewFinding:
    """What a fetch meant, to be put on record after what was found of it before.

    `confidence` is from 0 to 1, None where nothing is in doubt.
    """

    fetch_id: int
    outcome: Outcome
    meaning: Meaning | None = None
    article_id: int | None = None
    version_id: int | None = None
    reason: str | None = None
    confidence: float | None = None


def record_findings(
    session: Session, findings: Sequence[NewFinding], *, first: bool = False
) -> None:
    """Put findings on record, at most one a fetch; `first` where these fetches are new, and have
    none. One that says what the latest of its fetch says already changes nothing."""
    if not findings:
        return
    known = {} if first else latest_findings(session, [it.fetch_id for it in findings])
    now = utc_now()
    rows = [
        {
            "fetch_id": it.fetch_id,
            "number": 1 if before is None else before.number + 1,
            "outcome": it.outcome,
            "meaning": it.meaning,
            "article_id": it.article_id,
            "version_id": it.version_id,
            "reason": it.reason,
            "confidence": it.confidence,
            "recorded_at": now,
        }
        for it in findings
        if (before := known.get(it.fetch_id)) is None or _as_new(before) != it
    ]
    if rows:
        session.execute(insert(Finding), rows)


def latest_findings(session: Session, fetch_ids: Collection[int]) -> dict[int, Finding]:
    """What these fetches mean, by fetch id; a page that waits to be read has nothing here."""
    if not fetch_ids:
        return {}
    rows = session.scalars(
        select(Finding)
        .where(Finding.fetch_id.in_(fetch_ids))
        .order_by(Finding.fetch_id, Finding.number)
    )
    return {finding.fetch_id: finding for finding in rows}


def is_latest(span: Span = EVERYWHERE) -> ColumnElement[bool]:
    """Whether no later finding replaces this one: for a statement that has Finding, of `span`."""
    later = aliased(Finding)
    newest = (
        select(func.max(later.number))
        .where(later.fetch_id == Finding.fetch_id, span.holds(later.fetch_id))
        .correlate(Finding)
        .scalar_subquery()
    )
    return Finding.number == newest


def of_fetch(span: Span = EVERYWHERE) -> ColumnElement[bool]:
    """What joins a fetch of `span` to what it means now."""
    return and_(
        Finding.fetch_id == Fetch.id,
        is_latest(span),
        span.holds(Fetch.id),
        span.holds(Finding.fetch_id),
    )


def is_of_a_wall() -> ColumnElement[bool]:
    """Whether a finding says that something stood before the article, for a reader too."""
    return or_(
        Finding.outcome.in_((Outcome.PAYWALL, Outcome.CHALLENGE)),
        Finding.reason.in_(("consent", "gate", "needs-javascript")),
    )


def outcome_of_fetch() -> ColumnElement[Outcome]:
    """What a fetch came to: of a page that waits to be read, that it was fetched. For a statement
    that joins Fetch to Finding, outer, by `of_fetch`."""
    return func.coalesce(Finding.outcome, literal(Outcome.FETCHED, Finding.outcome.type))


def reason_of_fetch() -> ColumnElement[str | None]:
    """Why a fetch came to what it did; for the same statements."""
    return func.coalesce(Finding.reason, Fetch.error)


def _as_new(finding: Finding) -> NewFinding:
    return NewFinding(
        finding.fetch_id,
        finding.outcome,
        finding.meaning,
        finding.article_id,
        finding.version_id,
        finding.reason,
        finding.confidence,
    )
