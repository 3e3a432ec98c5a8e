"""The one spider: a source is data, so no site has a spider of its own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import nullcontext
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.answers.observing import (
    Moment,
    observe_failure,
    observe_response,
    observe_trouble,
)
from crawler.answers.outcomes import outcome_of_failure, outcome_of_trouble
from crawler.crawl import Crawl
from crawler.discovery.sitemaps import MAX_BYTES
from crawler.fetching.polite_handler import SLOT
from crawler.fetching.politeness import NotSent
from crawler.fetching.robots import RobotsAnswer, RobotsCopies
from crawler.fetching.tdm_files import TdmFiles
from crawler.middlewares.rendering import RENDER
from crawler.middlewares.robots import LOOK
from crawler.middlewares.tdm_files import PAGE
from storage.database.clock import system_now, utc_now
from storage.frontier.checks import Check
from storage.frontier.due import Due
from storage.models import AddressKind, Source

LARGE = 2**20  # bytes of a sitemap
MOST_LARGE = 2  # of which are taken in at a time

logger = logging.getLogger(__name__)


class NewsSpider(Spider):
    """Asks for what the scheduler gives out, and makes a check of whatever comes back."""

    name = "news"

    def __init__(
        self, crawl: Crawl, *, robots: Iterable[RobotsAnswer] = (), **settings: Any
    ) -> None:
        super().__init__(**settings)
        self.crawl = crawl
        self.politeness = crawl.politeness
        self._large = asyncio.Semaphore(MOST_LARGE)
        self.robots_copies = RobotsCopies(crawl.writer)
        self.tdm_files = TdmFiles(crawl.writer)
        self.robots_handed = {answer.url: answer for answer in robots}

    async def start(self) -> AsyncIterator[Request]:
        try:
            async for item in self.crawl.scheduler:
                if isinstance(item, Due):
                    request = self._prepared(item)
                    if request is not None:
                        yield request
                else:
                    # No item of Scrapy's: it does not see the last one from here end when it
                    # shuts down, and waits forever.
                    self.crawl.archiver.resume(item)
        except Exception as error:
            self.crawl.fail(error)

    async def answered(self, response: Response, due: Due) -> AsyncIterator[Check]:
        scheduler, moment = self.crawl.scheduler, self._moment()
        source = scheduler.source(due.source_id)
        try:
            self._leave_alone(due)
            # What lists pages is taken in before the source is asked for more.
            over = due.kind is AddressKind.PAGE
            scheduler.answered(due.source_id, due.address_id, unanswered=False, over=over)
            if not over:
                # A sitemap may list 50,000 addresses: not in the event loop, and few at a time,
                # each until it is on record, which it is when this goes on.
                async with self._large if len(response.body) > LARGE else nullcontext():
                    yield await asyncio.to_thread(observe_response, due, moment, source, response)
                return
            check = observe_response(due, moment, source, response)
        except Exception as error:
            logger.warning("what %s answered can't be read", due.url, exc_info=True)
            check = observe_trouble(due, moment, outcome_of_trouble(error), response)
        yield check

    def failed(self, failure: Failure) -> Check | None:
        request: Request = failure.request  # type: ignore[attr-defined]
        due: Due = request.cb_kwargs["due"]
        self._leave_alone(due)
        if isinstance(failure.value, NotSent):
            self.crawl.scheduler.settled(due.source_id, due.address_id)
            return None
        why = outcome_of_failure(failure.value or RuntimeError("unknown"))
        self.crawl.scheduler.answered(due.source_id, due.address_id, unanswered=why.host)
        return observe_failure(due, self._moment(), why, request)

    def _leave_alone(self, due: Due) -> None:
        """Ask nothing of the domain before the time it named, for this page or for robots.txt."""
        scheduler = self.crawl.scheduler
        until = self.politeness.left_alone(scheduler.source(due.source_id).domain)
        if until is not None:
            scheduler.leave_alone(due.source_id, until)

    def _prepared(self, due: Due) -> Request | None:
        """None where there can be no such request, which is put on record."""
        try:
            return self._request(due)
        except Exception as error:
            check = observe_failure(due, self._moment(), outcome_of_trouble(error))
            self.crawl.archiver.begin(check)
            return None

    def _request(self, due: Due) -> Request:
        source = self.crawl.scheduler.source(due.source_id)
        headers = {}
        # What a browser shows may be another thing though the page's own bytes are the same.
        shown = self.crawl.browser_needs.shows(source, due)
        if due.etag and not shown:
            headers["If-None-Match"] = due.etag.encode("latin-1", "replace")
        if due.last_modified and not shown:
            headers["If-Modified-Since"] = due.last_modified.encode("latin-1", "replace")
        meta: dict[str, Any] = {
            "handle_httpstatus_all": True,
            "dont_redirect": True,
            SLOT: self._slot(source),
            RENDER: shown,
        }
        if due.kind is AddressKind.SITEMAP:
            meta["download_maxsize"] = MAX_BYTES
        if due.kind is AddressKind.ROBOTS:
            meta[LOOK] = True
        if due.kind is AddressKind.PAGE:
            meta[PAGE] = True
        return Request(
            due.url,
            callback=self.answered,
            errback=self.failed,
            headers=headers,
            meta=meta,
            cb_kwargs={"due": due},
            dont_filter=True,
        )

    def _slot(self, source: Source) -> str:
        since = source.quiet_since
        idle = None if since is None else max(0.0, (system_now() - since).total_seconds())
        return self.politeness.slot(source.domain, source.name, source.delay, idle=idle)

    def _moment(self) -> Moment:
        return Moment(self.crawl.ids.next(), self.crawl.run_id, utc_now())
