from datetime import UTC, datetime

import pytest
from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectionLost, NoRouteError
from twisted.python.failure import Failure as TwistedFailure
from twisted.web.client import ResponseFailed

from crawler.answers.outcomes import (
    Failure,
    outcome_of_failure,
    outcome_of_status,
    outcome_of_trouble,
)
from crawler.middlewares.private_addresses import PrivateAddress
from crawler.middlewares.robots import DisallowedByRobots, RobotsUnreachable
from storage.models import Outcome

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def response_failed(reason: Exception) -> Exception:
    """As Twisted wraps what broke a response."""
    wrapper: Exception = ResponseFailed(  # type: ignore[no-untyped-call]
        [TwistedFailure(reason)]  # type: ignore[no-untyped-call]
    )
    return wrapper


def wrapped(reason: Exception) -> Exception:
    """As Scrapy raises what Twisted wrapped."""
    return caused(DownloadFailedError("wrapped"), response_failed(reason))


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.FETCHED),
        (206, Outcome.FETCHED),
        (301, Outcome.MOVED),
        (304, Outcome.UNCHANGED),
        (401, Outcome.BLOCKED),
        (402, Outcome.PAYWALL),
        (403, Outcome.BLOCKED),
        (404, Outcome.NOT_FOUND),
        (410, Outcome.GONE),
        (418, Outcome.FAILED),
        (429, Outcome.FAILED),
        (451, Outcome.BLOCKED),
        (500, Outcome.FAILED),
        (503, Outcome.FAILED),
    ],
)
def test_statuses(status: int, outcome: Outcome) -> None:
    assert outcome_of_status(status) is outcome


FAILURES = [
    (DisallowedByRobots("x"), Failure(Outcome.BLOCKED, "robots.txt", soon=False)),
    (
        RobotsUnreachable("HTTP 503"),
        Failure(Outcome.FAILED, "robots.txt out of reach: HTTP 503", soon=True, host=True),
    ),
    (
        caused(RobotsUnreachable(), DownloadTimeoutError()),
        Failure(Outcome.FAILED, "robots.txt out of reach: timed out", soon=True, host=True),
    ),
    (
        caused(RobotsUnreachable(), PrivateAddress("private address: localhost")),
        Failure(
            Outcome.FAILED,
            "robots.txt out of reach: private address: localhost",
            soon=False,
            host=True,
        ),
    ),
    (
        PrivateAddress("private address: localhost"),
        Failure(Outcome.FAILED, "private address: localhost", soon=False),
    ),
    (IgnoreRequest("a robots.txt page"), Failure(Outcome.FAILED, "a robots.txt page", soon=False)),
    (
        IgnoreRequest("exceeded DOWNLOAD_MAXSIZE during decompression."),
        Failure(Outcome.FAILED, "too large: unpacked", soon=False),
    ),
    (DownloadCancelledError(""), Failure(Outcome.FAILED, "too large", soon=False)),
    (
        CannotResolveHostError("no"),
        Failure(Outcome.FAILED, "no such host: no", soon=False, host=True),
    ),
    (
        DownloadConnectionRefusedError(""),
        Failure(Outcome.FAILED, "connection refused", soon=True, host=True),
    ),
    (DownloadTimeoutError(""), Failure(Outcome.FAILED, "timed out", soon=True, host=True)),
    (
        wrapped(ConnectionLost()),
        Failure(Outcome.FAILED, "connection lost", soon=True, host=True),
    ),
    (
        caused(ResponseDataLossError(), response_failed(ConnectionLost())),
        Failure(Outcome.FAILED, "the body was cut short", soon=True),
    ),
    (
        wrapped(SSL.Error([("SSL routines", "", "certificate verify failed")])),
        Failure(
            Outcome.FAILED,
            "certificate refused: certificate verify failed",
            soon=False,
            host=True,
        ),
    ),
    (
        wrapped(SSL.Error([("SSL routines", "", "unsupported protocol")])),
        Failure(Outcome.FAILED, "no TLS: unsupported protocol", soon=True, host=True),
    ),
    (SSL.Error(), Failure(Outcome.FAILED, "no TLS: no reason given", soon=True, host=True)),
    (
        wrapped(ValueError("two\n  lengths")),
        Failure(Outcome.FAILED, "bad response: ValueError: two lengths", soon=True),
    ),
]


@pytest.mark.parametrize(("error", "failure"), FAILURES, ids=lambda it: type(it).__name__)
def test_failures(error: Exception, failure: Failure) -> None:
    assert outcome_of_failure(error) == failure


def test_a_host_without_a_route_is_out_of_reach() -> None:
    failure = outcome_of_failure(NoRouteError())  # type: ignore[no-untyped-call]
    assert failure.detail.startswith("out of reach: ")
    assert failure.host


def test_details_are_one_bounded_line() -> None:
    for error in (ValueError("a\nb" * 1_000), PrivateAddress("c\r\nd" * 1_000)):
        detail = outcome_of_failure(error).detail
        assert "\n" not in detail
        assert len(detail) < 400


def test_our_own_trouble_costs_one_response() -> None:
    trouble = outcome_of_trouble(KeyError("x"))
    assert trouble == Failure(Outcome.UNREADABLE, "KeyError: 'x'", soon=False)
