"""A source's days, told from what was counted: what was to be had, what was got, and why the rest
was not. A day on which a publisher was silent is told from one on which nobody could hear it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.ledger.day_counts import Measure
from storage.models import Address, AddressKind, Frontier, Source, SourceDay

HISTORY: Final = timedelta(days=28)
"""Before a day, from which it is told what is usual."""

_CHUNK: Final = 500  # sources a statement: SQLite takes 32,766 parameters
_FEWEST_DAYS: Final = 3  # from which what is usual can be told
_MOST_FAILED: Final = 0.5  # of the checks of a day that is still good


class DayState(StrEnum):
    """A day in a word."""

    GOOD = "good"
    """Listings were read and named new pages."""
    QUIET = "quiet"
    """Listings were read and named nothing new: the publisher was silent."""
    IMPAIRED = "impaired"
    """Most of the listings, or most of the pages, could not be read."""
    OUTAGE = "outage"
    """Nothing could be read: the site was away, or turned us away."""
    NO_LISTING = "no-listing"
    """Pages were asked for and no listing was, so that nothing new could be seen."""
    NOT_CRAWLED = "not-crawled"
    """Nothing was asked for: no run came to the source."""
    NOT_YET = "not-yet"
    """Nothing was asked for, and the day is not over."""


_PAGES = frozenset(measure for measure in Measure if measure.startswith("page-"))
_LISTINGS = frozenset(measure for measure in Measure if measure.startswith("listing-"))
_LISTINGS_READ = frozenset({Measure.LISTING_FETCHED, Measure.LISTING_UNCHANGED})
_SHOWED_AN_ARTICLE = frozenset({Measure.PAGE_FETCHED, Measure.PAGE_UNCHANGED})
_UNANSWERED = frozenset({Measure.PAGE_BLOCKED, Measure.PAGE_FAILED})
_WITHOUT_A_PAGE = _UNANSWERED | {
    Measure.PAGE_MOVED,
    Measure.PAGE_GONE,
    Measure.PAGE_NOT_FOUND,
}


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a source. `usual` is how many new pages its listings name on a day, None where too
    few days tell; `waiting` how many pages are due and were not asked for yet."""

    day: date
    counts: Counter[str] = field(default_factory=Counter)
    usual: int | None = None
    waiting: int = 0
    over: bool = True

    @property
    def listed(self) -> int:
        """Pages that were named for the first time."""
        return self.counts[Measure.LISTED]

    @property
    def asked(self) -> int:
        """Checks of pages."""
        return self._sum(_PAGES)

    @property
    def expected(self) -> int:
        """Checks of pages that were to be made: each is in `extracted` or in `rest`."""
        return self.asked + self.waiting

    @property
    def fetched(self) -> int:
        """Checks that a page came of, whatever was on it, or the word that it is as before."""
        return self._sum(_PAGES - _WITHOUT_A_PAGE)

    @property
    def extracted(self) -> int:
        """Checks that an article came of: read, or known to be as before."""
        return self._sum(_SHOWED_AN_ARTICLE)

    @property
    def rest(self) -> dict[str, int]:
        """Why no article came of the others: how many by reason, the most frequent first."""
        reasons = {
            measure.removeprefix("page-"): number
            for measure, number in self.counts.items()
            if measure in _PAGES - _SHOWED_AN_ARTICLE
        } | {"waiting": self.waiting}
        ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        return {reason: number for reason, number in ordered if number > 0}

    @property
    def listings_read(self) -> int:
        """Checks of listings that told what there is, if only that it is as before."""
        return self._sum(_LISTINGS_READ)

    @property
    def state(self) -> DayState:
        """The day in a word."""
        listings, pages = self._sum(_LISTINGS), self._sum(_PAGES)
        answered = pages - self._sum(_UNANSWERED)
        if not (listings or pages):
            return DayState.NOT_CRAWLED if self.over else DayState.NOT_YET
        if not (self.listings_read or answered):
            return DayState.OUTAGE
        failed = self.counts[Measure.LISTING_FAILED]
        if failed > _MOST_FAILED * listings or pages - answered > _MOST_FAILED * pages:
            return DayState.IMPAIRED
        if not self.listings_read:
            return DayState.NO_LISTING
        return DayState.GOOD if self.listed else DayState.QUIET

    def _sum(self, measures: Collection[Measure]) -> int:
        return sum(number for measure, number in self.counts.items() if measure in measures)


@dataclass(frozen=True, slots=True)
class SourceDays:
    """A source's days, the first one first, and those before, which tell what is usual."""

    source: Source
    days: list[Day]
    before: list[Day]


def days_of_source(session: Session, source: Source, *, now: datetime, days: int) -> SourceDays:
    """The last `days` days of the source, with what is usual, and today what waits."""
    (told,) = days_of_sources(session, [source], now=now, days=days)
    everything = told.before + told.days
    for at, day in enumerate(told.days):
        end = len(told.before) + at
        usual = usual_listed(everything[max(0, end - HISTORY.days) : end])
        told.days[at] = replace(day, usual=usual)
    told.days[-1] = replace(told.days[-1], waiting=_waiting(session, source.id, now))
    return told


def days_of_sources(
    session: Session, sources: Sequence[Source], *, now: datetime, days: int
) -> Iterator[SourceDays]:
    """The last `days` days of each source, today's among them; none before the first on which
    something was counted, or before it was added where nothing was. Neither what is usual on a
    day nor what waits is told."""
    today = now.date()
    since = today - timedelta(days=days - 1)
    for start in range(0, len(sources), _CHUNK):
        chunk = sources[start : start + _CHUNK]
        ids = [source.id for source in chunk]
        counts = _counts(session, ids, since - HISTORY, today)
        first_days = _first_days(session, ids)
        for source in chunk:
            began = first_days[source.id] or source.added_at.date()
            # a clock that was ahead may have put all of it on days to come
            first = min(max(since - HISTORY, began), today)
            every = _days(counts.get(source.id, {}), first, today)
            shown = max(0, (since - first).days)
            yield SourceDays(source, every[shown:], every[:shown])


def _days(counts: dict[date, Counter[str]], first: date, today: date) -> list[Day]:
    dates = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    return [Day(day, counts.get(day, Counter()), over=day < today) for day in dates]


def usual_listed(days: Sequence[Day]) -> int | None:
    """How many new pages were named on a day on which listings were read; None where too few days
    tell."""
    listed = sorted(day.listed for day in days if day.listings_read)
    half = len(listed) // 2
    # The median, of whose module health would be the only use: it imports decimals and fractions.
    return round((listed[half] + listed[~half]) / 2) if len(listed) >= _FEWEST_DAYS else None


def _counts(
    session: Session, source_ids: Sequence[int], since: date, until: date
) -> dict[int, dict[date, Counter[str]]]:
    rows = session.execute(
        select(SourceDay.source_id, SourceDay.day, SourceDay.measure, SourceDay.count).where(
            SourceDay.source_id.in_(source_ids), SourceDay.day.between(since, until)
        )
    )
    counts: dict[int, dict[date, Counter[str]]] = {}
    for source_id, day, measure, number in rows:
        counts.setdefault(source_id, {}).setdefault(day, Counter())[measure] = number
    return counts


def _first_days(session: Session, source_ids: Sequence[int]) -> dict[int, date | None]:
    """The first day on which something was counted, by source."""
    first = (
        select(func.min(SourceDay.day))
        .where(SourceDay.source_id == Source.id)
        .correlate(Source)
        .scalar_subquery()
    )
    return dict(session.execute(select(Source.id, first).where(Source.id.in_(source_ids))).all())


def _waiting(session: Session, source_id: int, now: datetime) -> int:
    """How many pages of the source are due."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Frontier)
            .join(Address, Address.id == Frontier.address_id)
            .where(
                Frontier.source_id == source_id,
                Frontier.due_at <= now,
                Address.kind == AddressKind.PAGE,
            )
        )
        or 0
    )
