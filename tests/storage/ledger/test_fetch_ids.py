"""Fetch ids order by time and never repeat."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.ledger.fetch_ids import FetchIds, first_id_at
from tests.support.archiving import START

MOMENTS = st.integers(0, 4_000_000_000_000_000).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


def moment_of(fetch_id: int) -> datetime:
    """The milliseconds that the layout puts first."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=fetch_id >> 21)


@given(run_id=st.integers(1, 10**12), clock=st.lists(MOMENTS, min_size=1, max_size=60))
def test_each_id_is_greater_than_the_one_before(run_id: int, clock: list[datetime]) -> None:
    ticks = iter(clock)
    ids = FetchIds(run_id, clock=lambda: next(ticks))
    given_out = [ids.next() for _ in clock]
    assert given_out == sorted(set(given_out))
    assert all(0 < identity < 2**63 for identity in given_out)


def test_more_ids_than_a_millisecond_holds() -> None:
    ids = FetchIds(1, clock=lambda: START)
    given_out = [ids.next() for _ in range(5_000)]
    assert given_out == sorted(set(given_out))
    assert moment_of(given_out[-1]) - moment_of(given_out[0]) == timedelta(milliseconds=2)


def test_two_runs_in_one_millisecond_differ() -> None:
    first, second = (FetchIds(run_id, clock=lambda: START) for run_id in (1, 2))
    assert not {first.next() for _ in range(100)} & {second.next() for _ in range(100)}


@given(MOMENTS)
def test_no_id_of_a_moment_comes_before_its_first(moment: datetime) -> None:
    first = first_id_at(moment)
    assert moment_of(first) <= moment < moment_of(first) + timedelta(milliseconds=1)
    at_that_time = moment - timedelta(microseconds=moment.microsecond % 1000)
    assert first_id_at(at_that_time) == first


@given(MOMENTS, MOMENTS)
def test_the_order_of_ids_is_that_of_moments(one: datetime, other: datetime) -> None:
    if one <= other:
        assert first_id_at(one) <= first_id_at(other)
    else:
        assert first_id_at(one) >= first_id_at(other)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        first_id_at(START.replace(tzinfo=None))
