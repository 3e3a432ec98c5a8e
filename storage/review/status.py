"""The archive at a glance: what it holds, what is due, and what needs a person.

It is asked for by monitors, of archives of any size: nothing here reads the ledger of fetches
or the frontier from end to end.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, literal_column, or_, select, text
from sqlalchemy.orm import Session

from storage.history.reextractions import ReextractionRecord, latest_reextraction
from storage.ledger.findings import of_fetch, reason_of_fetch
from storage.ledger.runs import LOST_AFTER, is_dead
from storage.models import (
    Address,
    AddressKind,
    Article,
    Base,
    BrowserNeed,
    BrowserUse,
    Fetch,
    Finding,
    Frontier,
    Run,
    RunEnd,
    Source,
    Version,
)

MOST: Final = 100
"""Sources or listings of a kind that are named; the others are counted."""

MOST_DUE: Final = 1_000_000
"""Addresses that are due and counted: behind so far, the number says no more."""

LATE: Final = timedelta(hours=1)
"""After its due time, or four times its cadence if that is longer, a source is late."""

LATELY: Final = timedelta(days=1)
"""For how long a lost run is told of, and a source may be without a good one."""

_LATE_CADENCES: Final = 4
_FAILING_AFTER: Final = 3  # failures in a row
_EXACT: Final = 100_000  # rows that are counted one by one


@dataclass(frozen=True, slots=True)
class Late:
    """A source that should have been crawled before and that no live run holds."""

    source: str
    due_at: datetime
    good_at: datetime | None


@dataclass(frozen=True, slots=True)
class Failing:
    """A front page, section, feed or sitemap that keeps failing, and what went wrong last."""

    source: str
    url: str
    detail: str
    good_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run. `ended` is None while it is under way, and LOST from the moment it is seen to have
    died, with an `ended_at` once a later run has put that on record. `error` is what stopped it."""

    id: int
    software: str
    started_at: datetime
    ended_at: datetime | None
    ended: RunEnd | None
    error: str | None
    settings: dict[str, Any]
    counts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Status:
    """The archive at a glance. Lists are at most MOST long, their `_total` says how many there
    are. `estimated` names the numbers that are about right and not counted; `stale` is how many
    sources no run has come to the end of lately; `without_browser` of how many the pages seem to
    need a browser, and none was there."""

    sources: int
    articles: int
    versions: int
    observations: int
    estimated: list[str]
    due: int
    due_sources: int
    stale: int
    late_total: int
    failing_total: int
    lost_total: int
    without_browser: int
    late: list[Late] = field(default_factory=list)
    failing: list[Failing] = field(default_factory=list)
    lost: list[RunRecord] = field(default_factory=list)
    runs: list[RunRecord] = field(default_factory=list)
    reextraction: ReextractionRecord | None = None

    @property
    def needs_a_person(self) -> bool:
        return bool(self.late_total or self.failing_total)


def status(
    session: Session, *, now: datetime, system: datetime | None = None, runs: int = 5
) -> Status:
    """How the archive is at `now`; `system` is the system's time, where `now` is a rehearsal's."""
    rows = {
        "articles": _rows(
            session,
            Article,
            Article.current_version_id.is_not(None),
            Article.dismissed_as.is_(None),
        ),
        "versions": _rows(session, Version),
        "observations": _rows(session, Fetch),
    }
    late = _late(session, now, system or now)
    failing = _failing()
    due = Source.enabled & (Source.next_due_at <= now)
    died = [
        run.id
        for run in session.scalars(select(Run).where(Run.ended_at.is_(None)))
        if is_dead(run, system or now)
    ]
    lost = select(Run).where(
        ((Run.ended_how == RunEnd.LOST) & (Run.ended_at > now - LATELY)) | Run.id.in_(died)
    )
    return Status(
        sources=_count(session, select(Source.id).where(Source.removed_at.is_(None))),
        articles=rows["articles"].number,
        versions=rows["versions"].number,
        observations=rows["observations"].number,
        estimated=[name for name, counted in rows.items() if counted.estimated],
        # Of sources that are due alone: a source's due time is its frontier's earliest.
        due=_count(
            session,
            select(Frontier.address_id)
            .join(Source, Source.id == Frontier.source_id)
            .where(due, Frontier.due_at <= now)
            .limit(MOST_DUE),
        ),
        due_sources=_count(session, select(Source.id).where(due)),
        stale=_stale(session, now),
        late_total=len(late),
        failing_total=_count(session, failing.with_only_columns(Frontier.address_id)),
        without_browser=_count(
            session,
            select(Source.id).where(
                Source.enabled,
                Source.browser != BrowserUse.NEVER,
                Source.browser_need == BrowserNeed.LIKELY,
            ),
        ),
        lost_total=_count(session, lost.with_only_columns(Run.id)),
        late=late[:MOST],
        failing=[
            Failing(name, url, _last_detail(session, address_id) or "", good_at)
            for name, url, address_id, good_at in session.execute(
                failing.order_by(Source.name, Address.url).limit(MOST)
            ).all()
        ],
        lost=_run_records(session, lost, runs, died),
        runs=_run_records(session, select(Run), runs, died),
        reextraction=latest_reextraction(session, system=system or now),
    )


def _run_records(session: Session, query: Any, limit: int, died: list[int]) -> list[RunRecord]:
    """The latest first."""
    return [
        RunRecord(
            id=run.id,
            software=run.software,
            started_at=run.started_at,
            ended_at=run.ended_at,
            ended=RunEnd.LOST if run.id in died else run.ended_how,
            error=run.counts.get("error"),
            settings=run.settings,
            counts=run.counts,
        )
        for run in session.scalars(query.order_by(Run.id.desc()).limit(limit))
    ]


def _late(session: Session, now: datetime, system: datetime) -> list[Late]:
    """The longest overdue first."""
    alive = select(Run.id).where(Run.ended_at.is_(None), Run.heartbeat_at >= system - LOST_AFTER)
    rows = session.execute(
        select(Source.name, Source.next_due_at, Source.good_at, Source.cadence)
        .where(
            Source.enabled,
            Source.next_due_at < now - LATE,
            or_(Source.paused_until.is_(None), Source.paused_until <= now),
            or_(Source.lease_run_id.is_(None), Source.lease_run_id.not_in(alive)),
        )
        .order_by(Source.next_due_at, Source.name)
    )
    return [
        Late(name, due_at, good_at)
        for name, due_at, good_at, cadence in rows
        if due_at is not None and now - due_at > _LATE_CADENCES * timedelta(seconds=cadence)
    ]


def _stale(session: Session, now: datetime) -> int:
    good_at = func.coalesce(Source.good_at, Source.added_at)
    rows = session.execute(
        select(Source.good_at, Source.added_at, Source.cadence).where(
            Source.enabled, good_at < now - LATELY
        )
    )
    return sum(
        now - (good_at or added_at) > _LATE_CADENCES * timedelta(seconds=cadence)
        for good_at, added_at, cadence in rows
    )


def _failing() -> Any:
    return (
        select(Source.name, Address.url, Address.id, Source.good_at)
        .select_from(Frontier)
        .join(Address, Address.id == Frontier.address_id)
        .join(Source, (Source.id == Frontier.source_id) & Source.enabled)
        # The number is spelled out so that the index of what keeps failing is seen to fit.
        .where(
            Frontier.attempts >= literal_column(str(_FAILING_AFTER)),
            Address.kind != AddressKind.PAGE,
        )
    )


def _last_detail(session: Session, address_id: int) -> str | None:
    return session.scalar(
        select(reason_of_fetch())
        .select_from(Fetch)
        .outerjoin(Finding, of_fetch())
        .where(Fetch.address_id == address_id)
        .order_by(Fetch.id.desc())
        .limit(1)
    )


def _count(session: Session, query: Any) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


@dataclass(frozen=True, slots=True)
class _Rows:
    number: int
    estimated: bool = False


def _rows(session: Session, table: type[Base], *where: ColumnElement[bool]) -> _Rows:
    """How many such rows the table has; of a great table on PostgreSQL, about how many it has."""
    if session.get_bind().dialect.name == "postgresql":
        estimate = session.scalar(
            text(
                """SELECT sum(greatest(reltuples, 0))::bigint FROM pg_class
                WHERE relkind = 'r' AND (oid = to_regclass(:name) OR oid IN
                (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(:name)))"""
            ),
            {"name": table.__tablename__},
        )
        if estimate and estimate > _EXACT:
            return _Rows(estimate, estimated=True)
    return _Rows(session.scalar(select(func.count()).select_from(table).where(*where)) or 0)
