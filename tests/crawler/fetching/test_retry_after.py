"""Until when a server asks to be left alone."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetching.retry_after import UNTOLD, retry_at
from storage.frontier.revisits import LONGEST_RETRY_AFTER

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_retry_after_in_seconds() -> None:
    assert retry_at(429, " 30 ", NOW) == NOW + timedelta(seconds=30)
    assert retry_at(503, "0", NOW) == NOW


def test_retry_after_as_a_date() -> None:
    later = NOW + timedelta(minutes=5)
    assert retry_at(503, format_datetime(later, usegmt=True), NOW) == later
    assert retry_at(503, "Tue, 24 Nov 2026 12:05:00 -0000", NOW) == later
    assert retry_at(503, "Tue, 24 Nov 2026 11:00:00 GMT", NOW) == NOW


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 01 Jan 2027 00:00:00 +999999",
        "Mon, 99 Jan 2027 99:99:99 GMT",
    ],
)
def test_a_retry_after_that_is_no_date_names_no_time(text: str) -> None:
    assert retry_at(503, text, NOW) is None
    assert retry_at(429, text, NOW) == NOW + UNTOLD


def test_too_many_requests_asks_for_a_pause_by_itself() -> None:
    assert retry_at(429, None, NOW) == NOW + UNTOLD
    assert retry_at(429, "0", NOW) == NOW
    assert retry_at(503, None, NOW) is None


def test_retry_after_is_of_two_statuses_only() -> None:
    assert retry_at(200, "30", NOW) is None
    assert retry_at(500, "30", NOW) is None


@given(st.text(max_size=40) | st.integers().map(str))
def test_any_retry_after_is_bounded(text: str) -> None:
    until = retry_at(429, text, NOW)
    assert until is not None
    assert NOW <= until <= NOW + LONGEST_RETRY_AFTER
