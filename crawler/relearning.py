"""Reading again: a site's profile is learned anew, and stored pages are read with it.

Adds extractions, and never a version.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

from crawler.extraction import EXTRACTOR_VERSION
from crawler.reader_pool import NotLearned, ReaderPool
from crawler.reading import NO_PROFILE, Profile, Read, input_of
from storage.database.clock import utc_now
from storage.database.writer import Writer
from storage.history.extractions import (
    Reading,
    StaleVersion,
    VersionRange,
    record_rereadings,
    stale_versions,
)
from storage.ledger.pages import load_page
from storage.models import Source
from storage.templates.decisions import decisions_of
from storage.templates.profiles import current_profile, sampled_outlines, save_profile

logger = logging.getLogger(__name__)

MOST_REREAD = 1_000
"""About how many current versions of a source a crawl reads again; the rest when compared."""

_PAGE = 10_000  # stale versions that are asked for at a time: each time all of them are sorted
_TURN = 32  # pages that are read and recorded at a time; their bodies are in memory

Result = TypeVar("Result")


def load_profile(session: Session, source_id: int) -> Profile:
    """The source's profile, NO_PROFILE where none was learned yet."""
    known = current_profile(session, source_id)
    return NO_PROFILE if known is None else Profile(*known)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a profile is learned from: outlines of pages, and an operator's decisions by key."""

    outlines: list[list[str]]
    decisions: dict[str, str]


def _sample(session: Session, source_id: int) -> Sample:
    return Sample(sampled_outlines(session, source_id), decisions_of(session, source_id))


@dataclass(frozen=True, slots=True)
class Reread:
    """A version that was read again; `reading` is None where today's extractor finds no article."""

    version: StaleVersion
    reading: Reading | None


class Rereader:
    """Reads stored captures with today's extractor, in parallel, in bounded memory."""

    def __init__(self, writer: Writer, pool: ReaderPool) -> None:
        self._writer = writer
        self._pool = pool

    async def read(self, fetch_id: int, profile: Profile) -> Reading | None:
        """What the page of that fetch says; None where it holds no article."""
        capture = await self._look(lambda session: load_page(session, fetch_id))
        result = await self._pool.read(input_of(capture), profile)
        return result.reading if isinstance(result, Read) else None

    async def reread(self, version_id: int, fetch_id: int, profile: Profile) -> bool | None:
        """Read a version through another reading; whether its title or text came out another.

        None where today's extractor finds no article: the version's reading stays as it was.
        """
        reading = await self.read(fetch_id, profile)
        return None if reading is None else await self._record(version_id, reading)

    async def sample(self, source_id: int) -> Sample:
        """What the source's profile is learned from now."""
        return await self._look(lambda session: _sample(session, source_id))

    async def new_sample(self, source_id: int) -> Sample | None:
        """The same, None where no page was sampled and no block decided on since it was learned."""
        return await self._ask(
            lambda session: (
                _sample(session, source_id) if session.get_one(Source, source_id).relearn else None
            )
        )

    async def learn(self, sample: Sample) -> Profile:
        """The profile that the sample teaches, not saved. Raises NotLearned."""
        return await self._pool.learn(sample.outlines, sample.decisions)

    async def save(self, source_id: int, profile: Profile, pages: int) -> None:
        """Make this the source's profile."""
        await self._ask(
            lambda session: save_profile(
                session,
                source_id,
                digest=profile.digest,
                profile=profile.json,
                pages=pages,
                now=utc_now(),
            )
        )

    async def rereadings(
        self, source_id: int, profile: Profile, among: VersionRange
    ) -> AsyncIterator[list[Reread]]:
        """Today's readings of the source's stale versions, some at a time, not recorded yet."""
        before: int | None = None
        while versions := await self._stale(source_id, profile, among, before):
            for start in range(0, len(versions), _TURN):
                some = versions[start : start + _TURN]
                readings = await asyncio.gather(
                    *(self.read(version.fetch_id, profile) for version in some)
                )
                yield [Reread(*pair) for pair in zip(some, readings, strict=True)]
            before = versions[-1].version_id

    async def record(self, rereadings: Sequence[Reread]) -> int:
        """Read these versions through these readings from now on; how many say something else."""
        changed = await asyncio.gather(
            *(
                self._record(it.version.version_id, it.reading)
                for it in rereadings
                if it.reading is not None
            )
        )
        return sum(changed)

    async def _record(self, version_id: int, reading: Reading) -> bool:
        return await asyncio.wrap_future(
            self._writer.submit(record_rereadings, (version_id, reading))
        )

    async def _stale(
        self, source_id: int, profile: Profile, among: VersionRange, before: int | None
    ) -> Sequence[StaleVersion]:
        return await self._look(
            lambda session: stale_versions(
                session,
                source_id,
                extractor=EXTRACTOR_VERSION,
                profile=profile.digest,
                among=among,
                before=before,
                limit=_PAGE,
            )
        )

    async def _look(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.read(function))

    async def _ask(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.call(function))


async def relearn(source_id: int, rereader: Rereader) -> Profile | None:
    """Learn a source's profile if pages were sampled since; read its current versions with it.

    Returns the profile, None where it stays as it was.
    """
    sample = await rereader.new_sample(source_id)
    if sample is None:
        return None
    try:
        profile = await rereader.learn(sample)
    except NotLearned as error:
        logger.warning("source %d: its template stays as it was learned: %s", source_id, error)
        return None
    read = changed = 0
    async for some in rereader.rereadings(source_id, profile, VersionRange(current=True)):
        changed += await rereader.record(some)
        read += len(some)
        if read >= MOST_REREAD:
            break
    await rereader.save(source_id, profile, len(sample.outlines))
    if changed:
        logger.info("source %d: %d texts read better with what was learned", source_id, changed)
    return profile
