"""What stands out in a source's days, and what does not."""

from collections import Counter
from datetime import timedelta

import pytest

from storage.ledger.day_counts import Measure
from storage.models import Source
from storage.review.health_findings import health_findings
from storage.review.source_days import Day, SourceDays
from tests.support.archiving import START

TODAY = START.date()

Counts = dict[Measure, int]
GOOD: Counts = {
    Measure.LISTING_FETCHED: 96,
    Measure.LISTED: 20,
    Measure.PAGE_FETCHED: 22,
    Measure.PAGE_UNCHANGED: 100,
    Measure.PAGE_NOT_ARTICLE: 3,
    Measure.READINGS: 22,
    Measure.CHARACTERS: 66_000,
    Measure.UNDATED: 1,
    Measure.REMOVED_CHARACTERS: 3_000,
}


def remarked(*days: Counts, before: Counts = GOOD) -> list[str]:
    """What is remarked on these days, of which the last is not over, after a week of `before`."""
    first = TODAY - timedelta(days=len(days) - 1)
    return health_findings(
        SourceDays(
            Source(name="example.org"),
            days=[
                Day(first + timedelta(days=at), Counter(it), over=at + 1 < len(days))
                for at, it in enumerate(days)
            ],
            before=[Day(first - timedelta(days=at), Counter(before)) for at in range(7, 0, -1)],
        )
    )


def test_nothing_stands_out_where_all_is_as_usual() -> None:
    assert remarked(GOOD, GOOD, GOOD) == []
    assert remarked(GOOD, {}) == []
    assert remarked({}) == []


def test_bad_days_are_named() -> None:
    away: Counts = {Measure.LISTING_FAILED: 9}
    assert remarked({}, GOOD) == ["not crawled on 2026-02-28"]
    assert remarked(away, away, GOOD) == ["outage on 2 days, last on 2026-02-28"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({Measure.LISTED: 4}, "4.0 new pages a day, 20 are usual"),
        ({Measure.PAGE_BLOCKED: 40}, "24% of 330 pages were blocked"),
        ({Measure.PAGE_NOT_ARTICLE: 130}, "52% of 504 pages were no articles"),
        ({Measure.UNDATED: 11}, "50% of 44 texts undated"),
        ({Measure.CHARACTERS: 22_000}, "texts of 1,000 characters, 3,000 are usual"),
        (
            {Measure.REMOVED_CHARACTERS: 66_000},
            "50% of the text taken out as the site's own, 4% is usual",
        ),
    ],
)
def test_what_is_otherwise_than_before_stands_out(change: Counts, says: str) -> None:
    assert remarked({**GOOD, **change}, {**GOOD, **change}) == [says]


def test_little_says_nothing() -> None:
    few: Counts = {
        Measure.LISTING_FETCHED: 9,
        Measure.LISTED: 1,
        Measure.PAGE_FETCHED: 6,
        Measure.PAGE_BLOCKED: 3,
        Measure.READINGS: 6,
        Measure.CHARACTERS: 60,
        Measure.UNDATED: 6,
    }
    assert remarked(few, {}, before={**GOOD, Measure.LISTED: 3}) == []


def test_a_day_that_is_not_over_is_not_said_to_be_short_of_pages() -> None:
    assert remarked(GOOD, {**GOOD, Measure.LISTED: 1}) == []


def test_nothing_is_compared_with_days_that_there_were_not() -> None:
    short = {**GOOD, Measure.CHARACTERS: 22_000, Measure.LISTED: 1}
    assert remarked(short, short, before={}) == []
