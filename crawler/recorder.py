"""Reads captures with the profiles of their sources, and puts on record what they say."""

import asyncio
import logging
from dataclasses import replace

from crawler.outcomes import outcome_of_trouble
from crawler.reader_pool import ReaderPool
from crawler.reading import NoArticle, Profile, input_of
from crawler.relearning import Rereader, load_profile, relearn
from crawler.tally import Tally
from storage.database.errors import ArchiveError
from storage.database.writer import Writer
from storage.frontier.checks import Check
from storage.history.non_articles import Verdict, record_verdicts
from storage.history.versioning import Captured, Deferred, NeedsBaseline, record_articles
from storage.ledger.pages import PendingPage, StoredPage, load_page
from storage.models import Outcome

logger = logging.getLogger(__name__)


class Recorder:
    """Knows with which site profile this run reads each source's pages, and counts in `tally`
    what they mean for the archive."""

    def __init__(self, writer: Writer, pool: ReaderPool, tally: Tally) -> None:
        self.writer = writer
        self.tally = tally
        self._pool = pool
        self._rereader = Rereader(writer, pool)
        self._profiles: dict[int, Profile] = {}

    async def profile(self, source_id: int) -> Profile:
        """The site profile with which this run reads the source's pages."""
        if source_id not in self._profiles:
            self._profiles[source_id] = await asyncio.wrap_future(
                self.writer.call(lambda session: load_profile(session, source_id))
            )
        return self._profiles[source_id]

    async def relearn(self, source_id: int) -> None:
        """Learn the source's profile if pages were sampled since; this run reads on with it."""
        learned = await relearn(source_id, self._rereader)
        if learned is not None:
            self._profiles[source_id] = learned

    def forget(self, source_id: int) -> None:
        """The source is not this run's any more, and its profile may become another."""
        self._profiles.pop(source_id, None)

    async def read(self, pending: PendingPage, profile: Profile) -> Captured | Verdict:
        """What a capture that is in the archive says, read with that profile."""
        capture = await asyncio.wrap_future(
            self.writer.read(lambda session: load_page(session, pending.fetch_id))
        )
        return await self.read_capture(pending, capture, profile)

    async def read_capture(
        self, item: Check | PendingPage, capture: StoredPage, profile: Profile
    ) -> Captured | Verdict:
        """What the capture that the item is about says, read with that profile."""
        result = await self._pool.read(input_of(capture), profile)
        if isinstance(result, NoArticle):
            return Verdict(
                item.fetch_id,
                item.address_id,
                item.fetched_at,
                result.outcome,
                result.detail,
            )
        return Captured(
            item.fetch_id,
            item.address_id,
            item.fetched_at,
            result.reading,
            result.outline,
        )

    async def record(self, page: Captured | Verdict, profile: Profile) -> Deferred | None:
        """Put on record what the page says, compared with the version that is shown, read by the
        same extractor and with `profile` too; Deferred where it differs and was not judged.

        Where the archive refuses what it says, the page is unreadable. Raises ArchiveError.
        """
        try:
            return await self._record(page, profile)
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
            return await self._record(unreadable, profile)

    async def _record(self, page: Captured | Verdict, profile: Profile) -> Deferred | None:
        if isinstance(page, Verdict):
            deferred = await asyncio.wrap_future(self.writer.submit(record_verdicts, page))
            if deferred is None:
                self.tally.count_verdict(page.outcome)
            return deferred
        recorded = await asyncio.wrap_future(self.writer.submit(record_articles, page))
        while isinstance(recorded, NeedsBaseline):
            changed = await self._rereader.reread(recorded.version_id, recorded.fetch_id, profile)
            if changed is None:
                page = replace(page, baseline_unreadable=True)
            recorded = await asyncio.wrap_future(self.writer.submit(record_articles, page))
        if isinstance(recorded, Deferred):
            return recorded
        self.tally.count_change(recorded.change)
        return None
