"""A day or a time that is given on the command line."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click


class When(click.ParamType[datetime]):
    """A day (UTC), or a time with its zone; `end` is for what a day means to its end."""

    name = "day"

    def __init__(self, *, end: bool = False) -> None:
        self._end = end

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            when = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a day (2026-11-25) nor a time (2026-11-25T18:00Z)")
        if when.tzinfo is not None:
            return when.astimezone(UTC)
        if "T" in value or " " in value:
            self.fail(f"{value!r} has no time zone: end it with Z or +01:00")
        day = when.replace(tzinfo=UTC)
        return day + timedelta(days=1) - timedelta(microseconds=1) if self._end else day
