"""Alarms: so much of a source changed at once that its template is likelier to have changed.

An alarm holds checks back: no edit and no removal comes of them until an operator has looked and
cleared it. Then the source's next crawl takes them into the record, in the order they were made.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.ledger.day_counts import DayMeasure, Measure, count, measure_of_check
from storage.ledger.findings import (
    NewFinding,
    latest_findings,
    of_fetch,
    outcome_of_fetch,
    reason_of_fetch,
    record_findings,
)
from storage.models import (
    AddressKind,
    Alarm,
    Fetch,
    Finding,
    Frontier,
    HeldCheck,
    Meaning,
    Outcome,
    Source,
)

_CHUNK = 500  # ids a statement: SQLite takes 32,766 parameters
_OF_AN_ARTICLE = (Outcome.FETCHED, Outcome.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Held:
    """A check to be held back; `reason` is what is doubtful about it. `outcome` and `detail` are
    what reading its page came to, where that is no article."""

    fetch_id: int
    address_id: int
    reason: str
    outcome: Outcome | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """A check that was held back, whose alarm is cleared; `outcome` is as it was put on record."""

    fetch_id: int
    address_id: int
    fetched_at: datetime
    outcome: Outcome
    detail: str | None
    reason: str


def raise_alarm(
    session: Session,
    source_id: int,
    run_id: int,
    *,
    reason: str,
    evidence: dict[str, Any],
    now: datetime,
    held: Sequence[Held] = (),
) -> int:
    """The id of the source's open alarm: a new one, or the one that is open already.

    To one that is open the evidence is added: whole numbers in sum, the rest as it is now. Not
    so where all of `held`, what it is about, is held back already: then it was raised before.
    """
    # Whoever else raises an alarm for the source waits here.
    session.execute(select(Source.id).where(Source.id == source_id).with_for_update())
    raised = _alarm_of(session, held)
    if raised is not None:
        return raised
    alarm = open_alarm(session, source_id)
    if alarm is None:
        alarm = Alarm(
            source_id=source_id,
            run_id=run_id,
            raised_at=now,
            reason=reason,
            evidence=evidence,
        )
        session.add(alarm)
    else:
        if reason not in alarm.reason.split("; "):
            alarm.reason += f"; {reason}"
        alarm.evidence = _added(alarm.evidence, evidence)
    session.flush()
    return alarm.id


def _alarm_of(session: Session, held: Sequence[Held]) -> int | None:
    """The alarm by which all of these checks are held back, None where one is not."""
    ids = {it.fetch_id for it in held}
    known = session.execute(
        select(HeldCheck.fetch_id, HeldCheck.alarm_id).where(HeldCheck.fetch_id.in_(ids))
    ).all()
    return known[0].alarm_id if ids and len(known) == len(ids) else None


def open_alarm(session: Session, source_id: int) -> Alarm | None:
    """The alarm of the source that nobody has cleared yet."""
    return session.scalar(
        select(Alarm)
        .where(Alarm.source_id == source_id, Alarm.cleared_at.is_(None))
        .order_by(Alarm.id)
        .limit(1)
    )


def hold(session: Session, alarm_id: int, held: Sequence[Held]) -> None:
    """Hold the checks back. Idempotent: one that was held before stays as it is.

    Their captures wait no longer, and their addresses show no version: what comes of them later
    is held back too (Frontier.held), so that it can be taken in in order.
    """
    if not held:
        return
    new = session.scalars(
        insert_new(session, HeldCheck).returning(HeldCheck.fetch_id),
        [
            {
                "fetch_id": it.fetch_id,
                "address_id": it.address_id,
                "alarm_id": alarm_id,
                "reason": it.reason,
            }
            for it in held
        ],
    )
    _count_held(session, new.all(), 1)
    session.execute(
        update(Frontier)
        .where(Frontier.address_id.in_([it.address_id for it in held]))
        .values(held=True, version_id=None, pending_fetch_id=None)
    )
    known = latest_findings(session, [it.fetch_id for it in held])
    record_findings(session, [_undecided(it, known.get(it.fetch_id)) for it in held])


def _undecided(held: Held, known: Finding | None) -> NewFinding:
    outcome = held.outcome or (Outcome.FETCHED if known is None else known.outcome)
    detail = held.detail if held.outcome or known is None else known.reason
    return NewFinding(held.fetch_id, outcome, Meaning.UNDECIDED, reason=detail)


def released_checks(session: Session, source_id: int) -> list[Released]:
    """The source's checks that wait to be taken into the record after all, the oldest first."""
    cleared = session.scalars(
        select(Alarm.id).where(Alarm.source_id == source_id, Alarm.cleared_at.is_not(None))
    ).all()
    if not cleared:
        return []
    rows = session.execute(
        select(
            HeldCheck.fetch_id,
            HeldCheck.address_id,
            Fetch.fetched_at,
            outcome_of_fetch(),
            reason_of_fetch(),
            HeldCheck.reason,
        )
        .join(Fetch, Fetch.id == HeldCheck.fetch_id)
        .outerjoin(Finding, of_fetch())
        .where(HeldCheck.alarm_id.in_(cleared), HeldCheck.settled_at.is_(None))
        .order_by(HeldCheck.fetch_id)
    )
    return [Released(*row) for row in rows]


def settle(session: Session, fetch_ids: Collection[int], now: datetime) -> None:
    """These checks have been taken into the record. Idempotent.

    An alarm that holds nothing any more is over.
    """
    ids = list(fetch_ids)
    for start in range(0, len(ids), _CHUNK):
        settled = session.scalars(
            update(HeldCheck)
            .where(
                HeldCheck.fetch_id.in_(ids[start : start + _CHUNK]),
                HeldCheck.settled_at.is_(None),
            )
            .values(settled_at=now)
            .returning(HeldCheck.fetch_id)
        ).all()
        _count_held(session, settled, -1)
        _let_go(session, settled, now)


def _let_go(session: Session, settled: Sequence[int], now: datetime) -> None:
    """Free the addresses of which nothing is held any more, and end the alarms that hold
    nothing."""
    among = HeldCheck.fetch_id.in_(settled)
    waiting = exists().where(
        HeldCheck.address_id == Frontier.address_id, HeldCheck.settled_at.is_(None)
    )
    session.execute(
        update(Frontier)
        .where(Frontier.address_id.in_(select(HeldCheck.address_id).where(among)), ~waiting)
        .values(held=False)
        .execution_options(synchronize_session=False)
    )
    holds = exists().where(HeldCheck.alarm_id == Alarm.id, HeldCheck.settled_at.is_(None))
    session.execute(
        update(Alarm)
        .where(
            Alarm.id.in_(select(HeldCheck.alarm_id).where(among)),
            Alarm.cleared_at.is_(None),
            ~holds,
        )
        .values(cleared_at=now)
        .execution_options(synchronize_session=False)
    )


def _count_held(session: Session, fetch_ids: Sequence[int], by: int) -> None:
    """Add to the days' counts of held checks, of those that brought a page: what answered
    without one is counted by its outcome at once.

    One that is held no more is counted by its outcome, unless it is one of an article: that is
    counted where its reading is recorded.
    """
    rows = session.execute(
        select(Frontier.source_id, Fetch.fetched_at, outcome_of_fetch())
        .join(Fetch, Fetch.address_id == Frontier.address_id)
        .outerjoin(Finding, of_fetch())
        .where(Fetch.id.in_(fetch_ids), Fetch.status.between(200, 299))
    )
    counts: Counter[DayMeasure] = Counter()
    for source_id, fetched_at, outcome in rows:
        day = fetched_at.date()
        counts[source_id, day, Measure.HELD] += by
        measure = measure_of_check(AddressKind.PAGE, outcome)
        if by < 0 and measure is not None and outcome not in _OF_AN_ARTICLE:
            counts[source_id, day, measure] += 1
    count(session, counts)


def held_as_away(session: Session, address_id: int) -> list[int]:
    """The fetches of the address that are held back, if each of them found no article there;
    empty where one found an edit."""
    rows = session.execute(
        select(HeldCheck.fetch_id, outcome_of_fetch())
        .outerjoin(Fetch, Fetch.id == HeldCheck.fetch_id)
        .outerjoin(Finding, of_fetch())
        .where(HeldCheck.address_id == address_id, HeldCheck.settled_at.is_(None))
    ).all()
    found = any(outcome in _OF_AN_ARTICLE for _, outcome in rows)
    return [] if found else [fetch_id for fetch_id, _ in rows]


def clear_alarm(session: Session, source_id: int, now: datetime) -> Alarm | None:
    """Release what the source's open alarm holds back, and make the source due now, so that the
    next crawl takes it in; None where no alarm is open."""
    session.execute(select(Source.id).where(Source.id == source_id).with_for_update())
    alarm = open_alarm(session, source_id)
    if alarm is None:
        return None
    alarm.cleared_at = now
    session.flush()
    session.execute(
        update(Source)
        .where(
            Source.id == source_id,
            (Source.next_due_at.is_(None)) | (Source.next_due_at > now),
        )
        .values(next_due_at=now)
    )
    return alarm


def _added(before: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return before | {
        key: before[key] + value if type(value) is int and type(before.get(key)) is int else value
        for key, value in more.items()
    }
