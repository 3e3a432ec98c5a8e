"""Winding a source up: learn its profile from the sampled pages, and read again what the profile
now reads better. Adds extractions, never a version."""

import asyncio
import logging

from sqlalchemy.orm import Session

from crawler.extraction import EXTRACTOR_VERSION
from crawler.reader_pool import ReaderPool
from crawler.reading import NO_PROFILE, Profile, Read
from storage.captures import load_capture
from storage.extractions import record_rereadings, stale_versions
from storage.models import Source
from storage.profiles import current_profile, sampled_outlines, save_profile
from storage.runs import utc_now
from storage.writer import Writer

logger = logging.getLogger(__name__)

MOST_REREAD = 1_000
"""Current versions of a source that one run reads again; the next runs go on with the rest."""


def load_profile(session: Session, source_id: int) -> Profile:
    """The source's profile, NO_PROFILE where none was learned yet."""
    known = current_profile(session, source_id)
    return NO_PROFILE if known is None else Profile(*known)


async def reread(
    version_id: int, observation_id: int, profile: Profile, writer: Writer, pool: ReaderPool
) -> bool | None:
    """Read a version's capture again, with this profile; whether title or text came out another.

    None where today's extractor finds no article in it: the version's reading stays as it was.
    """
    capture = await asyncio.wrap_future(
        writer.call(lambda session: load_capture(session, observation_id))
    )
    result = await pool.read(capture.body, capture.digest, capture.url, capture.headers, profile)
    if not isinstance(result, Read):
        return None
    return await asyncio.wrap_future(writer.submit(record_rereadings, (version_id, result.reading)))


async def relearn(source: Source, writer: Writer, pool: ReaderPool) -> None:
    """Bring the source's profile and its current versions' readings up to date."""

    def outlines_to_learn(session: Session) -> list[list[str]]:
        fresh = session.get_one(Source, source.id)
        return sampled_outlines(session, source.id) if fresh.relearn else []

    outlines = await asyncio.wrap_future(writer.call(outlines_to_learn))
    if not outlines:
        return
    profile = await pool.learn(outlines)
    stale = await asyncio.wrap_future(
        writer.call(
            lambda session: stale_versions(
                session,
                source.id,
                extractor=EXTRACTOR_VERSION,
                profile=profile.digest,
                limit=MOST_REREAD,
            )
        )
    )
    turns = asyncio.Semaphore(2 * pool.workers)

    async def one(version_id: int, observation_id: int) -> bool | None:
        async with turns:
            return await reread(version_id, observation_id, profile, writer, pool)

    changed = sum(map(bool, await asyncio.gather(*(one(*version) for version in stale))))
    await asyncio.wrap_future(
        writer.call(
            lambda session: save_profile(
                session,
                source.id,
                digest=profile.digest,
                profile=profile.json,
                pages=len(outlines),
                now=utc_now(),
            )
        )
    )
    if changed:
        logger.info("%s: %d texts read better with what was learned", source.name, changed)
