"""When to look again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import revisits
from storage.models import AddressKind, Outcome
from tests.support.archiving import START

QUIET = st.timedeltas(timedelta(0), timedelta(days=400))


@pytest.mark.parametrize(
    ("quiet", "step"),
    [
        (timedelta(0), timedelta(minutes=15)),
        (timedelta(minutes=59), timedelta(minutes=15)),
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(hours=6), timedelta(hours=3)),
        (timedelta(days=1), timedelta(days=1)),
        (timedelta(days=7), timedelta(days=7)),
        (timedelta(days=30), timedelta(days=30)),
    ],
)
def test_a_page_is_looked_at_less_the_longer_it_is_quiet(quiet: timedelta, step: timedelta) -> None:
    due = revisits.after_change(checked_at=START, changed_at=START - quiet)
    assert due == START + step


@given(QUIET, QUIET)
def test_the_time_to_the_next_look_only_grows(one: timedelta, other: timedelta) -> None:
    shorter, longer = sorted((one, other))
    assert revisits.after_change(
        checked_at=START, changed_at=START - shorter
    ) <= revisits.after_change(checked_at=START, changed_at=START - longer)


def test_a_change_that_lies_ahead_counts_as_now() -> None:
    due = revisits.after_change(checked_at=START, changed_at=START + timedelta(hours=1))
    assert due == START + timedelta(minutes=15)


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
    long_ago = START - timedelta(days=365)
    due = revisits.after_success(kind, cadence=900, checked_at=START, changed_at=long_ago)
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


def test_what_is_gone_or_no_article_is_looked_at_again() -> None:
    week, month = timedelta(days=7), timedelta(days=30)
    assert revisits.after_removal(START) == START + week
    assert revisits.after_verdict(Outcome.NOT_FOUND, START) == START + week
    assert revisits.after_verdict(Outcome.NOT_ARTICLE, START) == START + month
    assert revisits.after_verdict(Outcome.CHALLENGE, START) == START + timedelta(hours=6)
