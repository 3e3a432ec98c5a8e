"""A site that does to a crawler whatever the web has done to others, each at a path of its own.

    path                      what is answered

    bodies
    /                         a front page that links to everything below
    /article                  a plain article, which a crawl must still bring home
    /empty                    200 without a byte of body
    /huge                     50 MB of paragraphs, with their length
    /endless                  paragraphs without end, chunked
    /gzip-bomb                10 MB of gzip that unfold into 10 GiB
    /gzip-twice-bomb          50 kB that unfold into that, and then into 10 GiB
    /brotli-bomb /zstd-bomb   27 kB and 330 kB that unfold into 10 GiB
    /gzip-lie                 plain HTML that says it is gzip
    /gzip-cut                 gzip that ends in the middle
    /cut-short                half of the bytes that Content-Length promises, then the end
    /chunked-cut              one chunk of several, without the last, then the end
    /nested                   HTML of 100,000 elements, each inside the one before
    /pdf                      a PDF that says it is HTML
    /nuls                     an article with a NUL after each word
    /charset-lie              windows-1252 that its header calls UTF-8
    /charset-unknown          UTF-8 that its header calls "klingon"
    /meta-lie                 windows-1252 that its meta element calls UTF-8

    redirects
    /redirect/0               302 to /redirect/1, and so on without end
    /redirect-self            302 to itself
    /redirect-cookie          302 to itself until the cookie it sets comes back
    /redirect-host            302 to https://elsewhere.example/
    /redirect-file            302 to file:///etc/passwd
    /redirect-script          302 to javascript:alert(1)
    /redirect-nowhere         302 without a Location
    /redirect-local/NAME      302 to /article of this site, its address spelt as SPELLINGS says

    feeds and sitemaps
    /feed-html                HTML served as RSS
    /feed-bomb                RSS whose entities unfold into a billion laughs
    /feed-entity              RSS with an external entity, file:///etc/passwd
    /sitemap-foreign          a sitemap that lists another host's pages, and one of this site's

    connections
    /slow                     an article's first bytes, then one byte a second
    /never                    no answer
    /reset                    half a head, then a TCP reset
    /not-http                 an SSH greeting
    /headers-huge             1 MB of header lines
    /headers-bad              lines without a colon or name, NUL, Latin-1, folding; then an article
    /length-twice             two Content-Lengths that disagree

    statuses
    /429-seconds              429, Retry-After: 1; from the second visit on the article
    /429-date                 429, Retry-After: two seconds from then as an HTTP date; then alike
    /503-seconds              503, Retry-After: 1; then alike
    /500-twice                500; from the third visit on the article
    /304-unasked              304 to whoever asks
    /404 /410 /451            those, each with a page
    /403-challenge            403 with a page that asks to prove one is human

`tls_url` serves all of it again under a self-signed certificate.
"""

import asyncio
from types import TracebackType
from typing import Self

from scripts.demo.loopback import HOST, LoopbackServer, Request, Response, send
from tests.support.certificates import self_signed_context
from tests.support.hostile_answers import ANSWERS, SPELLINGS, Call, redirect

__all__ = ["PATHS", "SPELLINGS", "HostileSite"]

PATHS = (*ANSWERS, "/redirect/0", *(f"/redirect-local/{name}" for name in SPELLINGS))
_LINKS = "".join(
    f'<li><a href="{path}">What became of {path[1:]} this year</a></li>' for path in PATHS
)
FRONT = Response(
    body=f"<h1>News</h1><ul>{_LINKS}</ul>".encode(), headers={"Content-Type": "text/html"}
)


class HostileSite:
    """On two ports of 127.0.0.1, from `with` to its end; what a path did is forgotten with it."""

    def __init__(self) -> None:
        self._plain = LoopbackServer(self._handle)
        self._tls = LoopbackServer(self._handle, tls=self_signed_context(HOST))
        self._requests: list[Request] = []

    def __enter__(self) -> Self:
        for server in (self._plain, self._tls):
            server.listen()
            server.serve()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._plain.close()
        self._tls.close()

    @property
    def url(self) -> str:
        """The origin, without a final slash."""
        return self._plain.url

    @property
    def tls_url(self) -> str:
        return self._tls.url

    @property
    def requests(self) -> list[Request]:
        """Each with its path, headers and time (`at`, time.monotonic()), in order."""
        return list(self._requests)

    def count(self, path: str) -> int:
        return sum(request.path == path for request in self.requests)

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self._requests.append(request)
        call = Call(request, writer, self._plain.url, self.count(request.path))
        folder, _, name = request.path.removeprefix("/").partition("/")
        if request.path == "/":
            await send(writer, request, FRONT)
        elif folder == "redirect" and name.isascii() and name.isdigit():
            await redirect(call, f"/redirect/{int(name) + 1}")
        elif folder == "redirect-local" and name in SPELLINGS:
            port = self._plain.port
            await redirect(call, f"http://{SPELLINGS[name]}:{port}/article")
        elif request.path in ANSWERS:
            await ANSWERS[request.path](call)
        else:
            await send(writer, request, Response(404, b"<h1>Not found</h1>"))
