"""Every operation, the description of all of them, and their routes."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from reader.api import articles, events, searching, sources
from reader.api.openapi import description
from reader.api.operations import Operation, json_response
from reader.api.problems import PREFIX

DESCRIPTION: Final = f"{PREFIX}openapi.json"
OPERATIONS: Final[tuple[Operation, ...]] = (
    *searching.OPERATIONS,
    *articles.OPERATIONS,
    *events.OPERATIONS,
    *sources.OPERATIONS,
)


async def _description(_request: Request) -> Response:
    return json_response(description(OPERATIONS))


async def _beginning(_request: Request) -> Response:
    return RedirectResponse(DESCRIPTION, 302)


async def _nothing(_request: Request) -> Response:
    raise HTTPException(404)


ROUTES: Final[list[BaseRoute]] = [
    Route(DESCRIPTION, _description, name="openapi"),
    Route(PREFIX, _beginning),
    *(it.route() for it in OPERATIONS),
    Route(f"{PREFIX}{{rest:path}}", _nothing),
]
