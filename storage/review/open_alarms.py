"""The alarms that nobody has cleared, with what a person needs to judge them by. Read-only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.ledger.findings import of_fetch, outcome_of_fetch
from storage.models import Address, Alarm, Fetch, Finding, HeldCheck, Outcome, Source


@dataclass(frozen=True, slots=True)
class Example:
    """A check that is held back, as a person may look at it."""

    url: str
    observed_at: datetime
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """An alarm that nobody has cleared, how many checks it holds back, and some of them."""

    source: str
    raised_at: datetime
    reason: str
    evidence: dict[str, Any]
    held: int
    good_at: datetime | None
    examples: list[Example]


def open_alarms(
    session: Session, *, limit: int, source_id: int | None = None, examples: int = 5
) -> list[OpenAlarm]:
    """The alarms that are open, or the source's, the one that has been open for longest first."""
    held = (
        select(func.count())
        .where(HeldCheck.alarm_id == Alarm.id, HeldCheck.settled_at.is_(None))
        .correlate(Alarm)
        .scalar_subquery()
    )
    query = (
        select(Alarm, Source.name, Source.good_at, held)
        .join(Source, Source.id == Alarm.source_id)
        .where(Alarm.cleared_at.is_(None))
        .order_by(Alarm.raised_at, Alarm.id)
        .limit(limit)
    )
    if source_id is not None:
        query = query.where(Alarm.source_id == source_id)
    return [
        OpenAlarm(
            source=name,
            raised_at=alarm.raised_at,
            reason=alarm.reason,
            evidence=alarm.evidence,
            held=number,
            good_at=good_at,
            examples=_examples(session, alarm.id, examples) if examples else [],
        )
        for alarm, name, good_at, number in session.execute(query).all()
    ]


def _examples(session: Session, alarm_id: int, limit: int) -> list[Example]:
    """The first checks that the alarm held back."""
    rows = session.execute(
        select(Address.url, Fetch.fetched_at, outcome_of_fetch(), HeldCheck.reason)
        .select_from(HeldCheck)
        .join(Address, Address.id == HeldCheck.address_id)
        .join(Fetch, Fetch.id == HeldCheck.fetch_id)
        .outerjoin(Finding, of_fetch())
        .where(HeldCheck.alarm_id == alarm_id, HeldCheck.settled_at.is_(None))
        .order_by(HeldCheck.fetch_id)
        .limit(limit)
    )
    return [Example(*row) for row in rows]
