"""From a check to a version: capture, extract, version, each durable before the next."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from scrapy.crawler import Crawler

from crawler.reading import NoArticle, Profile
from crawler.relearning import reread
from crawler.spiders.news import NewsSpider
from storage.captures import PendingCapture, StoredCapture, load_capture
from storage.checks import Check, record_checks
from storage.versioning import (
    Captured,
    NeedsBaseline,
    Verdict,
    record_articles,
    record_verdicts,
)

if TYPE_CHECKING:
    from crawler.crawl import Crawl


class ArchivePipeline:
    """Takes checks, and captures that an earlier run left unread, to their end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @property
    def _crawl(self) -> "Crawl":
        spider = self._crawler.spider
        if not isinstance(spider, NewsSpider):
            raise TypeError("the pipeline works for the news spider alone")
        return spider.crawl

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ArchivePipeline":
        return cls(crawler)

    async def process_item(self, item: Check | PendingCapture) -> Check | PendingCapture:
        crawl = self._crawl
        try:
            if isinstance(item, Check):
                await self._capture(item)
            else:
                await self._resume(item)
        except Exception as error:
            crawl.fail(error)
        finally:
            crawl.agenda.settled(item.source_id, item.address_id)
        return item

    async def _capture(self, check: Check) -> None:
        """Make the check durable; read the page if it brought one that is new."""
        crawl = self._crawl
        checked = await asyncio.wrap_future(crawl.writer.submit(record_checks, check))
        crawl.tally.count_check(check, checked)
        if check.retry_at is not None:
            crawl.agenda.pause(check.source_id, check.retry_at)
        if checked.extract and check.body is not None and checked.digest is not None:
            capture = StoredCapture(check.url, checked.digest, dict(check.headers), check.body)
            await self._extract(check, capture)

    async def _resume(self, pending: PendingCapture) -> None:
        """Read what an earlier run captured and did not get to read."""
        capture = await asyncio.wrap_future(
            self._crawl.writer.call(lambda session: load_capture(session, pending.observation_id))
        )
        await self._extract(pending, capture)

    async def _extract(self, item: Check | PendingCapture, capture: StoredCapture) -> None:
        crawl = self._crawl
        profile = await crawl.profile(item.source_id)
        result = await crawl.pool.read(
            capture.body, capture.digest, capture.url, capture.headers, profile
        )
        if isinstance(result, NoArticle):
            verdict = Verdict(
                item.observation_id,
                item.address_id,
                item.observed_at,
                result.outcome,
                result.detail,
            )
            await asyncio.wrap_future(crawl.writer.submit(record_verdicts, verdict))
            crawl.tally.count_verdict(result.outcome)
            return
        page = Captured(
            item.observation_id,
            item.address_id,
            item.observed_at,
            result.reading,
            result.outline,
        )
        await self._version(page, profile)

    async def _version(self, page: Captured, profile: Profile) -> None:
        """Compare with the current version, read by the same extractor and profile."""
        crawl = self._crawl
        recorded = await asyncio.wrap_future(crawl.writer.submit(record_articles, page))
        while isinstance(recorded, NeedsBaseline):
            changed = await reread(
                recorded.version_id, recorded.observation_id, profile, crawl.writer, crawl.pool
            )
            if changed is None:
                page = replace(page, baseline_unreadable=True)
            recorded = await asyncio.wrap_future(crawl.writer.submit(record_articles, page))
        crawl.tally.count_change(recorded.change)
