"""Sends each request when it is its turn (crawler.fetching.politeness)."""

from typing import cast

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.base import ReactorBase
from twisted.internet.error import DNSLookupError

from crawler.fetching.politeness import Politeness
from crawler.fetching.retry_after import asked_to_wait
from storage.database.clock import utc_now

SLOT = "download_slot"
"""In a request's meta: the name of its pace, which is that of Scrapy's slot too."""


class PoliteHandler(HTTP11DownloadHandler):
    """HTTP/1.1 as Scrapy does it, at the pace of the spider's `politeness`, if it has one."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._its_crawler = crawler

    async def download_request(self, request: Request) -> Response:
        politeness = getattr(self._its_crawler.spider, "politeness", None)
        if not isinstance(politeness, Politeness):
            return await super().download_request(request)
        address = await _address(request)
        async with politeness.turn(request.meta[SLOT], address, stopped=self._is_stopped) as pace:
            response = await super().download_request(request)
            pace.took(request.meta.get("download_latency", 0.0), response.status)
            # Before another of the domain has its turn.
            if (until := asked_to_wait(response, utc_now())) is not None:
                politeness.leave_alone(request.meta[SLOT], until)
            return response

    def _is_stopped(self) -> bool:
        return not self._its_crawler.crawling


async def _address(request: Request) -> str | None:
    """The address that the host's name resolves to; None where a proxy resolves it, or nobody
    can, which the request itself will find."""
    from twisted.internet import reactor as installed  # which must be done first

    reactor = cast(ReactorBase, installed)
    host = urlparse_cached(request).hostname
    if not host or request.meta.get("proxy"):
        return None
    if ":" in host:
        return host
    try:
        return await maybe_deferred_to_future(reactor.resolve(host))
    except (DNSLookupError, OSError):
        return None
