"""The hints of a source, cleaned: titles as plain text, times as aware datetimes."""

import html
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

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
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


def title_from_text(text: str) -> str:
    """One line: white space and control characters collapsed, cut at `MAX_TITLE_LENGTH`."""
    return " ".join(_NOT_TEXT.sub(" ", text[: 4 * MAX_TITLE_LENGTH]).split())[:MAX_TITLE_LENGTH]


def title_from_html(markup: str) -> str:
    """The same of markup, whose tags and character references are read."""
    text = _INLINE_TAG.sub("", markup[: 4 * MAX_TITLE_LENGTH])
    return title_from_text(html.unescape(_TAG.sub(" ", text)))


def timestamp(text: str | None) -> datetime | None:
    """The moment a date of RFC 822 or ISO 8601 names; None for anything else.

    A time without zone is taken for UTC, as RFC 5322's `-0000` is; a day is its midnight. None as
    well for what lies before 1970: a date that was never set; or is no time in UTC.
    """
    if text is None or len(text) > _MAX_TIME_LENGTH:
        return None
    text = " ".join(text.split())
    try:
        parsed = datetime.fromisoformat(_FRACTION.sub(r".\1", text))
    except ValueError:
        try:
            parsed = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    try:
        return parsed if parsed.astimezone(UTC) >= _EARLIEST else None
    except OverflowError:
        return None
