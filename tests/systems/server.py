"""Serves a site of a publishing system on loopback, a day at a time."""

import asyncio

from scripts.demo.loopback import LoopbackSite, Request, Response, send
from tests.systems.days import FIRST, Day
from tests.systems.site import HTML, Page, build


class SystemServer(LoopbackSite):
    """One site, from `with` to its end. Its day may be set at any time."""

    def __init__(self, system: str) -> None:
        self.system = system
        super().__init__()

    def _prepare(self) -> None:
        self.day = FIRST

    @property
    def day(self) -> Day:
        return self._day

    @day.setter
    def day(self, day: Day) -> None:
        self._day = day
        self._pages = build(self.system, self.url, day)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def articles(self) -> dict[str, Page]:
        """What is to be archived of the day, by URL."""
        return {self.url + path: page for path, page in self._pages.items() if page.texts}

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        page = self._pages.get(request.target) or self._pages.get(request.path)
        if page is None:
            answer = Response(404, b"<h1>Not found</h1>", {"Content-Type": HTML})
        else:
            headers = {"Content-Type": page.media_type}
            headers |= {"Location": page.location} if page.location else {}
            answer = Response(page.status, page.body.encode(), headers)
        await send(writer, request, answer)
