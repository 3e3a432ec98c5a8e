"""From a check to a version: capture, extract, version, each durable before the next."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crawler.reading import NoArticle, Profile
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


class Archiver:
    """Takes checks, and captures that an earlier run left unread, to their end.

    Whatever becomes of one, the agenda is told that it is settled; an error stops the crawl.
    """

    def __init__(self, crawl: "Crawl") -> None:
        self._crawl = crawl
        self._resumed: set[asyncio.Task[None]] = set()

    async def archive(self, check: Check) -> None:
        """Put the check on record, and what the page says if it brought one that is new."""
        await self._settle(check, self._capture(check))

    def resume(self, pending: PendingCapture) -> None:
        """Begin to read what an earlier run captured and did not get to read."""
        task = asyncio.get_running_loop().create_task(
            self._settle(pending, self._extract_captured(pending))
        )
        self._resumed.add(task)
        task.add_done_callback(self._resumed.discard)

    async def finish(self) -> None:
        """Wait for what was resumed."""
        await asyncio.gather(*self._resumed)

    async def _settle(self, item: Check | PendingCapture, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            self._crawl.fail(error)
        finally:
            self._crawl.agenda.settled(item.source_id, item.address_id)

    async def _capture(self, check: Check) -> None:
        crawl = self._crawl
        checked = await asyncio.wrap_future(crawl.writer.submit(record_checks, check))
        crawl.tally.count_check(check, checked)
        if checked.extract and check.body is not None and checked.digest is not None:
            capture = StoredCapture(check.url, checked.digest, dict(check.headers), check.body)
            await self._extract(check, capture)

    async def _extract_captured(self, pending: PendingCapture) -> None:
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
            changed = await crawl.rereader.reread(
                recorded.version_id, recorded.observation_id, profile
            )
            if changed is None:
                page = replace(page, baseline_unreadable=True)
            recorded = await asyncio.wrap_future(crawl.writer.submit(record_articles, page))
        crawl.tally.count_change(recorded.change)
