"""Keeps the run's record alive, and tells it how the run was stopped."""

import asyncio
from functools import partial
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from sqlalchemy.orm import Session
from twisted.python.failure import Failure

from crawler.crawl import Crawl
from crawler.spiders.news import NewsSpider
from storage.database.clock import system_now
from storage.database.errors import ArchiveError
from storage.ledger.runs import HEARTBEAT, beat


class RunRecord:
    """A heartbeat while the spider is open; a run that lost its leases stops."""

    def __init__(self, crawler: Crawler) -> None:
        self._beating: asyncio.Task[None] | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)
        crawler.signals.connect(self.spider_error, signals.spider_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunRecord":
        return cls(crawler)

    def spider_opened(self, spider: NewsSpider) -> None:
        self._beating = asyncio.get_running_loop().create_task(self._beat(spider.crawl))

    async def spider_closed(self, spider: NewsSpider, reason: str) -> None:
        if self._beating is not None:
            self._beating.cancel()
        spider.crawl.closed = reason
        try:
            await spider.crawl.scheduler.close()
        except ArchiveError as error:
            spider.crawl.fail(error)

    def spider_error(self, failure: Failure, spider: NewsSpider) -> None:
        """A mistake of ours, after which an item may never be settled: better to stop than wait."""
        error = failure.value
        spider.crawl.fail(error if isinstance(error, Exception) else RuntimeError(repr(error)))

    async def _beat(self, crawl: Crawl) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT.total_seconds())
            counts = crawl.tally.as_document()
            try:
                await asyncio.wrap_future(
                    crawl.writer.call(partial(_beat, run_id=crawl.run_id, counts=counts))
                )
            except Exception as error:
                crawl.fail(error)
                return


def _beat(session: Session, *, run_id: int, counts: dict[str, Any]) -> None:
    beat(session, run_id, counts, system_now())
