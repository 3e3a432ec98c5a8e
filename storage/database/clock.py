"""The archive's clock: what time it is for all that is dated or falls due.

It is the system's clock, except in a rehearsal (database.settings.rehearsal), where a year may pass
in an hour, or no time at all. What is waited for from other machines is not rehearsed: a timeout
and a lock go by the system's clock, a heartbeat by the database's (dialects.database_now).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage.database.settings import rehearsal


@dataclass(frozen=True, slots=True)
class Clock:
    """Showed `shown` when the system's clock showed `real`, and runs `speed` times as fast."""

    shown: datetime
    real: datetime
    speed: float

    def now(self) -> datetime:
        return self.shown + (system_now() - self.real) * self.speed


_clock: Clock | None = None


def set_clock(clock: Clock) -> None:
    """Go by `clock` in this process from now on."""
    global _clock
    _clock = clock


def hold_clock(at: datetime) -> None:
    """Let it be `at` in this process until told otherwise."""
    set_clock(Clock(at, system_now(), 0))


def utc_now() -> datetime:
    """What time it is, in UTC. Raises BadSetting for a rehearsal that is put wrongly."""
    return _current().now()


def real_seconds(time: timedelta) -> float:
    """How long `time` of the archive's clock takes, in seconds that a program can wait."""
    speed = _current().speed
    return time.total_seconds() / speed if speed else 0.0


def system_now() -> datetime:
    """What time it is by the system's clock, in UTC."""
    return datetime.now(UTC)


def _current() -> Clock:
    global _clock
    if _clock is None:
        began, speed = rehearsal() or (None, 1.0)
        now = system_now()
        # Processes that begin at different times must show the same time: they count from one
        # moment, and not from their own beginning.
        shown, real = began or (now, now)
        _clock = Clock(shown, real, speed)
    return _clock
