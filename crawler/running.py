"""One crawl from beginning to end: its run record, its parts, and Scrapy around them."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from crawler import settings as module
from crawler.crawl import Crawl
from crawler.fetching.robots import RobotsAnswer
from crawler.middlewares.private_addresses import PRIVATE_HOSTS
from crawler.process.log import show_log
from crawler.process.stopping import INTERRUPTED, Deadline, StoppingProcess
from crawler.reading.pool import ReaderPool
from crawler.recording.tally import Tally
from crawler.sessions.scope import Scope
from crawler.spiders.news import NewsSpider
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.dialects import database_now
from storage.frontier.sources import source_name
from storage.ledger.partitions import ensure_partitions
from storage.ledger.runs import end_run, start_run
from storage.models import RunEnd, Source


@dataclass(frozen=True, slots=True)
class Summary:
    """What a crawl came to. `error` is what stopped it, if something did; `cut` are the names of
    sources of which its scope left something out."""

    run_id: int
    how: RunEnd
    tally: Tally
    seconds: float
    error: Exception | None
    cut: frozenset[str] = frozenset()


def run_crawl(
    archive: Archive,
    *,
    scope: Scope | None = None,
    request: dict[str, Any] | None = None,
    tell: Callable[[Summary], int] | None = None,
    robots: Iterable[RobotsAnswer] = (),
) -> Summary:
    """Crawl what is due, of everything unless `scope` says what of it.

    Told to stop by SIGINT or SIGTERM, it ends within seconds (crawler.process.stopping): where it
    does not come to an end by itself, `tell` is called with the summary for the exit code, and the
    process ends.

    Call it once a process: Twisted's reactor can't be started again. `request` is what the run's
    record keeps of how it was asked for; `robots` are answers that were had a moment ago, and are
    not asked for again. Raises ArchiveError when the archive is not there.
    """
    began = time.monotonic()
    pool = ReaderPool(module.READERS)
    try:
        with _begun(archive, pool, scope=scope or Scope(), request=request) as (crawl, settings):
            show_log()
            deadline = Deadline(partial(_last_words, archive, crawl, began, tell))
            process = StoppingProcess(settings, deadline)
            process.crawl(NewsSpider, crawl=crawl, robots=robots)
            process.start()
            summary = _ended(crawl, began)
    finally:
        pool.close()
    deadline.lift()
    return summary


async def crawl_in_loop(
    archive: Archive,
    pool: ReaderPool,
    *,
    begun: Callable[[Crawl], None],
    request: dict[str, Any] | None = None,
    changed: Mapping[str, Any] | None = None,
) -> Summary:
    """As `run_crawl`, of all that is due, in a reactor that is running and may run more crawls.
    `begun` is given the crawl before it asks for anything; `changed` are settings of Scrapy's that
    are others for it."""
    began = time.monotonic()
    with _begun(archive, pool, scope=Scope(), request=request) as (crawl, settings):
        settings.setdict(changed or {})
        begun(crawl)
        await AsyncCrawlerRunner(settings).crawl(NewsSpider, crawl=crawl)
        return _ended(crawl, began)


@contextmanager
def _begun(
    archive: Archive,
    pool: ReaderPool,
    *,
    scope: Scope,
    request: dict[str, Any] | None,
) -> Iterator[tuple[Crawl, Settings]]:
    """A run that is on record, and Scrapy's settings for it."""
    settings = Settings()
    settings.setmodule(module)
    with archive.writing() as session:
        now = utc_now()
        ensure_partitions(session, now)
        settings.set(PRIVATE_HOSTS, _private_hosts(session))
        run_id = start_run(
            session,
            software=f"permalien {module.VERSION}",
            settings=request or {},
            now=now,
            beat_at=database_now(session),
        )
    crawl = Crawl(archive, run_id, pool=pool, scope=scope)
    with crawl.heartbeat:
        try:
            yield crawl, settings
        finally:
            crawl.writer.close()


def _ended(crawl: Crawl, began: float) -> Summary:
    """Put on record how the run ended."""
    how = _how(crawl)
    _end(crawl, how)
    return _summary(crawl, how, began)


def _last_words(
    archive: Archive, crawl: Crawl, began: float, tell: Callable[[Summary], int] | None
) -> int:
    """As `_ended`, of a crawl whose writer may be busy for long; the exit code."""
    how = RunEnd.INTERRUPTED
    with Archive(archive.url.render_as_string(hide_password=False)).writing() as session:
        end_run(session, crawl.run_id, how, crawl.heartbeat.counts, utc_now())
    return tell(_summary(crawl, how, began)) if tell else INTERRUPTED


def _summary(crawl: Crawl, how: RunEnd, began: float) -> Summary:
    cut = frozenset(crawl.scheduler.cut)
    return Summary(crawl.run_id, how, crawl.tally, time.monotonic() - began, crawl.error, cut)


def _how(crawl: Crawl) -> RunEnd:
    if crawl.error is not None:
        return RunEnd.FAILED
    return RunEnd.FINISHED if crawl.closed == "finished" else RunEnd.INTERRUPTED


def _end(crawl: Crawl, how: RunEnd) -> None:
    counts = crawl.tally.as_document()
    if crawl.error is not None:
        counts["error"] = str(crawl.error)
    ending = crawl.writer.call(
        lambda session: end_run(session, crawl.run_id, how, counts, utc_now())
    )
    try:
        ending.result()
    except Exception as error:
        crawl.error = crawl.error or error


def _private_hosts(session: Session) -> list[str]:
    allowed = session.scalars(
        select(Source).options(selectinload(Source.hosts)).where(Source.allow_private)
    )
    return [
        name
        for source in allowed
        for name in (source_name(source.url), *(host.name for host in source.hosts))
    ]
