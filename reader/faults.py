"""What is wrong with a request or the archive, and what to do: a page with the right status."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reader.languages import catalogue, language_of
from reader.templating import render
from storage.database.errors import (
    ArchiveError,
    ArchiveNotCreated,
    ArchiveOutdated,
    ArchiveTooNew,
    ArchiveUnavailable,
    NotFound,
    Refused,
)
from storage.query.time_limit import TookTooLong
from storage.search.errors import BadQuery, IndexUnavailable

_log = logging.getLogger(__name__)


class WrongRequest(Exception):
    """The address asks for something that can't be; `message` says what, in the catalogue's
    English, with `values` for its %(name)s."""

    def __init__(self, message: str, **values: str) -> None:
        super().__init__(message % values)
        self.message = message
        self.values = values


def N_(message: str) -> str:  # noqa: N802 - gettext's name for a text that is translated later
    return message


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as it is told: `title` and `advice` in the catalogue's English."""

    status: int
    title: str
    advice: str


_UNKNOWN_PAGE: Final = Fault(
    404,
    N_("There is no such page"),
    N_("The address may be mistyped. Search, or go by a source."),
)
_WRONG: Final = Fault(
    400, N_("This can't be asked"), N_("Go back, correct what is named here, and ask again.")
)
_UNEXPECTED: Final = Fault(
    500,
    N_("The reader failed"),
    N_("That is a mistake of the program's. What was asked is in its log; nothing is lost."),
)
_FAULTS: Final[dict[type[ArchiveError], Fault]] = {
    NotFound: Fault(
        404,
        N_("The archive has no such thing"),
        N_("The address may be mistyped, or lead to another archive. Search, or go by a source."),
    ),
    BadQuery: Fault(
        400,
        N_("The search is put wrongly"),
        N_("The mark shows the place. Correct it there, and search again."),
    ),
    Refused: Fault(
        403,
        N_("This may not be shown"),
        N_("Whoever keeps the archive decides what is shown of each source."),
    ),
    TookTooLong: Fault(
        503,
        N_("That took too long"),
        N_("Each page has a time limit. Ask for less: fewer sources, or fewer days."),
    ),
    ArchiveNotCreated: Fault(
        503,
        N_("There is no archive here yet"),
        N_("Whoever keeps it has to name the right database, or crawl a first source."),
    ),
    ArchiveOutdated: Fault(
        503,
        N_("The archive is of an older Permalien"),
        N_("Whoever keeps it has to run: permalien db upgrade"),
    ),
    ArchiveTooNew: Fault(
        503,
        N_("The archive is of a newer Permalien"),
        N_("Whoever keeps this reader has to upgrade Permalien."),
    ),
    ArchiveUnavailable: Fault(
        503,
        N_("The archive does not answer"),
        N_("That may pass: try again in a minute."),
    ),
    IndexUnavailable: Fault(
        503,
        N_("The search index can't be kept"),
        N_("Whoever keeps this reader has to make room for it, or let it be written."),
    ),
}


def fault_of(error: Exception) -> Fault:
    """How an error is told."""
    if isinstance(error, WrongRequest):
        return _WRONG
    for kind, fault in _FAULTS.items():
        if isinstance(error, kind):
            return fault
    return _UNEXPECTED


def fault_page(request: Request, error: Exception) -> Response:
    """The page that tells an error."""
    language = language_of(request)
    say: Callable[[str], str] = catalogue(language).gettext
    if isinstance(error, HTTPException):
        title = _UNKNOWN_PAGE.title if error.status_code == 404 else error.detail
        fault = Fault(error.status_code, title, _UNKNOWN_PAGE.advice)
        message = ""
    else:
        fault = fault_of(error)
        message = _message(error, say)
    place = error.pointed() if isinstance(error, BadQuery) else None
    values = {
        "status": fault.status,
        "title": say(fault.title),
        "message": message,
        "advice": say(fault.advice),
        "place": place,
    }
    answer = HTMLResponse(render(request, language, "fault.html", values), fault.status)
    answer.headers["cache-control"] = "no-store"
    if fault.status == 503:
        answer.headers["retry-after"] = "60"
    return answer


def _message(error: Exception, say: Callable[[str], str]) -> str:
    match error:
        case WrongRequest():
            return say(error.message) % error.values
        case ArchiveError():
            return str(error)
    return ""


class Unexpected:
    """Answers where the program fails, as `tell` tells it, and keeps the error for its log."""

    def __init__(self, app: ASGIApp, tell: Callable[[Request, Exception], Response]) -> None:
        self._app = app
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_on(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception as error:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                raise
            await self._tell(Request(scope), error)(scope, receive, send)
