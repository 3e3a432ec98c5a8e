"""A site whose answers are drawn at random: what an HTTP server may send, and what it may not.

Each visit of each path is drawn anew from the seed, the path and how often it was asked for, so
that a seed tells the whole story again.
"""

import asyncio
import gzip
import random
import zlib
from collections import Counter

from scripts.demo.loopback import LoopbackSite, Request, Response, send

STATUSES = (
    *(200,) * 20,
    *(201, 204, 206, 226, 299, 300, 301, 302, 303, 304, 305, 307, 308, 399),
    *(400, 401, 402, 403, 404, 404, 404, 405, 406, 410, 410, 418, 425, 429, 451, 499),
    *(500, 502, 503, 503, 504, 520, 599, 600, 777, 999, 0, 42, 1000),
    *(2_147_483_648, 99_999_999_999, 10**20, 10**40),
)
VERSIONS = (*("HTTP/1.1",) * 30, "HTTP/1.0", "HTTP/9.9", "ICY", "")
REASONS = ("OK", "OK", "", "\u00e9\u00e9", "x" * 5000, "a\tb")
DATES = (
    "Tue, 24 Nov 2026 12:05:00 GMT",
    "Mon, 01 Jan 99999999999 00:00:00 GMT",
    "Mon, 01 Jan 0000 00:00:00 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Mon, 99 Foo 2026 99:99:99 +9999",
    "2026-11-24T12:00:00+99:99",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "99999-01-01",
    "-1",
    "0",
    "1",
    "9" * 30,
    "1e400",
    "NaN",
    "",
    "\u0000",
    "yesterday",
)
TYPES = (
    *("text/html; charset=utf-8",) * 6,
    *("text/html", "text/html; charset=klingon", "text/html; charset=utf-16", "TEXT/HTML;;;"),
    *("application/xhtml+xml", "application/pdf", "image/png", "text/plain", "application/rss+xml"),
    *("", ";", "x" * 300, "multipart/form-data", "text/html; charset=\u00e9"),
)
LOCATIONS = (
    *("/elsewhere.html", "https://elsewhere.example/", "//", "http://[", "javascript:alert(1)"),
    *("file:///etc/passwd", "\u00e9", "a" * 5000, "http://127.0.0.1:99999/", "?" * 9, "#", ""),
    *("http://user:pass@127.0.0.1/", "https://xn--/", "http://\ud7ff.example/", "%00%ff%zz"),
)
AUTHORS = ("[]", "null", "1e999", "[[[{}]]]", f'"{"x" * 900}"')
TEXTS = (
    "plain words of a plain article",
    "caf\u00e9 \u202e\u2066 \U0001f600 \u0000 nul",
    "\x1b[31m \x85 \x9b \ufeff \ufffd",
    "&#0; &#xD800; &#99999999999; &nbsp;",
    "<" * 40,
    "w" * 20_000,
)
_HTML = {"Content-Type": "text/html"}
_PARAGRAPH = (
    "The soup of the old harbour stays on the menu for the whole of the winter, says cook {}."
)


class RandomSite(LoopbackSite):
    """On a port of 127.0.0.1, from `with` to its end. Its front page links to nothing: `paths` are
    to be made known."""

    def __init__(self, seed: int, pages: int) -> None:
        self._seed = seed
        self._pages = pages
        self._visits: Counter[str] = Counter()
        super().__init__()

    @property
    def url(self) -> str:
        return f"{self._server.url}/"

    @property
    def paths(self) -> list[str]:
        """Pages, and some feeds and sitemaps."""
        names = (f"/2026/11/24/story-number-{n}-of-today.html" for n in range(self._pages))
        return [*names, *(f"/feed-{n}.xml" for n in range(max(1, self._pages // 20)))]

    @property
    def answers(self) -> int:
        return sum(self._visits.values())

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        path = request.target.partition("?")[0]
        self._visits[path] += 1
        if path == "/robots.txt":
            await send(writer, request, Response(404))
            return
        if path == "/":
            await send(writer, request, Response(body=b"<h1>News</h1>", headers=_HTML))
            return
        chance = random.Random(f"{self._seed} {path} {self._visits[path]}")
        head, body = _answer(chance, is_list=path.endswith(".xml"))
        whole = head + body
        at = chance.randrange(len(whole) + 1)
        writer.write(whole[:at])
        await writer.drain()
        if chance.random() < 0.1:
            await asyncio.sleep(chance.uniform(0, 0.3))
        if chance.random() < 0.05:
            writer.close()  # cut short
            return
        writer.write(whole[at:])
        await writer.drain()
        # An answer whose length is a lie is over when the connection is.
        writer.close()


def _answer(chance: random.Random, *, is_list: bool) -> tuple[bytes, bytes]:
    """Head and body."""
    status = chance.choice(STATUSES)
    body = _list(chance) if is_list else _page(chance)
    encoding, body = _encoded(chance, body)
    fields = [("Content-Type", "application/rss+xml" if is_list else chance.choice(TYPES))]
    if encoding:
        fields.append(("Content-Encoding", encoding))
    fields += _lengths(chance, len(body))
    for name, values in (
        ("Retry-After", DATES),
        ("Date", DATES),
        ("Last-Modified", DATES),
        ("Expires", DATES),
        ("Location", LOCATIONS),
        ("ETag", ('"1"', "W/", "\u00e9" * 600, "x" * 5000, "\u0000", '"')),
        ("Link", ("<http://[>; rel=canonical", "</a>; rel=alternate", "<" * 99)),
        ("Set-Cookie", ("a=b; Expires=never", "=" * 50)),
        ("Content-Language", ("fr-FR", "x" * 99, "\u00e9", "-")),
        ("X\u00e9", ("1",)),
        (" ", ("no name",)),
    ):
        likely = 0.5 if name in ("Location", "Retry-After") else 0.1
        if chance.random() < likely * (0.2 if name in ("X\u00e9", " ") else 1):
            fields.append((name, chance.choice(values)))
    if chance.random() < 0.02:
        fields += [("X-Many", str(n)) for n in range(400)]
    version, reason = chance.choice(VERSIONS), chance.choice(REASONS)
    lines = [f"{version} {status} {reason}", *(f"{name}: {value}" for name, value in fields)]
    if chance.random() < 0.02:
        lines.append("a line without a colon")
    head = "\r\n".join([*lines, "", ""])
    return head.encode("utf-8", "surrogatepass"), body


def _lengths(chance: random.Random, length: int) -> list[tuple[str, str]]:
    right = ("Content-Length", str(length))
    if chance.random() < 0.85:
        return [right]
    return chance.choice(
        [
            [],
            [("Content-Length", str(length + 7))],
            [("Content-Length", str(max(0, length - 7)))],
            [("Content-Length", "-1")],
            [("Content-Length", "9" * 25)],
            [("Content-Length", "\u00e9")],
            [right, ("Content-Length", str(length + 1))],
            [("Transfer-Encoding", "chunked")],
            [("Transfer-Encoding", "gzip, chunked"), right],
        ]
    )


def _encoded(chance: random.Random, body: bytes) -> tuple[str, bytes]:
    match chance.randrange(20):
        case 0:
            return "gzip", gzip.compress(body)
        case 1:
            return "deflate", zlib.compress(body)
        case 2:
            return chance.choice(["gzip", "br", "zstd", "deflate"]), body
        case 3:
            return "gzip", gzip.compress(body)[: chance.randrange(1, 60)]
        case 4:
            return chance.choice(["identity", "klingon", "gzip, gzip", ",", "\u00e9"]), body
    return "", body


def _page(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.05:
        return b""
    if kind < 0.1:
        return chance.randbytes(chance.randrange(1, 4000))
    date, text = chance.choice(DATES), chance.choice(TEXTS)
    story = "".join(f"<p>{_PARAGRAPH.format(n)} {text[:200]}</p>" for n in range(5))
    page = (
        f'<!DOCTYPE html><html lang="{chance.choice(["en", "fr-FR", "x" * 50, ""])}"><head>'
        f"<title>{text}</title>"
        f'<meta property="article:published_time" content="{date}">'
        f'<meta property="article:modified_time" content="{chance.choice(DATES)}">'
        f'<link rel="canonical" href="{chance.choice(LOCATIONS)}">'
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": '
        f'"{date}", "headline": "{text[:500]}", "wordCount": {"9" * chance.choice([3, 40])}, '
        f'"author": {chance.choice(AUTHORS)}'
        "}</script></head><body><article>"
        f"<h1>{text}</h1><time datetime='{date}'>{date}</time>{story}</article></body></html>"
    )
    encoding = chance.choice(["utf-8", "utf-8", "utf-16", "utf-8-sig"])
    return page.encode(encoding, "surrogatepass")


def _list(chance: random.Random) -> bytes:
    entries = "".join(
        f"<item><title>{chance.choice(TEXTS)[:300]}</title>"
        f"<link>{chance.choice(LOCATIONS)}</link><guid>{chance.choice(TEXTS)}</guid>"
        f"<pubDate>{chance.choice(DATES)}</pubDate></item>"
        for _ in range(chance.randrange(5))
    )
    feed = f'<rss version="2.0"><channel><title>x</title>{entries}</channel></rss>'
    sitemap = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url>'
        f"<loc>{chance.choice(LOCATIONS)}</loc><lastmod>{chance.choice(DATES)}</lastmod>"
        "</url></urlset>"
    )
    return chance.choice([feed, sitemap]).replace("\u0000", "").encode("utf-8", "surrogatepass")
