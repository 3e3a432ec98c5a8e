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
    PutOff,
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

    async def read(self, pending: PendingCapture, profile: Profile) -> Captured | Verdict:
        """What a capture that is in the archive says, read with that profile."""
        capture = await asyncio.wrap_future(
            self._crawl.writer.call(lambda session: load_capture(session, pending.observation_id))
        )
        return await self._read(pending, capture, profile)

    async def record(self, page: Captured | Verdict, profile: Profile) -> PutOff | None:
        """Put on record what the page says, compared with the version that is shown, read by the
        same extractor and with `profile` too; PutOff where it differs and was not judged."""
        crawl = self._crawl
        if isinstance(page, Verdict):
            put_off = await asyncio.wrap_future(crawl.writer.submit(record_verdicts, page))
            if put_off is None:
                crawl.tally.count_verdict(page.outcome)
            return put_off
        recorded = await asyncio.wrap_future(crawl.writer.submit(record_articles, page))
        while isinstance(recorded, NeedsBaseline):
            changed = await crawl.rereader.reread(
                recorded.version_id, recorded.observation_id, profile
            )
            if changed is None:
                page = replace(page, baseline_unreadable=True)
            recorded = await asyncio.wrap_future(crawl.writer.submit(record_articles, page))
        if isinstance(recorded, PutOff):
            return recorded
        crawl.tally.count_change(recorded.change)
        return None

    async def _capture(self, check: Check) -> None:
        crawl = self._crawl
        checked = await asyncio.wrap_future(crawl.writer.submit(record_checks, check))
        crawl.tally.count_check(check, checked)
        crawl.turn(check.source_id).count(check, checked)
        if checked.extract and check.body is not None and checked.digest is not None:
            capture = StoredCapture(check.url, checked.digest, dict(check.headers), check.body)
            profile = await crawl.profile(check.source_id)
            page = await self._read(check, capture, profile)
            await self._take_in(check.source_id, page, profile)

    async def _extract_captured(self, pending: PendingCapture) -> None:
        profile = await self._crawl.profile(pending.source_id)
        await self._take_in(pending.source_id, await self.read(pending, profile), profile)

    async def _take_in(self, source_id: int, page: Captured | Verdict, profile: Profile) -> None:
        """Record the page, or leave it to the end of the source's turn."""
        put_off = await self.record(page, profile)
        if put_off is None:
            return
        turn = self._crawl.turn(source_id)
        turn.put_off(page, put_off)
        if turn.is_full:
            await turn.conclude(last=False)

    async def _read(
        self, item: Check | PendingCapture, capture: StoredCapture, profile: Profile
    ) -> Captured | Verdict:
        result = await self._crawl.pool.read(
            capture.body, capture.digest, capture.url, capture.headers, profile
        )
        if isinstance(result, NoArticle):
            return Verdict(
                item.observation_id,
                item.address_id,
                item.observed_at,
                result.outcome,
                result.detail,
            )
        return Captured(
            item.observation_id,
            item.address_id,
            item.observed_at,
            result.reading,
            result.outline,
        )
