"""Numbers and times as the reader of a page writes them. Times are UTC, and say so."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup

_LOCALES = {"en": "en_GB", "fr": "fr"}


def filters(language: str) -> dict[str, Callable[..., Any]]:
    """What templates write values with."""
    locale = _LOCALES[language]

    def day(value: date) -> str:
        return format_date(value, "d MMMM y", locale=locale)

    def moment(value: datetime) -> str:
        return format_datetime(value, "d MMMM y, HH:mm 'UTC'", locale=locale)

    def number(value: float) -> str:
        return format_decimal(value, locale=locale)

    return {
        "day": day,
        "moment": moment,
        "number": number,
        "time": lambda value: _time(value, moment(value)),
    }


def _time(value: datetime, shown: str) -> Markup:
    """The time for a person and for a program."""
    exact = value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(exact, exact, shown)
