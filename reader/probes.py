"""What a monitor asks: whether the reader answers, and whether it has an archive to show."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from storage.database.errors import ArchiveError


async def healthz(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> PlainTextResponse:
    """503 where the archive can't be read; why is in the log and on the pages, not here."""
    try:
        await run_in_threadpool(request.app.state.opened.check)
    except ArchiveError:
        return PlainTextResponse("the archive can't be read\n", 503)
    return PlainTextResponse("ok\n")


ROUTES: Final = (Route("/healthz", healthz), Route("/readyz", readyz))
