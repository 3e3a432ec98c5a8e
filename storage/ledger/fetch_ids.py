"""Fetch ids: 63 bits that order by time, given out by each run without asking anyone.

    42 bits  milliseconds since 1970-01-01 UTC (to the year 2109)
    10 bits  the run's id, modulo 1024
    11 bits  sequence within the millisecond

Two runs collide only if 1,024 runs apart, alive in the same millisecond; the insert then fails on
the primary key and nothing is overwritten. The idea is Twitter's Snowflake (2010).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from storage.database.clock import utc_now

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RUN_BITS, _SEQUENCE_BITS = 10, 11
_SHIFT = _RUN_BITS + _SEQUENCE_BITS


def first_id_at(moment: datetime) -> int:
    """The lowest id a fetch of `moment` or later can have. `moment` is aware."""
    if moment.tzinfo is None:
        raise ValueError("naive datetime: give it its time zone")
    return (moment - _EPOCH) // _MILLISECOND << _SHIFT


def moment_of(fetch_id: int) -> datetime:
    """When a fetch of that id was, to the millisecond."""
    return _EPOCH + (fetch_id >> _SHIFT) * _MILLISECOND


def is_of_run(fetch_id: int, run_id: int) -> bool:
    """Whether a run of that id may have given it out."""
    return (fetch_id >> _SEQUENCE_BITS) % (1 << _RUN_BITS) == run_id % (1 << _RUN_BITS)


def sequence_of(fetch_id: int) -> int:
    """How many ids came before it within its millisecond: more, too, while a clock that was put
    back comes forward."""
    return fetch_id % (1 << _SEQUENCE_BITS)


class FetchIds:
    """Gives out one run's ids, each greater than the one before even if the clock steps back."""

    def __init__(self, run_id: int, clock: Callable[[], datetime] = utc_now) -> None:
        self._run = (run_id % (1 << _RUN_BITS)) << _SEQUENCE_BITS
        self._clock = clock
        self._millisecond = 0
        self._sequence = 0

    def next(self) -> int:
        now = (self._clock() - _EPOCH) // _MILLISECOND
        if now > self._millisecond:
            self._millisecond, self._sequence = now, 0
        else:
            self._sequence += 1
            if self._sequence >> _SEQUENCE_BITS:
                self._millisecond, self._sequence = self._millisecond + 1, 0
        return self._millisecond << _SHIFT | self._run | self._sequence
