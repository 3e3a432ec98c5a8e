"""From a check to a version: capture, extract, version, each durable before the next."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

from crawler.answers.outcomes import outcome_of_trouble
from crawler.reading.worker import NoArticle, Read
from crawler.recording.recorder import Recorder, as_found
from crawler.sessions.scheduler import Scheduler
from crawler.sessions.source_sessions import SourceSessions
from storage.database.errors import ArchiveError
from storage.frontier.checks import Check
from storage.frontier.due import enqueue
from storage.frontier.sitemaps import within_bounds
from storage.history.checks import Checked, record_checks
from storage.ledger.pages import PendingPage, StoredPage
from storage.models import AddressKind

MOST_FOUND = 2_000
"""Addresses that are made known in one transaction."""

logger = logging.getLogger(__name__)


class Archiver:
    """Takes checks, and captures that an earlier run left unread, to their end.

    Whatever becomes of one, the scheduler is told that it is settled; `fail` is called with an
    error that came of it, which stops the crawl.
    """

    def __init__(
        self,
        recorder: Recorder,
        sessions: SourceSessions,
        scheduler: Scheduler,
        fail: Callable[[Exception], None],
    ) -> None:
        self._recorder = recorder
        self._sessions = sessions
        self._scheduler = scheduler
        self._fail = fail
        self._begun: set[asyncio.Task[None]] = set()

    async def archive(self, check: Check) -> None:
        """Put the check on record, and what the page says if it brought one that is new."""
        await self._settle(check, self._capture(check))

    def begin(self, check: Check) -> None:
        """As `archive`, without waiting for it."""
        self._begin(self.archive(check))

    def resume(self, pending: PendingPage) -> None:
        """Begin to read what an earlier run captured and did not get to read."""
        self._begin(self._settle(pending, self._extract_captured(pending)))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)

    async def finish(self) -> None:
        """Wait for what was begun."""
        await asyncio.gather(*self._begun)

    async def _settle(self, item: Check | PendingPage, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            self._fail(error)
        finally:
            self._scheduler.settled(item.source_id, item.address_id)

    async def _capture(self, check: Check) -> None:
        recorder = self._recorder
        check, checked = await self._on_record(check)
        recorder.tally.count_check(check, checked)
        self._sessions.of(check.source_id).count(check, checked)
        if checked.extract and check.body is not None and checked.digest is not None:
            capture = StoredPage(
                check.url, checked.digest, check.headers.by_name(), check.body, check.fetched_at
            )
            await self._take_in(check, await recorder.read_page(check, capture))

    async def _on_record(self, check: Check) -> tuple[Check, Checked]:
        """Put the check on record; where the archive refuses what the answer holds, as a fetch
        that failed. Raises ArchiveError, which is no fault of the answer's."""
        try:
            check = await self._bounded(check)
            return check, await self._record(check)
        except ArchiveError:
            raise
        except Exception as error:
            logger.warning("what %s answered can't be recorded", check.url, exc_info=True)
            check = check.reduced(f"refused: {outcome_of_trouble(error).detail}")
            return check, await self._record(check)

    async def _bounded(self, check: Check) -> Check:
        """With no more found than is recorded at once: a sitemap may list 50,000 addresses, of
        which the others are made known before. What is known too soon does no harm."""
        writer, source_id, found = self._recorder.writer, check.source_id, check.found
        if any(item.kind is AddressKind.SITEMAP for item in found):
            found, surplus = await asyncio.wrap_future(
                writer.call(lambda session: within_bounds(session, source_id, check.found))
            )
            if surplus:
                told = f"{check.detail}; left out {surplus:,} sitemaps, for there are many"
                check = replace(check, detail=told)
        known = check.known.copy()
        while len(found) > MOST_FOUND:
            piece, found = found[:MOST_FOUND], found[MOST_FOUND:]
            known += await asyncio.wrap_future(
                writer.call(partial(enqueue, found=piece, now=check.fetched_at), rows=len(piece))
            )
        return replace(check, found=found, known=known)

    async def _record(self, check: Check) -> Checked:
        rows, size = 1 + len(check.found), len(check.body or b"")
        return await asyncio.wrap_future(
            self._recorder.writer.submit(record_checks, check, rows=rows, size=size)
        )

    async def _extract_captured(self, pending: PendingPage) -> None:
        await self._take_in(pending, await self._recorder.read(pending))

    async def _take_in(self, item: Check | PendingPage, result: Read | NoArticle) -> None:
        """Record the page, or leave it to the end of the source's session."""
        recorded = await self._recorder.record(as_found(item, result))
        source_session = self._sessions.of(item.source_id)
        source_session.take_in(item, result, recorded)
        if source_session.is_full:
            await source_session.conclude(last=False)
