"""Puts checks on record: each answer is durable before anything that can fail is done with it."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Final

from crawler.answers.outcomes import outcome_of_trouble
from storage.database.archive import Archive
from storage.database.errors import ArchiveError
from storage.database.writer import Prepared, Writer
from storage.frontier.checks import Check
from storage.frontier.enqueueing import enqueue
from storage.frontier.sitemaps import within_bounds
from storage.history.checks import Checked, bodies_of_checks, record_checks
from storage.ledger.payloads import Staged
from storage.ledger.staging import staged
from storage.models import AddressKind

MOST_FOUND = 2_000
"""Addresses that are made known in one transaction."""

logger = logging.getLogger(__name__)


async def record_check(writer: Writer, check: Check) -> tuple[Check, Checked]:
    """Put the check on record; where the archive refuses what the answer holds, as a fetch that
    failed. Returns it as it was recorded. Raises ArchiveError, which is no fault of the answer's.
    """
    try:
        check = await _bounded(writer, check)
        return check, await _record(writer, check)
    except ArchiveError:
        raise
    except Exception as error:
        logger.warning("what %s answered can't be recorded", check.url, exc_info=True)
        check = check.reduced(f"refused: {outcome_of_trouble(error).detail}")
        return check, await _record(writer, check)


async def _bounded(writer: Writer, check: Check) -> Check:
    """With no more found than is recorded at once: a sitemap may list 50,000 addresses, of
    which the others are made known before. What is known too soon does no harm."""
    source_id, found = check.source_id, check.found
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


async def _record(writer: Writer, check: Check) -> Checked:
    rows, size = 1 + len(check.found), len(check.body or b"")
    return await asyncio.wrap_future(writer.submit(RECORDING, check, rows=rows, size=size))


def _stage(archive: Archive, checks: Sequence[Check]) -> AbstractContextManager[Staged | None]:
    return staged(archive, lambda session: bodies_of_checks(session, checks))


RECORDING: Final[Prepared[Check, Checked, Staged | None]] = Prepared(_stage, record_checks)
