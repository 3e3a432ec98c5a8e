"""Serves a site of a publishing system on loopback, an edition at a time."""

import asyncio

from scripts.demo.loopback import LoopbackSite, Request, Response, send
from tests.systems.site import HTML, Page, build


class SystemServer(LoopbackSite):
    """One site, from `with` to its end. `edition` may be set at any time."""

    def __init__(self, system: str) -> None:
        self.system = system
        self.edition = 1
        super().__init__()

    def _prepare(self) -> None:
        self._pages = {number: build(self.system, self.url, edition=number) for number in (1, 2)}

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def articles(self) -> dict[str, Page]:
        """What is to be archived of the edition, by URL."""
        pages = self._pages[self.edition]
        return {self.url + path: page for path, page in pages.items() if page.texts is not None}

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        pages = self._pages[self.edition]
        page = pages.get(request.target) or pages.get(request.path)
        if page is None:
            answer = Response(404, b"<h1>Not found</h1>", {"Content-Type": HTML})
        else:
            answer = Response(200, page.body.encode(), {"Content-Type": page.media_type})
        await send(writer, request, answer)
