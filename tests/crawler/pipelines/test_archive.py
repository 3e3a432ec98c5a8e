"""The pipeline in a crawl: tests/end_to_end. What it calls: tests/crawler/test_archiving.py."""

import asyncio
from types import SimpleNamespace

import pytest
from scrapy import Spider

from crawler.answers.observing import Moment, observe_response
from crawler.pipelines.archive import ArchivePipeline
from crawler.spiders.news import NewsSpider
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.models import Outcome
from tests.support.crawling import answer, open_crawl, take
from tests.support.ledger import ledger

PATH = "/2026/11/24/gone.html"


def test_an_item_is_done_with_once_it_is_on_record(sqlite_archive: Archive) -> None:
    with open_crawl(sqlite_archive, PATH) as crawl:
        pipeline = ArchivePipeline(SimpleNamespace(spider=NewsSpider(crawl)))  # type: ignore[arg-type]

        async def run() -> None:
            due = await take(crawl)
            moment = Moment(crawl.ids.next(), crawl.run_id, utc_now())
            source = crawl.scheduler.source(due.source_id)
            check = observe_response(due, moment, source, answer(due, "Gone", status=410))
            assert await pipeline.process_item(check) is check
            assert [it.outcome for it in ledger(sqlite_archive)[PATH]] == [Outcome.GONE]
            await pipeline.close_spider()

        asyncio.run(run())


def test_it_works_for_the_news_spider_alone() -> None:
    pipeline = ArchivePipeline(SimpleNamespace(spider=Spider("other")))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        asyncio.run(pipeline.close_spider())
