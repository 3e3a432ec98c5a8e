"""A source's days: silence is told from an outage, and what is missing is accounted for."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from storage.database.archive import Archive
from storage.ledger.day_counts import DayMeasure, Measure, count
from storage.models import AddressKind, Outcome, Source
from storage.review.source_days import Day, DayState, SourceDays, days_of_source, days_of_sources
from tests.support.archiving import START, Desk

TODAY = START.date()
ONE = timedelta(days=1)


def counted(archive: Archive, counts: dict[DayMeasure, int]) -> None:
    with archive.writing() as session:
        count(session, counts)


def told(desk: Desk, *, now: datetime = START, days: int = 3) -> SourceDays:
    with desk.archive.reading() as session:
        return days_of_source(session, session.get_one(Source, desk.source.id), now=now, days=days)


def day_of(**counts: int) -> Day:
    """A day that is over, on which this was counted."""
    return Day(TODAY, Counter({Measure[name.upper()]: number for name, number in counts.items()}))


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (day_of(listing_fetched=1, listed=3, page_fetched=3), DayState.GOOD),
        (day_of(listing_unchanged=1, listed=1, page_gone=9), DayState.GOOD),
        (day_of(listing_fetched=90, listing_failed=6, listed=1), DayState.GOOD),
        (day_of(listing_unchanged=96), DayState.QUIET),
        (day_of(listing_fetched=2, page_unchanged=40, page_fetched=3), DayState.QUIET),
        (day_of(listing_failed=5), DayState.OUTAGE),
        (day_of(listing_failed=5, page_failed=3, page_blocked=1), DayState.OUTAGE),
        (day_of(listing_moved=5), DayState.OUTAGE),
        (day_of(listing_failed=5, page_unchanged=3), DayState.IMPAIRED),
        (day_of(listing_failed=5, listing_fetched=4, listed=1), DayState.IMPAIRED),
        (day_of(listing_fetched=9, listed=9, page_blocked=6, page_fetched=4), DayState.IMPAIRED),
        (day_of(listing_fetched=9, listed=9, page_blocked=5, page_fetched=5), DayState.GOOD),
        (day_of(page_unchanged=9), DayState.NO_LISTING),
        (day_of(), DayState.NOT_CRAWLED),
        (Day(TODAY, over=False), DayState.NOT_YET),
    ],
)
def test_a_day_in_a_word(day: Day, state: DayState) -> None:
    assert day.state is state


def test_what_was_expected_is_an_article_or_has_a_reason() -> None:
    counts = {f"page-{outcome.value}": at for at, outcome in enumerate(Outcome, start=1)}
    day = Day(TODAY, Counter(counts), waiting=50)
    assert day.extracted == counts[Measure.PAGE_FETCHED] + counts[Measure.PAGE_UNCHANGED]
    assert day.expected == day.extracted + sum(day.rest.values())
    assert next(iter(day.rest)) == "waiting"
    assert set(day.rest) == {*Outcome, "waiting"} - {Outcome.FETCHED, Outcome.UNCHANGED}
    missed = ("moved", "gone", "not-found", "blocked", "failed", "waiting")
    assert day.fetched == day.expected - sum(day.rest[reason] for reason in missed)


def test_a_day_without_anything_has_no_reasons() -> None:
    day = Day(TODAY)
    assert (day.expected, day.fetched, day.extracted, day.rest) == (0, 0, 0, {})


def test_the_days_of_a_source(archive: Archive) -> None:
    desk = Desk(archive)
    other = Desk(archive, "https://example.net/")
    ours, yesterday = desk.source.id, TODAY - ONE
    counted(
        archive,
        {
            (ours, TODAY - 3 * ONE, Measure.LISTED): 9,
            (ours, TODAY - 2 * ONE, Measure.LISTING_FAILED): 4,
            (ours, TODAY, Measure.LISTING_UNCHANGED): 4,
            (other.source.id, yesterday, Measure.LISTED): 9,
        },
    )
    days = told(desk).days
    assert [(day.day, day.state, day.listed) for day in days] == [
        (TODAY - 2 * ONE, DayState.OUTAGE, 0),
        (yesterday, DayState.NOT_CRAWLED, 0),
        (TODAY, DayState.QUIET, 0),
    ]
    assert [day.over for day in days] == [True, True, False]
    with archive.reading() as session:
        sources = [session.get_one(Source, it.source.id) for it in (other, desk)]
        everything = list(days_of_sources(session, sources, now=START, days=3))
    assert [it.source.name for it in everything] == ["example.net", "example.org"]
    assert everything[1].days == days
    assert [day.listed for day in everything[0].days] == [9, 0]


def test_a_source_has_no_days_before_its_first(archive: Archive) -> None:
    desk = Desk(archive)
    assert [(day.day, day.state) for day in told(desk).days] == [(TODAY, DayState.NOT_YET)]
    later = told(desk, now=START + ONE)
    assert [day.state for day in later.days] == [DayState.NOT_CRAWLED, DayState.NOT_YET]
    counted(archive, {(desk.source.id, TODAY + ONE, Measure.LISTED): 1})
    assert [day.day for day in told(desk, now=START + ONE).days] == [TODAY + ONE]


def test_all_of_a_source_was_counted_by_a_clock_that_was_ahead(archive: Archive) -> None:
    desk = Desk(archive)
    counted(archive, {(desk.source.id, TODAY, Measure.LISTED): 1})
    days = told(desk, now=START - 2 * ONE).days
    assert [day.state for day in days] == [DayState.NOT_YET]


def test_a_source_that_is_not_crawled_any_more(archive: Archive) -> None:
    desk = Desk(archive)
    counted(archive, {(desk.source.id, TODAY, Measure.LISTING_FETCHED): 1})
    days = told(desk, now=START + 400 * ONE, days=2).days
    assert [day.state for day in days] == [DayState.NOT_CRAWLED, DayState.NOT_YET]


def test_what_is_usual_is_the_median_of_the_days_that_were_read(archive: Archive) -> None:
    desk = Desk(archive)
    listed: list[int | None] = [100, 10, None, 0, 12, 11]
    for back, number in enumerate(reversed(listed), start=1):
        day = TODAY - back * ONE
        measure = Measure.LISTING_FAILED if number is None else Measure.LISTING_FETCHED
        counted(archive, {(desk.source.id, day, measure): 1})
        counted(archive, {(desk.source.id, day, Measure.LISTED): number or 0})
    days = told(desk, days=7).days
    assert [day.usual for day in days] == [None, None, None, None, 10, 11, 11]
    assert told(desk, now=START + 30 * ONE, days=1).days[0].usual is None
    assert [day.usual for day in told(desk, days=2).days] == [11, 11]


def test_pages_that_are_due_wait_today(archive: Archive) -> None:
    desk = Desk(archive)
    for path in ("/a", "/b"):
        desk.address(path)
    desk.address("/feed", AddressKind.FEED)
    desk.check("/c", body=b"c")
    days = told(desk, now=START + timedelta(minutes=20)).days
    assert (days[-1].waiting, days[-1].rest["waiting"]) == (2, 2)
    days = told(desk, now=START + ONE).days
    assert [day.waiting for day in days] == [0, 3]


def test_a_measure_of_a_later_permalien_changes_nothing(archive: Archive) -> None:
    desk = Desk(archive)
    with archive.writing() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO source_day (source_id, day, measure, count) "
            f"VALUES ({desk.source.id}, '{date.isoformat(TODAY)}', 'unheard-of', 3)"
        )
    (day,) = told(desk).days
    assert (day.state, day.expected, day.rest) == (DayState.NOT_YET, 0, {})
