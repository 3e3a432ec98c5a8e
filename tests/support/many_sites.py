"""Hundreds of sites behind one port, each at a loopback address of its own; some of them are bad.

`http://127.0.H.L:PORT/` is a site; what it is, `sites` says by its address. The first of a site's
requests for its feed, and each one after, is noted with its time.
"""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from enum import Enum, auto
from itertools import count
from types import TracebackType
from typing import Self

from scripts.demo.loopback import Request, Response, parse_head, send
from tests.support.hostile_answers import ARTICLE

ARTICLES = 3
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_XML = {"Content-Type": "application/xml"}
_NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Site(Enum):
    """HEALTHY has a feed and articles. ENDLESS is an index of sitemaps that names 200 more, and so
    on. TARPIT answers one request in five. LARGE has 200,000 pages. AWAY takes no connection's
    request. LOOP redirects for ever. BUSY answers 503."""

    HEALTHY = auto()
    ENDLESS = auto()
    TARPIT = auto()
    LARGE = auto()
    AWAY = auto()
    LOOP = auto()
    BUSY = auto()


class ManySites:
    """From `with` to its end."""

    def __init__(self, healthy: int, bad: tuple[Site, ...]) -> None:
        kinds = [*bad, *([Site.HEALTHY] * healthy)]
        self.sites = {f"127.1.{n // 200}.{n % 200 + 1}": kind for n, kind in enumerate(kinds)}
        self.looks: dict[str, list[float]] = defaultdict(list)  # at a feed; time.monotonic()
        self.requests: dict[Site, int] = defaultdict(int)
        self._port = 0
        self._numbers = count()
        self._serving = threading.Event()
        self._stop: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._serving.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        self._thread.join()

    @property
    def urls(self) -> Mapping[str, Site]:
        return {f"http://{host}:{self._port}/": kind for host, kind in self.sites.items()}

    async def _main(self) -> None:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()

        def stop() -> None:
            loop.call_soon_threadsafe(stopped.set)

        self._stop = stop
        # All of 127.0.0.0/8 can be had in no other way; who is elsewhere is not answered.
        server = await asyncio.start_server(self._accept, "0.0.0.0", 0, backlog=1024)
        self._port = server.sockets[0].getsockname()[1]
        self._serving.set()
        await stopped.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not writer.get_extra_info("peername")[0].startswith("127."):
                return
            host = writer.get_extra_info("sockname")[0]
            while True:
                request = parse_head(await reader.readuntil(b"\r\n\r\n"))
                response = await self._answer(self.sites[host], host, request)
                if response is None:
                    return
                await send(writer, request, response)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    async def _answer(self, kind: Site, host: str, request: Request) -> Response | None:
        path, origin = request.path, f"http://{host}:{self._port}"
        self.requests[kind] += 1
        if kind is Site.AWAY:
            return None
        if kind is Site.BUSY:
            return Response(503, b"Later.")
        if kind is Site.LOOP and path != "/robots.txt":
            return Response(302, b"", {"Location": f"/again/{next(self._numbers)}"})
        if kind is Site.TARPIT and path != "/robots.txt" and next(self._numbers) % 5:
            await asyncio.get_running_loop().create_future()
        if path == "/robots.txt":
            listed = f"Sitemap: {origin}/sitemap-0.xml\n" if kind in _WITH_SITEMAPS else ""
            return Response(body=listed.encode())
        if path == "/feed.xml":
            self.looks[host].append(time.monotonic())
        if path.startswith("/sitemap-"):
            return self._sitemap(kind, origin, path)
        pages = [f"/2026/11/24/story-{n}-of-{host}.html" for n in range(_PAGES.get(kind, ARTICLES))]
        if path == "/":
            links = "".join(f'<a href="{it}">What became of {it} this year</a>' for it in pages)
            feed = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
            body = f"<html><head>{feed}</head><body><h1>News</h1>{links}</body></html>"
            return Response(body=body.encode(), headers=_HTML)
        if path == "/feed.xml":
            items = "".join(f"<item><link>{origin}{it}</link></item>" for it in pages)
            feed = f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
            return Response(body=feed.encode(), headers={"Content-Type": "application/rss+xml"})
        if path.endswith(".html"):
            etag = {"ETag": '"1"', **_HTML}
            if "if-none-match" in request.headers:
                return Response(304, b"", etag)
            body = ARTICLE.replace("The soup stays", f"The soup of {path} stays")
            return Response(body=body.encode(), headers=etag)
        return Response(404, b"<h1>Not found</h1>", _HTML)

    def _sitemap(self, kind: Site, origin: str, path: str) -> Response:
        if kind is Site.ENDLESS:
            number = next(self._numbers)
            named = "".join(
                f"<sitemap><loc>{origin}/sitemap-{number}-{n}.xml</loc></sitemap>"
                for n in range(200)
            )
            body = f"<sitemapindex {_NS}>{named}</sitemapindex>"
        elif path == "/sitemap-0.xml":
            named = "".join(
                f"<sitemap><loc>{origin}/sitemap-{n}.xml</loc></sitemap>" for n in range(1, 5)
            )
            body = f"<sitemapindex {_NS}>{named}</sitemapindex>"
        else:
            pages = "".join(
                f"<url><loc>{origin}/2026/11/24/page{path[8:-4]}-{n}-of-many.html</loc></url>"
                for n in range(50_000)
            )
            body = f"<urlset {_NS}>{pages}</urlset>"
        return Response(body=body.encode(), headers=_XML)


_WITH_SITEMAPS = {Site.ENDLESS, Site.LARGE}
_PAGES = {Site.TARPIT: 60, Site.ENDLESS: 0, Site.LARGE: 0}
