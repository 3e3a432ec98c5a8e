"""The archive's clock: the system's, one that runs fast, or one that stands."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import clock
from storage.database.clock import Clock, hold_clock, real_seconds, set_clock, system_now, utc_now
from storage.database.settings import REHEARSAL_VARIABLE

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def unset_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REHEARSAL_VARIABLE, raising=False)
    monkeypatch.setattr(clock, "_clock", None)


def test_it_is_the_systems_unless_told_otherwise() -> None:
    before = system_now()
    assert before <= utc_now() <= system_now()
    assert real_seconds(timedelta(minutes=1)) == 60


def test_a_rehearsal_runs_fast_from_a_moment_that_all_processes_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hour_ago = system_now() - timedelta(hours=1)
    monkeypatch.setenv(REHEARSAL_VARIABLE, f"{NEW_YEAR.isoformat()} at {hour_ago.isoformat()} x168")
    assert timedelta(days=7) <= utc_now() - NEW_YEAR < timedelta(days=8)
    assert real_seconds(timedelta(seconds=168)) == 1


def test_a_fast_clock_keeps_running() -> None:
    set_clock(Clock(NEW_YEAR, system_now(), 3_600))
    first = utc_now()
    time.sleep(0.01)
    assert utc_now() - first >= timedelta(seconds=36)


def test_a_clock_can_be_held() -> None:
    hold_clock(NEW_YEAR)
    assert utc_now() == utc_now() == NEW_YEAR
    assert real_seconds(timedelta(hours=1)) == 0
