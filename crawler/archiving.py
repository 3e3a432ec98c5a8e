"""The way of one page through a crawl: its answer is put on record, read, recorded, and kept for
the judgement where it differs. Each step is durable before the next."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from crawler.reading.page_reader import PageReader
from crawler.reading.worker import NoArticle, Read
from crawler.recording.checks import record_check
from crawler.recording.pages import as_found, record_page
from crawler.recording.tally import Tally
from crawler.sessions.browser_need import BrowserNeeds
from crawler.sessions.scheduler import Scheduler
from crawler.sessions.source_sessions import SourceSessions
from storage.database.writer import Writer
from storage.frontier.checks import Check
from storage.ledger.pages import PendingPage, StoredPage


class Archiver:
    """Takes checks, and pages that an earlier run fetched and left unread, to their end.

    Whatever becomes of one, the scheduler is told that it is settled; `fail` is called with an
    error that came of it, which stops the crawl.
    """

    def __init__(
        self,
        writer: Writer,
        reader: PageReader,
        tally: Tally,
        sessions: SourceSessions,
        scheduler: Scheduler,
        browser_needs: BrowserNeeds,
        fail: Callable[[Exception], None],
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._tally = tally
        self._sessions = sessions
        self._scheduler = scheduler
        self._browser_needs = browser_needs
        self._fail = fail
        self._begun: set[asyncio.Task[None]] = set()

    async def archive(self, check: Check) -> None:
        """Put the check on record, and what the page says if it brought one that is new."""
        await self._settle(check, self._archive(check))

    def begin(self, check: Check) -> None:
        """As `archive`, without waiting for it."""
        self._begin(self.archive(check))

    def resume(self, pending: PendingPage) -> None:
        """Begin to read what an earlier run fetched and did not get to read."""
        self._begin(self._settle(pending, self._resume(pending)))

    async def finish(self) -> None:
        """Wait for what was begun."""
        await asyncio.gather(*self._begun)

    # one page

    async def _archive(self, check: Check) -> None:
        check, checked = await record_check(self._writer, check)
        self._tally.count_check(check, checked)
        self._sessions.of(check.source_id).count(check, checked)
        if checked.redacted and checked.extract:
            await self._resume(
                PendingPage(check.address_id, check.source_id, check.fetch_id, check.fetched_at)
            )
        elif checked.extract and check.body is not None and checked.digest is not None:
            page = StoredPage(
                check.url,
                checked.digest,
                check.headers.by_name(),
                check.body,
                check.fetched_at,
                checked.tdm_file,
            )
            result = await self._reader.read(check.source_id, check.fetch_id, page)
            await self._take_in(check, result)
            source = self._scheduler.source(check.source_id)
            await self._browser_needs.take_in(source, check, result)

    async def _resume(self, pending: PendingPage) -> None:
        await self._take_in(pending, await self._reader.read_pending(pending))

    async def _take_in(self, item: Check | PendingPage, result: Read | NoArticle) -> None:
        """Record the page, or leave it to the end of the source's session."""
        recorded = await record_page(self._writer, self._tally, as_found(item, result))
        source_session = self._sessions.of(item.source_id)
        source_session.take_in(item, result, recorded)
        if source_session.is_full:
            await source_session.conclude(last=False)

    # its end

    async def _settle(self, item: Check | PendingPage, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            self._fail(error)
        finally:
            self._scheduler.settled(item.source_id, item.address_id)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
