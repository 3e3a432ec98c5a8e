"""The archive day by day: what came in, what changed, what vanished, and whether anybody looked."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from storage.ledger.day_counts import Measure
from storage.ledger.fetch_ids import first_id_at, moment_of
from storage.models import Finding, Meaning, Source, SourceDay

_LOOKS = (
    Measure.LISTING_FETCHED,
    Measure.LISTING_UNCHANGED,
    Measure.PAGE_FETCHED,
    Measure.PAGE_UNCHANGED,
)


@dataclass(frozen=True, slots=True)
class ArchiveDay:
    """A day (UTC). `watched` says that some source answered; where none did, the counts say
    nothing. `begun` says that there was a source by then."""

    day: date
    begun: bool
    watched: bool
    new_articles: int
    new_versions: int
    removals: int


def archive_days(session: Session, *, until: date, days: int) -> list[ArchiveDay]:
    """So many days to `until`, each."""
    first = until - timedelta(days=days - 1)
    rows = session.execute(
        select(SourceDay.day, SourceDay.measure, func.sum(SourceDay.count))
        .where(
            SourceDay.measure.in_([Measure.ARTICLES, Measure.EDITS, *_LOOKS]),
            SourceDay.day.between(first, until),
        )
        .group_by(SourceDay.day, SourceDay.measure)
    )
    counts = {(day, measure): int(count) for day, measure, count in rows}
    removals = _removals(session, first)
    began = session.scalar(select(func.min(Source.added_at)))
    return [
        ArchiveDay(
            day,
            began is not None and began.date() <= day,
            any(counts.get((day, measure)) for measure in (Measure.ARTICLES, *_LOOKS)),
            counts.get((day, Measure.ARTICLES), 0),
            counts.get((day, Measure.EDITS), 0),
            removals[day],
        )
        for day in (first + timedelta(days=number) for number in range(days))
    ]


def _removals(session: Session, first: date) -> Counter[date]:
    """How many articles were first found to be taken away, by day."""
    since = first_id_at(datetime.combine(first, time(), tzinfo=UTC))
    found = session.scalars(
        select(Finding.fetch_id).where(
            Finding.fetch_id >= since,
            Finding.meaning == Meaning.REMOVED,
            # The words of the index's own condition: no parameter would be known to meet it.
            literal_column("finding.meaning IN ('removed', 'returned')"),
        )
    )
    return Counter(moment_of(fetch_id).date() for fetch_id in found)
