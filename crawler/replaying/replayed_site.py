"""A site of the past, asked as one of the web: Scrapy gets its answers without a network."""

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from crawler.replaying.packs import Pack
from storage.frontier.addresses import site_host

REPLAYED: Final = "PERMALIEN_REPLAYED"
"""In Scrapy's settings: the ReplayedSite that answers."""

HANDLERS: Final = dict.fromkeys(
    ("http", "https"), "crawler.replaying.replayed_site.ReplayedHandler"
)

_TYPES: Final = {
    "xml": "application/xml",
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "txt": "text/plain; charset=utf-8",
}
_HTML: Final = "text/html; charset=utf-8"


class ReplayedSite:
    """Answers as a server of files does. `aliases` are hosts that the site named itself by when it
    was published elsewhere: what it served is read as if they were its own."""

    def __init__(self, pack: Pack, aliases: Collection[str] = ()) -> None:
        self._pack = pack
        self._host = site_host(pack.host)
        hosts = b"|".join(re.escape(host.encode()) for host in aliases)
        self._alias = re.compile(rb"//(?:" + hosts + rb")(?=[/\"'<\s]|$)") if aliases else None
        self.files: Mapping[str, str] = {}  # what it serves now: bodies' names by path
        self.asked = 0

    def answer(self, url: str, etag: str | None = None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of what is there now, to a request that knows an ETag."""
        self.asked += 1
        parts = urlsplit(url)
        path = unquote(parts.path).lstrip("/")
        if site_host(parts.hostname or "") != self._host:
            return 404, {"Content-Type": _HTML}, b""
        index = path + "index.html" if path.endswith("/") or not path else path + ".html"
        found = next((it for it in (path, index) if it in self.files), None)
        if found is None:
            if f"{path}/index.html" in self.files:
                return 301, {"Location": quote(f"/{path}/")}, b""
            return 404, {"Content-Type": _HTML}, b"<h1>404 Not Found</h1>"
        body = self._pack.body(self.files[found])
        if self._alias is not None:
            body = self._alias.sub(b"//" + self._pack.host.encode(), body)
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        kind = _TYPES.get(found.rpartition(".")[2].lower(), _HTML)
        if etag == tag:
            return 304, {"ETag": tag}, b""
        return 200, {"Content-Type": kind, "ETag": tag}, body


class ReplayedHandler(BaseDownloadHandler):
    """Has the crawl's site answer. It waits for nothing: no delay is kept to a site of the past."""

    async def download_request(self, request: Request) -> Response:
        site: ReplayedSite = self.crawler.settings[REPLAYED]
        etag = request.headers.get("If-None-Match")
        status, headers, body = site.answer(request.url, etag.decode("latin-1") if etag else None)
        request.meta["download_latency"] = 0.0
        kind = responsetypes.from_args(
            headers={b"Content-Type": headers.get("Content-Type", "").encode()},
            url=request.url,
            body=body,
        )
        return kind(request.url, status=status, headers=headers, body=body, request=request)
