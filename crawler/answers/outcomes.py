"""What a response or a failure means for the record: the one place that decides outcomes."""

from dataclasses import dataclass, replace

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity import VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed

from crawler.fetching.rendering import NotRendered
from crawler.middlewares.robots import DisallowedByRobots, RobotsUnreachable
from storage.models import Outcome

_BY_STATUS = {
    304: Outcome.UNCHANGED,
    401: Outcome.BLOCKED,
    402: Outcome.PAYWALL,
    403: Outcome.BLOCKED,
    404: Outcome.NOT_FOUND,
    410: Outcome.GONE,
    451: Outcome.BLOCKED,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no response. `soon`: another try in seconds may succeed; `host`: the host
    itself did not answer."""

    outcome: Outcome
    detail: str
    soon: bool
    host: bool = False


def is_status(status: int) -> bool:
    """Whether HTTP knows such a status: three digits (RFC 9110, section 15)."""
    return 100 <= status <= 999


def outcome_of_status(status: int) -> Outcome:
    """The outcome of a response with this HTTP status (RFC 9110, section 15)."""
    if known := _BY_STATUS.get(status):
        return known
    if 200 <= status < 300:
        return Outcome.FETCHED
    return Outcome.MOVED if 300 <= status < 400 else Outcome.FAILED


def outcome_of_failure(error: BaseException) -> Failure:
    """The outcome of a request that got no response."""
    error = _reason(error)
    text = _line(error)
    match error:
        case DisallowedByRobots():
            return Failure(Outcome.BLOCKED, "robots.txt", soon=False)
        case RobotsUnreachable():
            why = Failure(Outcome.FAILED, text, soon=True)
            if error.__cause__ is not None:
                why = outcome_of_failure(error.__cause__)
            return replace(why, detail=f"robots.txt out of reach: {why.detail}", host=True)
        case DownloadCancelledError():
            return Failure(Outcome.FAILED, "too large", soon=False)
        case NotRendered():
            return Failure(Outcome.FAILED, f"browser: {text}", soon=False)
        case IgnoreRequest():
            unfolded = "during decompression" in text
            return Failure(Outcome.FAILED, "too large: unpacked" if unfolded else text, soon=False)
        case CannotResolveHostError():
            return Failure(Outcome.FAILED, f"no such host: {text}", soon=False, host=True)
        case DownloadConnectionRefusedError():
            return Failure(Outcome.FAILED, "connection refused", soon=True, host=True)
        case DownloadTimeoutError():
            return Failure(Outcome.FAILED, "timed out", soon=True, host=True)
        case ConnectionClosed():
            return Failure(Outcome.FAILED, "connection lost", soon=True, host=True)
        case ConnectError():
            return Failure(Outcome.FAILED, f"out of reach: {text}", soon=True, host=True)
        case ResponseDataLossError():
            return Failure(Outcome.FAILED, "the body was cut short", soon=True)
        case UnsupportedURLSchemeError():
            return Failure(Outcome.FAILED, text, soon=False)
        case VerificationError():
            return Failure(Outcome.FAILED, f"certificate refused: {text}", soon=False, host=True)
        case SSL.Error():
            return _tls_failure(error)
    return Failure(Outcome.FAILED, f"bad response: {type(error).__name__}: {text}", soon=True)


def outcome_of_trouble(error: Exception) -> Failure:
    """The outcome of a response that our own code stumbles over: it costs that response alone."""
    return Failure(Outcome.UNREADABLE, f"{type(error).__name__}: {_line(error)}", soon=False)


def _reason(error: BaseException) -> BaseException:
    """The error itself: Twisted wraps what broke a response, and Scrapy wraps that once more."""
    reasons = getattr(error.__cause__, "reasons", None)
    return reasons[0].value if reasons and isinstance(error, DownloadFailedError) else error


def _tls_failure(error: SSL.Error) -> Failure:
    """OpenSSL gives (library, function, reason) of each error."""
    reasons = error.args[0] if error.args and error.args[0] else [("", "", "")]
    text = str(reasons[-1][-1])
    if "certificate" in text:
        return Failure(Outcome.FAILED, f"certificate refused: {text}", soon=False, host=True)
    return Failure(Outcome.FAILED, f"no TLS: {text or 'no reason given'}", soon=True, host=True)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
