"""A leased source: what is given out of it, and what is left when it ends or pauses."""

from collections import deque
from datetime import UTC, datetime, timedelta

import pytest

from crawler.sessions.leased import Leased
from storage.frontier.due import Due
from storage.ledger.pages import PendingPage
from storage.models import AddressKind, Source

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def due(number: int) -> Due:
    return Due(number, 1, f"https://example.org/{number}", AddressKind.PAGE, 0, None, None)


@pytest.fixture
def leased() -> Leased:
    """With a page that an earlier run fetched, and two that are due."""
    queue: deque[Due | PendingPage] = deque([PendingPage(9, 1, 99, NOW), due(1), due(2)])
    return Leased(Source(name="example.org"), 0.0, queue)


def test_one_request_is_under_way_at_a_time_and_reading_keeps_nobody_waiting(
    leased: Leased,
) -> None:
    leased.take()
    assert (leased.ready, leased.asked) == (True, 0)
    leased.take()
    assert (leased.ready, leased.asked) == (False, 1)
    leased.fetching.clear()
    assert leased.ready
    assert leased.busy == {9, 1}


def test_what_was_fetched_is_read_though_the_source_ends(leased: Leased) -> None:
    assert leased.end() == 2
    assert [item.address_id for item in leased.queue] == [9]
    assert not leased.at_work
    assert not leased.unused
    leased.take()
    leased.busy.clear()
    assert leased.unused


def test_a_longer_pause_stays(leased: Leased) -> None:
    long, short = NOW + timedelta(hours=2), NOW + timedelta(hours=1)
    assert leased.pause(long) == 2
    assert leased.pause(short) == 0
    assert leased.quiet_until == long
    assert leased.is_quiet(short)
    assert not leased.is_quiet(long)
    assert leased.at_work


def test_the_archive_is_asked_again_when_a_retry_falls_due(leased: Leased) -> None:
    assert not leased.needs_refill(NOW)
    leased.queue.clear()
    assert leased.needs_refill(NOW)
    leased.dry, leased.wake_at = True, NOW + timedelta(seconds=5)
    assert not leased.needs_refill(NOW)
    assert leased.needs_refill(NOW + timedelta(seconds=5))
    leased.pause(NOW + timedelta(minutes=1))
    assert not leased.needs_refill(NOW + timedelta(seconds=5))
