"""Lives through a simulated year: crawl after crawl of whatever is due, by a clock that jumps."""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scrapy.utils.reactor import install_reactor
from sqlalchemy import case, func, select
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from crawler.crawl import Crawl
from crawler.reading.pool import ReaderPool
from crawler.running import crawl_in_loop
from storage.database import writer
from storage.database.archive import Archive
from storage.database.clock import hold_clock, utc_now
from storage.database.types import UtcDateTime
from storage.frontier.enrolment import enrol
from storage.models import Article, ArticleState, RunEnd, Source
from tests.simulation.press import Press
from tests.simulation.truth import Year

logger = logging.getLogger(__name__)

REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
LOOK = 0.5  # real seconds between two looks at whether a crawl waits for the clock
TICK = timedelta(seconds=20)  # by which the clock then moves on, and never while it works
TELL = 500  # crawls


class CrawlFailed(Exception):
    """A crawl of the year did not come to its end."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Since the crawl that began at `at`, the archive says that an article is in this state."""

    at: datetime
    article_id: int
    state: ArticleState


@dataclass(slots=True)
class Rehearsal:
    """What happened besides what is in the archive.

    `origins` are the sites', in their order; `requests` what their servers answered, robots.txt
    included, which each crawl asks for.
    """

    origins: list[str]
    crawls: int = 0
    seconds: float = 0.0
    requests: int = 0
    states: list[Shown] = field(default_factory=list)


def rehearse(year: Year, archive: Archive, *, cadence: timedelta, step: timedelta) -> Rehearsal:
    """Crawl the year into the archive, which is up to date and empty.

    `cadence` is the sources'; crawls begin at multiples of `step`. Call it once a process:
    Twisted's reactor can't be started again. Raises CrawlFailed.
    """
    install_reactor(REACTOR)
    writer.LINGER = 0.0  # nobody else is writing
    with Press(year) as press:
        lived = _Life(year, archive, press, step)
        hold_clock(year.begins)
        with archive.writing() as session:
            for stand in press.stands:
                source = enrol(
                    session, f"{stand.origin}/", now=utc_now(), allow_private=True, delay=0
                )
                source.cadence = round(cadence.total_seconds())
        with contextlib.suppress(SystemExit):
            react(lambda _reactor: Deferred.fromFuture(asyncio.ensure_future(lived.live())))
        if lived.error is not None:
            raise lived.error
    return lived.rehearsal


class _Life:
    def __init__(self, year: Year, archive: Archive, press: Press, step: timedelta) -> None:
        self._year = year
        self._archive = archive
        self._press = press
        self._step = step
        self._away: dict[int, ArticleState] = {}
        self.error: Exception | None = CrawlFailed("stopped before the year was over")
        self.rehearsal = Rehearsal([stand.origin for stand in press.stands])

    async def live(self) -> None:
        """Crawl until the year is over; `error` is what came between."""
        began = time.monotonic()
        pool = ReaderPool()
        try:
            while (due_at := self._next_due()) is not None and due_at < self._year.ends:
                hold_clock(self._step_after(max(due_at, utc_now())))
                self._press.keep_time()
                began_at = utc_now()
                await self._crawl(pool)
                self._look(began_at)
            self.error = None
        except Exception as error:
            self.error = error
        finally:
            pool.close()
        self.rehearsal.seconds = time.monotonic() - began
        self.rehearsal.requests = sum(stand.answered.total() for stand in self._press.stands)

    def _step_after(self, moment: datetime) -> datetime:
        begins = self._year.begins
        return begins + -((begins - moment) // self._step) * self._step

    def _next_due(self) -> datetime | None:
        due_at = case(
            (Source.paused_until > Source.next_due_at, Source.paused_until),
            else_=Source.next_due_at,
        )
        with self._archive.reading() as session:
            earliest: datetime | None = session.scalar(
                select(func.min(due_at, type_=UtcDateTime()))
            )
            return earliest

    async def _crawl(self, pool: ReaderPool) -> None:
        crawls: list[Crawl] = []
        crawling = asyncio.ensure_future(crawl_in_loop(self._archive, pool, begun=crawls.append))
        while not crawling.done():
            await asyncio.wait({crawling}, timeout=LOOK)
            if any(crawl.scheduler.idle for crawl in crawls):
                hold_clock(utc_now() + TICK)
        summary = await crawling
        if summary.how is not RunEnd.FINISHED:
            raise CrawlFailed(f"{utc_now()}: {summary.how}") from summary.error
        self.rehearsal.crawls += 1
        if self.rehearsal.crawls % TELL == 0:
            logger.info("%s: %d crawls", utc_now(), self.rehearsal.crawls)

    def _look(self, began_at: datetime) -> None:
        """See what the archive says of its articles now."""
        with self._archive.reading() as session:
            away = dict(
                session.execute(
                    select(Article.id, Article.state).where(Article.state != ArticleState.LIVE)
                )
                .tuples()
                .all()
            )
        for article_id in sorted(self._away.keys() | away.keys()):
            state = away.get(article_id, ArticleState.LIVE)
            if state is not self._away.get(article_id, ArticleState.LIVE):
                self.rehearsal.states.append(Shown(began_at, article_id, state))
        self._away = away
