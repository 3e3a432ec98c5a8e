"""Shows how far the crawl is: a bar on a terminal, now and then a line elsewhere."""

import asyncio
import logging
import sys
import time
from collections import deque

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar
from scrapy import signals
from scrapy.crawler import Crawler

from crawler.crawl import Crawl
from crawler.spiders.news import NewsSpider

logger = logging.getLogger(__name__)

_REDRAW = 0.2  # seconds
_LINE = 15.0  # seconds
_WINDOW = 60.0  # seconds over which a rate is told


class Rate:
    """How fast a count has grown lately, and when it will have come to a total."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()

    def add(self, count: int, at: float) -> None:
        """What the count is `at` a time in seconds, later than those before."""
        self._counts.append((at, count))
        while len(self._counts) > 2 and at - self._counts[1][0] >= _WINDOW:
            self._counts.popleft()

    @property
    def per_minute(self) -> float:
        if len(self._counts) < 2:
            return 0.0
        (began, first), (ended, last) = self._counts[0], self._counts[-1]
        return 60 * (last - first) / (ended - began)

    def told(self, total: int) -> str:
        """The rate, and how long it takes to `total` at it; of a crawl, what is known so far."""
        rate = self.per_minute
        left = total - self._counts[-1][1] if self._counts else 0
        if not rate:
            return "0 a minute"
        return f"{rate:.0f} a minute, {_duration(60 * left / rate)} to go"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"


def named(sources: list[str]) -> str:
    """The source that was asked last, and how many there are beside it."""
    if not sources:
        return "no source"
    others = len(sources) - 1
    return sources[-1] + (f" and {others} more" if others else "")


class Progress:
    """Requests answered of those known to be due, how fast, of whom, and what they brought."""

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
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
        )
        rate = Rate()
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("crawling", rate="")
            while True:
                tally, known = crawl.tally, max(crawl.scheduler.known, 1)
                rate.add(tally.requests, time.monotonic())
                bar.update(
                    task,
                    completed=tally.requests,
                    total=known,
                    description=f"{escape(named(crawl.scheduler.sources))}: "
                    f"{tally.articles} articles, {tally.versions} new versions",
                    rate=rate.told(known),
                )
                await asyncio.sleep(_REDRAW)

    async def _lines(self, crawl: Crawl) -> None:
        rate = Rate()
        rate.add(0, time.monotonic())
        while True:
            await asyncio.sleep(_LINE)
            tally, known = crawl.tally, crawl.scheduler.known
            rate.add(tally.requests, time.monotonic())
            logger.info(
                "%s: %d of %d requests (%s), %d articles, %d new versions, %d failures",
                named(crawl.scheduler.sources),
                tally.requests,
                known,
                rate.told(known),
                tally.articles,
                tally.versions,
                tally.failures.total(),
            )
