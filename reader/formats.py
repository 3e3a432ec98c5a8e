"""Numbers and times as the reader of a page writes them. Times are UTC, and say so."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup

_LOCALES = {"en": "en_GB", "fr": "fr"}
_KEPT: Final = 4_096  # days and times that are not written anew
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")  # RFC 5646, near enough
BRACKETS: Final = ("\ue000", "\ue001")
"""Around what matches in a snippet: private characters, which `marked` makes marks of."""


def filters(language: str) -> dict[str, Callable[..., Any]]:
    """What templates write values with."""
    locale = _LOCALES[language]

    @lru_cache(_KEPT)
    def day(value: date) -> str:
        return format_date(value, "d MMMM y", locale=locale)

    @lru_cache(_KEPT)
    def moment(value: datetime) -> str:
        return format_datetime(value, "d MMMM y, HH:mm 'UTC'", locale=locale)

    @lru_cache(_KEPT)
    def short_day(value: date) -> str:
        return format_date(value, "d MMM y", locale=locale)

    def short_moment(value: datetime) -> str:
        return format_datetime(value, "d MMM, HH:mm", locale=locale)

    def month(value: date) -> str:
        return format_date(value, "LLL", locale=locale)

    @lru_cache(_KEPT)
    def number(value: float) -> str:
        return format_decimal(value, locale=locale)

    def language_name(code: str) -> str:
        try:
            name = Locale.parse(code).get_display_name(locale)
        except (UnknownLocaleError, ValueError):
            return code
        return name or code

    return {
        "day": day,
        "language_name": language_name,
        "moment": moment,
        "month": month,
        "number": number,
        "short_day": short_day,
        "short_moment": short_moment,
        "lang": _language,
        "segment": _segment,
        "web": _web,
        "marked": _marked,
        "time": lambda value: _time(value, moment(value)),
    }


def _time(value: datetime, shown: str) -> Markup:
    """The time for a person and for a program."""
    exact = value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(exact, exact, shown)


def _language(code: str | None) -> str:
    """A page's word on its language, empty where it is none."""
    return code if code and _LANGUAGE.fullmatch(code) else ""


def _segment(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def _web(url: str) -> str:
    """An address that may be linked to, nothing for one that would run a script."""
    return url if url.startswith(("http://", "https://")) else ""


def _marked(snippet: str) -> Markup:
    """A snippet with what matches marked."""
    opening, closing = BRACKETS
    parts = [Markup("")]
    for place, part in enumerate(snippet.split(opening)):
        inside, found, after = part.partition(closing)
        if place and found:
            parts.append(Markup("<mark>{}</mark>{}").format(inside, after.replace(closing, "")))
        else:
            parts.append(Markup("{}").format(part.replace(closing, "")))
    return Markup("").join(parts)
