"""Shows how far the crawl is: a bar on a terminal, now and then a line elsewhere."""

import asyncio
import logging
import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bar
from scrapy import signals
from scrapy.crawler import Crawler

from crawler.crawl import Crawl
from crawler.spiders.news import NewsSpider

logger = logging.getLogger(__name__)

_REDRAW = 0.2  # seconds
_LINE = 15.0  # seconds


class Progress:
    """Requests answered of those known to be due, and what they brought."""

    def __init__(self, crawler: Crawler) -> None:
        self._showing: asyncio.Task[None] | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Progress":
        return cls(crawler)

    def spider_opened(self, spider: NewsSpider) -> None:
        show = self._bar if sys.stderr.isatty() else self._lines
        self._showing = asyncio.get_running_loop().create_task(show(spider.crawl))

    async def spider_closed(self) -> None:
        if self._showing is not None:
            self._showing.cancel()
            await asyncio.gather(self._showing, return_exceptions=True)

    async def _bar(self, crawl: Crawl) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("crawling")
            while True:
                tally = crawl.tally
                bar.update(
                    task,
                    completed=tally.requests,
                    total=max(crawl.scheduler.known, 1),
                    description=f"{tally.articles} articles, {tally.versions} new versions",
                )
                await asyncio.sleep(_REDRAW)

    async def _lines(self, crawl: Crawl) -> None:
        while True:
            await asyncio.sleep(_LINE)
            tally = crawl.tally
            logger.info(
                "%d of %d requests, %d articles, %d new versions, %d failures",
                tally.requests,
                crawl.scheduler.known,
                tally.articles,
                tally.versions,
                tally.failures.total(),
            )
