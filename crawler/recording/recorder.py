"""Reads fetched pages with the templates of their sources, and puts on record what they say."""

import asyncio
import logging

from crawler.answers.outcomes import outcome_of_trouble
from crawler.reading.pool import ReaderPool
from crawler.reading.template_refresh import Rereader, load_templates
from crawler.reading.worker import NoArticle, Read, Templates, input_of
from crawler.recording.tally import Tally
from storage.database.errors import ArchiveError
from storage.database.writer import Writer
from storage.frontier.checks import Check
from storage.history.non_articles import Verdict, record_verdicts
from storage.history.versioning import Captured, Deferred, Recorded, record_articles
from storage.ledger.pages import PendingPage, StoredPage, load_page
from storage.models import Outcome

logger = logging.getLogger(__name__)


class Recorder:
    """Knows with which templates this run reads each source's pages, and counts in `tally` what
    they mean for the archive."""

    def __init__(self, writer: Writer, pool: ReaderPool, tally: Tally) -> None:
        self.writer = writer
        self.tally = tally
        self.rereader = Rereader(writer, pool)
        self._pool = pool
        self._templates: dict[int, Templates] = {}

    async def templates(self, source_id: int) -> Templates:
        """The templates with which this run reads the source's pages."""
        if source_id not in self._templates:
            self._templates[source_id] = await asyncio.wrap_future(
                self.writer.call(lambda session: load_templates(session, source_id))
            )
        return self._templates[source_id]

    def read_on_with(self, source_id: int, templates: Templates) -> None:
        """Read the source's pages with these from now on."""
        self._templates[source_id] = templates

    def forget(self, source_id: int) -> None:
        """The source is not this run's any more, and its templates may become others."""
        self._templates.pop(source_id, None)

    async def read(self, pending: PendingPage) -> Read | NoArticle:
        """What a stored page says."""
        page = await asyncio.wrap_future(
            self.writer.read(lambda session: load_page(session, pending.fetch_id))
        )
        return await self.read_page(pending, page)

    async def read_page(self, item: Check | PendingPage, page: StoredPage) -> Read | NoArticle:
        """What the page that the item is about says."""
        templates = await self.templates(item.source_id)
        return await self._pool.read(input_of(page), templates)

    async def record(self, page: Captured | Verdict) -> Recorded | Deferred | None:
        """Put on record what the page says; Deferred where it differs from what was known and was
        not judged, None where it is no article. Where the archive refuses what it says, the page is
        unreadable. Raises ArchiveError.
        """
        try:
            return await self._record(page)
        except ArchiveError:
            raise
        except Exception as error:
            if isinstance(page, Verdict):
                raise
            logger.warning("a page that was read can't be recorded", exc_info=True)
            why = f"refused: {outcome_of_trouble(error).detail}"
            unreadable = Verdict(
                page.fetch_id,
                page.address_id,
                page.fetched_at,
                Outcome.UNREADABLE,
                why,
                judged=page.judged,
            )
            return await self._record(unreadable)

    async def _record(self, page: Captured | Verdict) -> Recorded | Deferred | None:
        if isinstance(page, Verdict):
            deferred = await asyncio.wrap_future(self.writer.submit(record_verdicts, page))
            if deferred is None:
                self.tally.count_verdict(page.outcome)
            return deferred
        recorded = await asyncio.wrap_future(self.writer.submit(record_articles, page))
        if isinstance(recorded, Recorded):
            self.tally.count_change(recorded.change)
        return recorded


def as_found(item: Check | PendingPage, result: Read | NoArticle) -> Captured | Verdict:
    """What reading a page came to, to be put on record."""
    if isinstance(result, NoArticle):
        return Verdict(
            item.fetch_id, item.address_id, item.fetched_at, result.outcome, result.detail
        )
    return Captured(
        item.fetch_id,
        item.address_id,
        item.fetched_at,
        result.reading,
        result.sample.to_json(),
    )
