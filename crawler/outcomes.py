"""What a response or a failure means for the record: the one place that decides outcomes."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from crawler.middlewares.robots import DisallowedByRobots, RobotsUnreachable
from storage.models import Outcome
from storage.revisits import LONGEST_RETRY_AFTER

_BY_STATUS = {
    304: Outcome.UNCHANGED,
    401: Outcome.BLOCKED,
    402: Outcome.PAYWALL,
    403: Outcome.BLOCKED,
    404: Outcome.NOT_FOUND,
    410: Outcome.GONE,
    451: Outcome.BLOCKED,
}
_ASK_LATER = {429, 503}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no response. `soon`: another try in seconds may succeed; `host`: the host
    itself did not answer."""

    outcome: Outcome
    detail: str
    soon: bool
    host: bool = False


def outcome_of_status(status: int) -> Outcome:
    """The outcome of a response with this HTTP status (RFC 9110, section 15)."""
    if known := _BY_STATUS.get(status):
        return known
    if 200 <= status < 300:
        return Outcome.FETCHED
    return Outcome.MOVED if 300 <= status < 400 else Outcome.FAILED


def retry_at(status: int, retry_after: str | None, now: datetime) -> datetime | None:
    """When the server asks to be left alone until: Retry-After (RFC 9110, section 10.2.3) with
    429 or 503, at most LONGEST_RETRY_AFTER from `now`."""
    if status not in _ASK_LATER or not retry_after:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        wait = moment - now
    return now + min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def outcome_of_failure(error: BaseException) -> Failure:
    """The outcome of a request that got no response."""
    text = _line(error)
    if isinstance(error, DisallowedByRobots):
        return Failure(Outcome.BLOCKED, "robots.txt", soon=False)
    if isinstance(error, RobotsUnreachable):
        return Failure(Outcome.FAILED, f"robots.txt out of reach: {text}", soon=True, host=True)
    if isinstance(error, IgnoreRequest):
        return Failure(Outcome.FAILED, text, soon=False)
    if isinstance(error, CannotResolveHostError):
        return Failure(Outcome.FAILED, f"no such host: {text}", soon=False, host=True)
    if isinstance(error, DownloadConnectionRefusedError):
        return Failure(Outcome.FAILED, "connection refused", soon=True, host=True)
    if isinstance(error, DownloadTimeoutError):
        return Failure(Outcome.FAILED, "timed out", soon=True, host=True)
    if isinstance(error, ResponseDataLossError):
        return Failure(Outcome.FAILED, "the body was cut short", soon=True)
    if isinstance(error, DownloadCancelledError):
        return Failure(Outcome.FAILED, f"too large: {text}", soon=False)
    if isinstance(error, UnsupportedURLSchemeError):
        return Failure(Outcome.FAILED, text, soon=False)
    if _is_certificate(error):
        return Failure(Outcome.FAILED, f"certificate refused: {text}", soon=False)
    return Failure(Outcome.FAILED, text or type(error).__name__, soon=True, host=True)


def outcome_of_trouble(error: Exception) -> Failure:
    """The outcome of a response that our own code stumbles over: it costs that response alone."""
    return Failure(Outcome.UNREADABLE, f"{type(error).__name__}: {_line(error)}", soon=False)


def _is_certificate(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError) or "certificate" in str(seen).lower():
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
