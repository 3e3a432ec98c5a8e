"""A site with sitemaps of 50,000 addresses each; its pages answer slowly, some of them never."""

import asyncio

from scripts.demo.loopback import LoopbackSite, Request, Response, send
from tests.support.hostile_answers import ARTICLE

ADDRESSES = 50_000
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_XML = {"Content-Type": "application/xml"}
_NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class LargeSite(LoopbackSite):
    """On a port of 127.0.0.1, from `with` to its end. A page takes `delay` seconds."""

    def __init__(self, sitemaps: int, *, addresses: int = ADDRESSES, delay: float = 0.1) -> None:
        self._sitemaps = sitemaps
        self._addresses = addresses
        self._delay = delay
        super().__init__()

    @property
    def url(self) -> str:
        return f"{self._server.url}/"

    def sitemap(self, number: int) -> str:
        return f"{self._server.url}/sitemap-{number}.xml"

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        await send(writer, request, await self._answer(request.path))

    async def _answer(self, path: str) -> Response:
        name, _, number = path.removeprefix("/").removesuffix(".xml").partition("-")
        if path == "/robots.txt":
            lines = (f"Sitemap: {self.sitemap(n)}\n" for n in range(self._sitemaps))
            return Response(body="".join(lines).encode())
        if name == "sitemap":
            locations = "".join(
                f"<url><loc>{self._server.url}/2026/11/24/story-{number}-{n}.html</loc></url>"
                for n in range(self._addresses)
            )
            return Response(body=f"<urlset {_NS}>{locations}</urlset>".encode(), headers=_XML)
        if path == "/":
            return Response(body=b"<h1>News</h1>", headers=_HTML)
        if path.endswith("7.html"):
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(self._delay)
        body = ARTICLE.replace("The soup stays", f"The soup of {path} stays")
        return Response(body=body.encode(), headers=_HTML)
