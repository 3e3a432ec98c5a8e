"""What each path of the hostile site answers; the table is in `tests.support.hostile`."""

import asyncio
import gzip
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from scripts.demo.loopback import Request, Response, send
from scripts.demo.validators import http_date
from tests.support.bombs import brotli_bomb, gzip_bomb, gzip_twice_bomb, zstd_bomb

HUGE_BYTES = 50 * 1000 * 1000
DEPTH = 100_000
DRIP_SECONDS = 1.0
RETRY_SECONDS = 1
RETRY_DATE_SECONDS = 2

OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"
HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml"

SPELLINGS: Mapping[str, str] = {
    "decimal": "2130706433",
    "octal": "0177.0.0.1",
    "hex": "0x7f000001",
    "short": "127.1",
    "mapped": "[::ffff:127.0.0.1]",
    "name": "localhost",
    "wide": "１２７.0.0.1",
}

PARAGRAPH = (
    "<p>The café by the old harbour has been reopened by its former cook, who says that nobody "
    "else would have kept the soup on the menu for the whole of the winter.</p>\n"
)
ARTICLE = (
    '<!DOCTYPE html><html lang="en"><head><title>The soup stays</title></head><body><article>\n'
    f"<h1>The soup stays</h1>\n{PARAGRAPH * 4}</article></body></html>\n"
)
META_LIE = ARTICLE.replace("<head>", '<head><meta charset="utf-8">')
CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
    "<h1>Checking that you are human</h1><p>Enable JavaScript and cookies to continue.</p>"
    '<form id="challenge-form" action="/403-challenge" method="POST"></form></body></html>'
)
LAUGHS = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
FEED = '<rss version="2.0"><channel><title>{title}</title><link>{origin}/</link></channel></rss>'
FEED_BOMB = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>{FEED.replace("{title}", "&l9;")}'
FEED_ENTITY = (
    '<!DOCTYPE rss [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    f"{FEED.replace('{title}', '&secret;')}"
)
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    "<url><loc>https://elsewhere.example/a</loc></url><url><loc>{origin}/article</loc></url>"
    "<url><loc>http://169.254.169.254/latest/</loc></url></urlset>"
)


@dataclass(frozen=True, slots=True)
class Call:
    """`visit` counts the path's requests from one, `origin` is the site's without TLS."""

    request: Request
    writer: asyncio.StreamWriter
    origin: str
    visit: int

    async def answer(self, response: Response) -> None:
        await send(self.writer, self.request, response)


Answer = Callable[[Call], Awaitable[None]]


async def redirect(call: Call, location: str) -> None:
    """A Location goes out as it is, in UTF-8."""
    await _raw(call, f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")


async def _raw(call: Call, message: str | bytes) -> None:
    call.writer.write(message.encode() if isinstance(message, str) else message)
    await call.writer.drain()


def _page(
    body: str | bytes, *, status: int = 200, content_type: str = HTML, encoding: str | None = None
) -> Answer:
    headers = {"Content-Type": content_type}
    if encoding:
        headers["Content-Encoding"] = encoding
    content = body.encode() if isinstance(body, str) else body
    return partial(Call.answer, response=Response(status, content, headers))


def _feed(body: str, content_type: str = RSS) -> Answer:
    async def answer(call: Call) -> None:
        filled = body.replace("{origin}", call.origin)
        await _page(filled, content_type=content_type)(call)

    return answer


def _bomb(build: Callable[[], bytes], encoding: str) -> Answer:
    async def answer(call: Call) -> None:
        await _page(build(), encoding=encoding)(call)

    return answer


def _unavailable(
    status: int, *, visits: int = 1, retry_after: Callable[[], str] | None = None
) -> Answer:
    async def answer(call: Call) -> None:
        if call.visit > visits:
            await _article(call)
        else:
            headers = {"Retry-After": retry_after()} if retry_after else {}
            await call.answer(Response(status, b"Later.", headers))

    return answer


def _in_seconds() -> str:
    return str(RETRY_SECONDS)


def _at_a_date() -> str:
    return http_date(datetime.now(UTC) + timedelta(seconds=RETRY_DATE_SECONDS))


_article = _page(ARTICLE)


async def _huge(call: Call) -> None:
    await _raw(call, f"{OK}Content-Length: {HUGE_BYTES}\r\n\r\n")
    block = (PARAGRAPH * 400).encode()
    left = HUGE_BYTES
    while left and call.request.method == "GET":
        part = block[:left]
        await _raw(call, part)
        left -= len(part)


async def _endless(call: Call) -> None:
    await _raw(call, f"{OK}{CHUNKED}")
    block = _chunk(PARAGRAPH * 400)
    while True:
        await _raw(call, block)


async def _cut_short(call: Call) -> None:
    body = ARTICLE.encode()
    await _raw(call, f"{OK}Content-Length: {2 * len(body)}\r\n\r\n".encode() + body)
    call.writer.close()


async def _chunked_cut(call: Call) -> None:
    await _raw(call, f"{OK}{CHUNKED}".encode() + _chunk(ARTICLE))
    call.writer.close()


def _chunk(text: str) -> bytes:
    body = text.encode()
    return b"%x\r\n%s\r\n" % (len(body), body)


async def _redirect_cookie(call: Call) -> None:
    if "visited=yes" in call.request.headers.get("cookie", ""):
        await _article(call)
    else:
        headers = {"Location": "/redirect-cookie", "Set-Cookie": "visited=yes; Path=/"}
        await call.answer(Response(302, headers=headers))


async def _slow(call: Call) -> None:
    body = ARTICLE.encode()
    await _raw(call, f"{OK}Content-Length: {len(body)}\r\n\r\n".encode() + body[:100])
    for byte in body[100:]:
        await asyncio.sleep(DRIP_SECONDS)
        await _raw(call, bytes([byte]))


async def _never(_: Call) -> None:
    await asyncio.get_running_loop().create_future()


async def _reset(call: Call) -> None:
    await _raw(call, OK)
    linger_no_more = struct.pack("ii", 1, 0)
    call.writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, linger_no_more
    )
    call.writer.transport.abort()


async def _not_http(call: Call) -> None:
    await _raw(call, "SSH-2.0-OpenSSH_9.2\r\n")
    call.writer.close()


async def _headers_huge(call: Call) -> None:
    filler = "".join(f"X-Filler-{number}: {'x' * 80}\r\n" for number in range(10_000))
    await _raw(call, f"{OK}{filler}Content-Length: {len(ARTICLE.encode())}\r\n\r\n{ARTICLE}")


async def _headers_bad(call: Call) -> None:
    body = ARTICLE.encode()
    lines = (
        b"this line has no colon\r\n: this one no name\r\nX-Nul: a\0b\r\nX-Latin: caf\xe9\r\n"
        b"X-Folded: one\r\n two\r\nX Space: yes\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    await _raw(call, OK.encode() + lines + body)


async def _length_twice(call: Call) -> None:
    length = len(ARTICLE.encode())
    await _raw(call, f"{OK}Content-Length: 5\r\nContent-Length: {length}\r\n\r\n{ARTICLE}")
    call.writer.close()


ANSWERS: Mapping[str, Answer] = {
    "/article": _article,
    "/empty": _page(b""),
    "/huge": _huge,
    "/endless": _endless,
    "/gzip-bomb": _bomb(gzip_bomb, "gzip"),
    "/gzip-twice-bomb": _bomb(gzip_twice_bomb, "gzip, gzip"),
    "/brotli-bomb": _bomb(brotli_bomb, "br"),
    "/zstd-bomb": _bomb(zstd_bomb, "zstd"),
    "/gzip-lie": _page(ARTICLE, encoding="gzip"),
    "/gzip-cut": _page(gzip.compress(ARTICLE.encode(), mtime=0)[:-60], encoding="gzip"),
    "/cut-short": _cut_short,
    "/chunked-cut": _chunked_cut,
    "/nested": _page("<div>" * DEPTH + PARAGRAPH + "</div>" * DEPTH),
    "/pdf": _page(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"),
    "/nuls": _page(ARTICLE.replace(PARAGRAPH, PARAGRAPH.replace(" ", "\0 "))),
    "/charset-lie": _page(ARTICLE.encode("windows-1252")),
    "/charset-unknown": _page(ARTICLE, content_type="text/html; charset=klingon"),
    "/meta-lie": _page(META_LIE.encode("windows-1252"), content_type="text/html"),
    "/redirect-self": partial(redirect, location="/redirect-self"),
    "/redirect-cookie": _redirect_cookie,
    "/redirect-host": partial(redirect, location="https://elsewhere.example/"),
    "/redirect-file": partial(redirect, location="file:///etc/passwd"),
    "/redirect-script": partial(redirect, location="javascript:alert(1)"),
    "/redirect-nowhere": _page(b"", status=302),
    "/feed-html": _page(ARTICLE, content_type=RSS),
    "/feed-bomb": _feed(FEED_BOMB),
    "/feed-entity": _feed(FEED_ENTITY),
    "/sitemap-foreign": _feed(SITEMAP, "application/xml"),
    "/slow": _slow,
    "/never": _never,
    "/reset": _reset,
    "/not-http": _not_http,
    "/headers-huge": _headers_huge,
    "/headers-bad": _headers_bad,
    "/length-twice": _length_twice,
    "/429-seconds": _unavailable(429, retry_after=_in_seconds),
    "/429-date": _unavailable(429, retry_after=_at_a_date),
    "/503-seconds": _unavailable(503, retry_after=_in_seconds),
    "/500-twice": _unavailable(500, visits=2),
    "/304-unasked": _page(b"", status=304),
    "/404": _page("<h1>Not found</h1>", status=404),
    "/410": _page("<h1>Gone</h1>", status=410),
    "/451": _page("<h1>Unavailable for legal reasons</h1>", status=451),
    "/403-challenge": _page(CHALLENGE, status=403),
}
