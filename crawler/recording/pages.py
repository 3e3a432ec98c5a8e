"""Puts on record what pages say, and counts it."""

import asyncio
import logging

from crawler.answers.outcomes import outcome_of_trouble
from crawler.reading.worker import NoArticle, Read
from crawler.recording.tally import Tally
from storage.database.errors import ArchiveError
from storage.database.writer import Writer
from storage.frontier.checks import Check
from storage.history.captured_pages import Captured, Deferred, Recorded
from storage.history.non_articles import NonArticle, record_non_articles
from storage.history.versioning import record_articles
from storage.ledger.pages import PendingPage
from storage.models import Outcome

logger = logging.getLogger(__name__)


async def record_page(
    writer: Writer, tally: Tally, page: Captured | NonArticle
) -> Recorded | Deferred | None:
    """Put on record what the page says; Deferred where it differs from what was known and was not
    judged, None where it is no article. Where the archive refuses what it says, the page is
    unreadable. Raises ArchiveError.
    """
    try:
        return await _record(writer, tally, page)
    except ArchiveError:
        raise
    except Exception as error:
        if isinstance(page, NonArticle):
            raise
        logger.warning("a page that was read can't be recorded", exc_info=True)
        why = f"refused: {outcome_of_trouble(error).detail}"
        unreadable = NonArticle(
            page.fetch_id,
            page.address_id,
            page.fetched_at,
            Outcome.UNREADABLE,
            why,
            judged=page.judged,
        )
        return await _record(writer, tally, unreadable)


async def _record(
    writer: Writer, tally: Tally, page: Captured | NonArticle
) -> Recorded | Deferred | None:
    if isinstance(page, NonArticle):
        deferred = await asyncio.wrap_future(writer.submit(record_non_articles, page))
        if deferred is None:
            tally.count_non_article(page.outcome)
        return deferred
    recorded = await asyncio.wrap_future(writer.submit(record_articles, page))
    if isinstance(recorded, Recorded):
        tally.count_change(recorded.change)
    return recorded


def as_found(item: Check | PendingPage, result: Read | NoArticle) -> Captured | NonArticle:
    """What reading a page came to, to be put on record."""
    if isinstance(result, NoArticle):
        return NonArticle(
            item.fetch_id, item.address_id, item.fetched_at, result.outcome, result.detail
        )
    return Captured(
        item.fetch_id,
        item.address_id,
        item.fetched_at,
        result.reading,
        result.sample.to_json(),
    )
