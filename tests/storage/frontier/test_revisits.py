"""When to look again."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.frontier import revisits
from storage.frontier.revisits import EditStats
from storage.models import AddressKind, Outcome
from tests.support.archiving import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUIET = st.timedeltas(timedelta(0), timedelta(days=400))
RATES = st.floats(0.001, 10)


def wait(quiet: timedelta, rate: float = 0.1) -> timedelta:
    """How long until the next look at what has been quiet for so long."""
    return revisits.after_look(checked_at=START, changed_at=START - quiet, rate=rate) - START


def looks(days: int, rate: float) -> int:
    """How often a page that never changes is looked at in its first days."""
    at, count = START, 0
    while at < START + timedelta(days=days):
        at = revisits.after_look(checked_at=at, changed_at=START, rate=rate)
        count += 1
    return count


def test_the_first_looks_are_soon_and_the_last_far_apart() -> None:
    assert wait(timedelta(0)) == revisits.SOONEST
    assert HOUR / 5 < wait(HOUR) < HOUR / 2
    assert wait(timedelta(days=400)) == revisits.SLOWEST


@given(QUIET, QUIET, RATES)
def test_the_time_to_the_next_look_only_grows(
    one: timedelta, other: timedelta, rate: float
) -> None:
    shorter, longer = sorted((one, other))
    assert revisits.SOONEST <= wait(shorter, rate) <= wait(longer, rate) <= revisits.SLOWEST


@given(QUIET, RATES, RATES)
def test_what_is_edited_more_is_looked_at_sooner(
    quiet: timedelta, one: float, other: float
) -> None:
    seldom, often = sorted((one, other))
    assert wait(quiet, often) <= wait(quiet, seldom)


def test_a_look_is_due_when_enough_edits_are_to_be_expected() -> None:
    quiet, rate = 3 * DAY, 0.1
    grown = revisits.exposure_of(START - quiet, START, START + wait(quiet, rate))
    assert grown * rate == pytest.approx(revisits.EXPECTED, rel=0.01)


def test_a_year_of_looks_at_an_article_that_is_never_edited() -> None:
    assert looks(365, 0.02) < looks(365, 0.1) < looks(365, 0.5) < 365


def test_a_change_that_lies_ahead_counts_as_now() -> None:
    assert wait(-HOUR) == revisits.SOONEST


def test_exposure_is_of_the_time_between_two_looks() -> None:
    whole = revisits.exposure_of(START, START, START + DAY)
    first = revisits.exposure_of(START, START, START + HOUR)
    rest = revisits.exposure_of(START, START + HOUR, START + DAY)
    assert whole == pytest.approx(first + rest)
    assert whole == pytest.approx(4.575, abs=0.001)  # the logarithm of a day and 15 minutes by 15
    assert revisits.exposure_of(START, START + DAY, START + HOUR) == 0


def test_a_rate_goes_from_what_is_typical_to_what_was_seen() -> None:
    nothing = EditStats(0, 0)
    assert revisits.rate(nothing, nothing) == pytest.approx(0.1)
    assert revisits.rate(EditStats(0, 1_000), nothing) < 0.01
    busy = EditStats(800, 1_000)
    assert 0.7 < revisits.rate(busy, nothing) < 0.8
    assert revisits.rate(busy, EditStats(0, 10)) < revisits.rate(busy, nothing)
    assert revisits.rate(busy, EditStats(20, 10)) > 1


def test_what_was_long_ago_weighs_less() -> None:
    quiet = EditStats(0, revisits.MOST_EXPOSURE)
    after = quiet.plus(10, 1)
    assert after == EditStats(5, (revisits.MOST_EXPOSURE + 1) / 2)
    assert EditStats(1, 2).plus(3, 4) == EditStats(4, 6)


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        (AddressKind.FEED, 900),
        (AddressKind.FRONT, 1_800),
        (AddressKind.SITEMAP, 3_600),
        (AddressKind.SECTION, 7_200),
        (AddressKind.ROBOTS, 86_400),
    ],
)
def test_what_lists_pages_keeps_the_cadence_of_the_source(kind: AddressKind, seconds: int) -> None:
    due = revisits.after_listing(kind, cadence=900, checked_at=START)
    assert due == START + timedelta(seconds=seconds)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.BLOCKED])
@pytest.mark.parametrize("soon", [True, False])
def test_failures_wait_longer_each_time_and_are_never_given_up(
    outcome: Outcome, soon: bool
) -> None:
    waits = [
        revisits.after_failure(outcome, attempts=attempts, checked_at=START, soon=soon) - START
        for attempts in range(1, 20)
    ]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=3)
    passing = soon and outcome is Outcome.FAILED
    assert waits[0] == (timedelta(seconds=5) if passing else timedelta(hours=1))


def test_what_is_gone_is_looked_at_soon_and_then_less_and_less() -> None:
    at: datetime | None = None
    waits, now = [], START
    for _ in range(14):
        due = revisits.after_removal(now, looked_at=at, known=True)
        waits.append(due - now)
        at, now = now, due
    assert waits[:4] == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]
    assert waits[-1] == revisits.SLOWEST
    assert revisits.after_removal(START, looked_at=None, known=False) == START + DAY


def test_what_is_no_article_is_looked_at_again() -> None:
    assert revisits.after_non_article(Outcome.NOT_FOUND, START) == START + timedelta(days=7)
    assert revisits.after_non_article(Outcome.NOT_ARTICLE, START) == START + timedelta(days=30)


def test_what_a_wall_is_before_is_looked_at_soon_and_then_less_and_less() -> None:
    waits, now = [], START
    for _ in range(12):
        due = revisits.after_wall(now, since=START)
        waits.append(due - now)
        now = due
    assert waits[:4] == [6 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR]
    assert waits[-1] == revisits.SLOWEST
    assert revisits.after_wall(START, since=None) == START + 6 * HOUR
