"""Days and times as an address gives them."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from reader.faults import N_, WrongRequest

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def day_asked(text: str) -> date | None:
    """A day; None for an empty text. Raises WrongRequest."""
    if not text:
        return None
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        message = N_("%(text)s is no day: put it as 2026-11-25 (year, month, day).")
        raise WrongRequest(message, text=text[:40]) from None


def moment_asked(text: str) -> datetime | None:
    """A time with its zone, or the end of a day (UTC); None for an empty text. Raises
    WrongRequest."""
    if not text:
        return None
    try:
        if not _DAY.fullmatch(text):
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        message = N_("%(text)s is neither a day (2026-11-25) nor a time (2026-11-25T18:00Z).")
        raise WrongRequest(message, text=text[:40]) from None
    day = day_asked(text)
    return None if day is None else _start(day) + timedelta(days=1, microseconds=-1)


def start_of_day(day: date | None) -> datetime | None:
    """When a day begins (UTC)."""
    return None if day is None else _start(day)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
