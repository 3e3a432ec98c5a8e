"""The reader as an ASGI application: its pages, and what each request goes through.

A page is a module of `reader.pages` with `ROUTES`; one more page is one more module in `_PAGES`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount

from reader import feeds, memento, probes
from reader.access import Access
from reader.api import routes as api
from reader.caching import ETags
from reader.compression import Compression
from reader.faults import Unexpected, WrongRequest
from reader.languages import KeptLanguage
from reader.opened import OpenedArchive
from reader.pages import (
    article,
    citations,
    compare,
    downloads,
    edits,
    home,
    search,
    sources,
    stored_page,
)
from reader.security import SecurityHeaders
from reader.settings import Settings
from reader.static_files import Static
from reader.telling import tell, told
from storage.database.errors import ArchiveError

_PAGES: Final = (home, search, downloads, article, compare, citations, edits, sources, stored_page)
_THREADS: Final = 4  # that make pages: more of them only wait for each other (docs/speed.md)


def create_app(settings: Settings) -> Starlette:
    """The reader of the settings' archive, which is opened when it is first asked."""
    opened = OpenedArchive(settings.database)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        opened.close()

    app = Starlette(
        routes=[
            *probes.ROUTES,
            *(route for page in _PAGES for route in page.ROUTES),
            *api.ROUTES,
            *memento.ROUTES,
            *feeds.ROUTES,
            Mount("/static", Static(), name="static"),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Access, settings=settings),
            Middleware(Compression),
            Middleware(ETags),
            Middleware(KeptLanguage),
            Middleware(Unexpected, tell=tell),
        ],
        exception_handlers={HTTPException: told, ArchiveError: told, WrongRequest: told},
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.opened = opened
    app.state.threads = CapacityLimiter(_THREADS)
    return app
