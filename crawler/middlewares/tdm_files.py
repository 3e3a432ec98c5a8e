"""Asks a site for its tdmrep.json before its pages are asked for (TDM Reservation Protocol,
sections 6.2 and 6.4).

Each host and port is asked once a day, beside robots.txt, which is obeyed for it too, and at the
pace of its domain. Whatever it answers, or doesn't, the page is asked for: the file says what may
be done with it, not whether it may be had.
"""

import asyncio
from datetime import datetime
from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from crawler.extraction.metadata.tdm_file import MAX_BYTES
from crawler.fetching.polite_handler import SLOT
from crawler.fetching.politeness import NotSent
from crawler.fetching.robots import FRESH
from crawler.fetching.tdm_files import TdmFiles
from storage.database.clock import utc_now
from storage.frontier.addresses import InvalidURL, normalize
from storage.frontier.domains import registered_domain
from storage.ledger.tdm_files import TdmAnswer, origin_of

PAGE: Final = "permalien_page"
"""In a request's meta: it is for a page, of which the file may say something."""

PATH: Final = "/.well-known/tdmrep.json"

_MOST_REDIRECTS: Final = 5
_FIRST: Final = 1000  # priority: the page waits for it
_MOST_KNOWN: Final = 10_000  # hosts of which it is remembered when they were asked


class TdmFileMiddleware:
    """Shares a spider's `tdm_files`; without, it asks for nothing."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._asked_at: dict[str, datetime] = {}  # by origin
        self._asking: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "TdmFileMiddleware":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises NotSent where the site is not to be asked for anything now."""
        files = getattr(self._crawler.spider, "tdm_files", None)
        if not (request.meta.get(PAGE) and isinstance(files, TdmFiles)):
            return
        origin = origin_of(request.url)
        if _is_fresh(self._asked_at.get(origin)):
            return
        task = self._asking.get(origin)
        if task is None:
            task = asyncio.create_task(self._renew(files, origin, request.meta.get(SLOT)))
            self._asking[origin] = task
            task.add_done_callback(lambda _: self._asking.pop(origin, None))
        await asyncio.shield(task)

    async def _renew(self, files: TdmFiles, origin: str, slot: str | None) -> None:
        asked_at = await files.asked_at(origin)
        if not _is_fresh(asked_at):
            answer = await self._ask(f"{origin}{PATH}", slot)
            await files.keep(origin, answer)
            asked_at = answer.asked_at
        self._asked_at.pop(origin, None)
        if len(self._asked_at) >= _MOST_KNOWN:
            del self._asked_at[next(iter(self._asked_at))]
        self._asked_at[origin] = asked_at or utc_now()

    async def _ask(self, url: str, slot: str | None) -> TdmAnswer:
        """What is at `url`, or at another address of the domain that it leads to."""
        domain = registered_domain(url)
        engine = self._crawler.engine
        if engine is None:
            raise RuntimeError("there is no request before the engine has started")
        for _ in range(_MOST_REDIRECTS + 1):
            meta = {"dont_redirect": True, "handle_httpstatus_all": True, SLOT: slot or domain}
            request = Request(url, priority=_FIRST, meta=meta, callback=NO_CALLBACK)
            try:
                response = await engine.download_async(request)
            except NotSent:
                raise
            except Exception:
                return TdmAnswer(utc_now(), None)
            location = response.headers.get("Location")
            if not (300 <= response.status < 400 and location):
                good = 200 <= response.status < 300 and len(response.body) <= MAX_BYTES
                return TdmAnswer(utc_now(), response.status, response.body if good else None)
            try:
                url = normalize(location.decode("utf-8", "replace"), base=url)
            except InvalidURL:
                break
            if registered_domain(url) != domain:
                break
        return TdmAnswer(utc_now(), response.status)


def _is_fresh(asked_at: datetime | None) -> bool:
    # A clock that was set back must not make an answer last.
    return asked_at is not None and asked_at <= utc_now() < asked_at + FRESH
