"""The hints of a source, cleaned: titles as plain text, times as aware datetimes."""

import html
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from crawler.extraction.metadata.moments import parse_moment

MAX_TITLE_LENGTH: Final = 1000
"""Characters."""

_MAX_TIME_LENGTH: Final = 64
_NOT_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>")
_INLINE_TAG: Final = re.compile(
    r"</?(?:a|abbr|b|cite|code|em|i|mark|q|small|span|strong|sub|sup|u|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_FRACTION: Final = re.compile(r"\.(\d{6})\d+")
_EARLIEST: Final = datetime(1970, 1, 3, tzinfo=UTC)
_YEAR_ONE: Final = re.compile(r"(?<![\d+:.-])000\d(?![\d:])")


def title_from_text(text: str) -> str:
    """One line: white space and control characters collapsed, cut at `MAX_TITLE_LENGTH`."""
    return " ".join(_NOT_TEXT.sub(" ", text[: 4 * MAX_TITLE_LENGTH]).split())[:MAX_TITLE_LENGTH]


def title_from_html(markup: str) -> str:
    """The same of markup, whose tags and character references are read."""
    text = _INLINE_TAG.sub("", markup[: 4 * MAX_TITLE_LENGTH])
    return title_from_text(html.unescape(_TAG.sub(" ", text)))


def timestamp(text: str | None) -> datetime | None:
    """The moment a date of RFC 822 or ISO 8601 names, or one written as publishers write them; None
    for anything else, as for one of which nobody knows whether 3/4 is in March or in April.

    A time without zone is taken for UTC, as RFC 5322's `-0000` is; a day is its midnight. None as
    well for a date that was never set, the first days of 1970 and of the year 1, for all before
    1970, and for what is no time in UTC.
    """
    if text is None or len(text) > _MAX_TIME_LENGTH or _YEAR_ONE.search(text):
        return None
    text = " ".join(text.split())
    parsed: datetime | None
    try:
        parsed = datetime.fromisoformat(_FRACTION.sub(r".\1", text))
    except ValueError:
        parsed = _as_written(text)
    if parsed is None:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    try:
        return parsed if parsed.astimezone(UTC) >= _EARLIEST else None
    except OverflowError:
        return None


def _as_written(text: str) -> datetime | None:
    """A date of RFC 822, of which `email` knows the zones of North America alone, or another."""
    parsed: datetime | None
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        parsed = None
    if parsed is not None and parsed.tzinfo is not None:
        return parsed
    moment = parse_moment(text, month_first=True)
    if moment is None or moment != parse_moment(text, month_first=False):
        return parsed
    return moment.value if parsed is None or moment.has_zone else parsed
