"""A request as a page's module sees it: the archive to ask, and a page to answer with."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import anyio
import anyio.to_thread
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from reader.languages import language_of
from reader.opened import OpenedArchive
from reader.settings import Settings
from reader.templating import render
from storage.database.archive import Archive
from storage.query.time_limit import TookTooLong, time_limit
from storage.search.search import Search

_GRACE: Final = 1.0  # seconds after its time limit at which a page's thread is left to itself


class PageRequest:
    """A request and the archive that it asks."""

    def __init__(self, request: Request, opened: OpenedArchive) -> None:
        self.request = request
        self.language = language_of(request)
        self._opened = opened

    @property
    def archive(self) -> Archive:
        return self._opened.get()

    @property
    def search(self) -> Search:
        """Searches of the archive; what matches stands between formats.BRACKETS."""
        return self._opened.search()

    @property
    def settings(self) -> Settings:
        settings: Settings = self.request.app.state.settings
        return settings

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads."""
        with self.archive.reading() as session:
            yield session

    def asked(self, name: str) -> str:
        """A parameter of the query string, without space around it; empty where there is none."""
        return self.request.query_params.get(name, "").strip()

    def asked_all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter, in order, each once; without empty ones."""
        values = (value.strip() for value in self.request.query_params.getlist(name))
        return tuple(dict.fromkeys(value for value in values if value))

    def absolute(self, path: str) -> str:
        """That path as an address that others can be given."""
        base = self.settings.public_url or str(self.request.base_url).rstrip("/")
        return f"{base}{path}"

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        return HTMLResponse(render(self.request, self.language, template, values), status)


Answer = Callable[[PageRequest], Response]


def page(answer: Answer, limit: float | None = None) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that makes a page in a thread, within `limit` seconds, or else the settings'.
    Raises TookTooLong."""

    async def endpoint(request: Request) -> Response:
        state = request.app.state
        seconds: float = state.settings.time_limit if limit is None else limit
        asked = PageRequest(request, state.opened)

        def made() -> Response:
            with time_limit(seconds):
                return answer(asked)

        with anyio.move_on_after(seconds + _GRACE):
            return await anyio.to_thread.run_sync(
                made, abandon_on_cancel=True, limiter=state.threads
            )
        raise TookTooLong("the page took too long to be made")

    return endpoint
