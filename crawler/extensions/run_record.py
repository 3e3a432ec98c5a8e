"""Keeps the run's record alive, and tells it how the run was stopped."""

import asyncio

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawler.crawl import Crawl
from crawler.spiders.news import NewsSpider
from storage.database.errors import ArchiveError

TICK = 0.5  # seconds


class RunRecord:
    """Shows the heartbeat that the spider moves; a run that lost its leases stops."""

    def __init__(self, crawler: Crawler) -> None:
        self._ticking: asyncio.Task[None] | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)
        crawler.signals.connect(self.spider_error, signals.spider_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunRecord":
        return cls(crawler)

    def spider_opened(self, spider: NewsSpider) -> None:
        self._ticking = asyncio.get_running_loop().create_task(self._tick(spider.crawl))

    async def spider_closed(self, spider: NewsSpider, reason: str) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        spider.crawl.closed = reason
        try:
            await spider.crawl.scheduler.close()
        except ArchiveError as error:
            spider.crawl.fail(error)

    def spider_error(self, failure: Failure, spider: NewsSpider) -> None:
        """A mistake of ours, after which an item may never be settled: better to stop than wait."""
        error = failure.value
        spider.crawl.fail(error if isinstance(error, Exception) else RuntimeError(repr(error)))

    async def _tick(self, crawl: Crawl) -> None:
        while crawl.heartbeat.lost is None:
            crawl.heartbeat.tick(crawl.tally.as_document())
            await asyncio.sleep(TICK)
        crawl.fail(crawl.heartbeat.lost)
