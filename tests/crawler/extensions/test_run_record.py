import asyncio
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from scrapy.signalmanager import SignalManager
from sqlalchemy import select
from twisted.python.failure import Failure

from crawler.crawl import Crawl
from crawler.extensions import run_record
from crawler.extensions.run_record import RunRecord
from crawler.process import heartbeat
from crawler.spiders.news import NewsSpider
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import ArchiveUnavailable, LeaseLost
from storage.ledger.runs import end_run
from storage.models import Run, RunEnd, Source
from tests.support.crawling import open_crawl, take


@pytest.fixture
def crawl(archive: Archive) -> Iterator[Crawl]:
    with open_crawl(archive, "/2026/11/24/a.html") as crawl:
        yield crawl


@pytest.fixture
def record() -> RunRecord:
    return RunRecord(SimpleNamespace(signals=SignalManager()))  # type: ignore[arg-type]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "HEARTBEAT", timedelta(seconds=0.05))
    monkeypatch.setattr(run_record, "TICK", 0.02)


def test_a_heartbeat_with_the_counts(
    archive: Archive, crawl: Crawl, record: RunRecord, quick: None
) -> None:
    async def run() -> None:
        record.spider_opened(NewsSpider(crawl))
        crawl.tally.requests = 7
        with crawl.heartbeat:
            await asyncio.sleep(1)
        await record.spider_closed(NewsSpider(crawl), "finished")

    with archive.reading() as session:
        before = session.scalars(select(Run.heartbeat_at)).one()
    asyncio.run(run())
    with archive.reading() as session:
        after = session.scalars(select(Run)).one()
    assert after.heartbeat_at > before
    assert after.counts["requests"] == 7
    assert crawl.closed == "finished"
    assert crawl.error is None


def test_a_run_that_was_taken_for_dead_stops(
    archive: Archive, crawl: Crawl, record: RunRecord, quick: None
) -> None:
    async def run() -> None:
        record.spider_opened(NewsSpider(crawl))
        with archive.writing() as session:
            end_run(session, crawl.run_id, RunEnd.LOST, {}, utc_now())
        with crawl.heartbeat:
            await asyncio.sleep(1)
        assert [item async for item in crawl.scheduler] == []

    asyncio.run(run())
    assert isinstance(crawl.error, LeaseLost)


def test_leases_are_given_back_at_the_end(
    archive: Archive, crawl: Crawl, record: RunRecord
) -> None:
    async def run() -> None:
        await take(crawl)
        await record.spider_closed(NewsSpider(crawl), "shutdown")

    asyncio.run(run())
    with archive.reading() as session:
        assert session.scalars(select(Source.lease_run_id)).all() == [None]
    assert crawl.closed == "shutdown"


def test_an_archive_that_is_away_at_the_end_is_told(
    crawl: Crawl, record: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise ArchiveUnavailable("away")

    monkeypatch.setattr(crawl.scheduler, "close", away)
    asyncio.run(record.spider_closed(NewsSpider(crawl), "finished"))
    assert isinstance(crawl.error, ArchiveUnavailable)


def test_a_mistake_in_the_spider_stops_the_run(crawl: Crawl, record: RunRecord) -> None:
    failure = Failure(KeyError("oops"))  # type: ignore[no-untyped-call]
    record.spider_error(failure, NewsSpider(crawl))
    assert isinstance(crawl.error, KeyError)
