"""Until when a server asks to be left alone: 429, and 503 with Retry-After."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy.http import Response

from storage.frontier.revisits import LONGEST_RETRY_AFTER

UNTOLD = timedelta(minutes=5)
"""For so long a server is left alone that answers 429 and does not say for how long."""

_TOO_MANY_REQUESTS = 429
_UNAVAILABLE = 503


def asked_to_wait(response: Response, now: datetime) -> datetime | None:
    """Until when the answer asks for the whole domain to be left alone, None where it does not."""
    value = response.headers.get("Retry-After")
    return retry_at(response.status, None if value is None else value.decode("latin-1"), now)


def retry_at(status: int, retry_after: str | None, now: datetime) -> datetime | None:
    """When the server asks to be left alone until: Retry-After (RFC 9110, section 10.2.3) with
    429 or 503, at most LONGEST_RETRY_AFTER from `now`. A 429 asks for it by itself (RFC 6585,
    section 4)."""
    if status not in (_TOO_MANY_REQUESTS, _UNAVAILABLE):
        return None
    wait = _wait(retry_after.strip(), now) if retry_after else None
    if wait is None:
        return now + UNTOLD if status == _TOO_MANY_REQUESTS else None
    # What lies in the past asks for nothing.
    return now + min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def _wait(text: str, now: datetime) -> timedelta | None:
    """The time that a Retry-After names, None where it names none."""
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)) - now
