"""One run of a re-extraction: on record as a run of its own kind, with a heartbeat, and taken up
where an earlier one left it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from crawler import settings
from crawler.extraction import EXTRACTOR_VERSION
from crawler.process.heartbeat import Heartbeat
from crawler.process.interrupting import interruptible
from crawler.reading.errors import NoDask
from crawler.reading.own_extractor import OwnExtractor
from crawler.reading.own_function import name_of
from crawler.reading.pool import ReaderPool
from crawler.reading.reextraction import Extractor, Reextraction, Wanted
from crawler.reading.template_refresh import Rereader
from crawler.reading.todays_extractor import TodaysExtractor
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.dialects import database_now
from storage.database.writer import Writer
from storage.history.reading_changes import ReadingChange
from storage.history.readings import count_versions
from storage.history.reextractions import Progress, begin
from storage.ledger.runs import bury_dead_runs, end_run, start_run
from storage.models import RunEnd

if TYPE_CHECKING:
    from crawler.reading.dask_readers import DaskReaders

Told = Callable[[Progress, Sequence[ReadingChange]], None]


@dataclass(frozen=True, slots=True)
class Reextracted:
    """How a run of a re-extraction ended: its number, and how far that has come. `error` is what
    stopped it, if something did."""

    id: int
    run_id: int
    how: RunEnd
    progress: Progress
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class By:
    """Who reads: today's extractor, or the function of one's `own` at module:function; on this
    machine's cores, or on the `dask` cluster whose scheduler is at that address."""

    own: str | None = None
    dask: str | None = None

    @property
    def name(self) -> str:
        """What the readings are kept under. Raises BadExtractor."""
        return EXTRACTOR_VERSION if self.own is None else name_of(self.own)


HERE: Final = By()


def reextract(
    archive: Archive, wanted: Wanted, *, asked: dict[str, Any], told: Told, by: By = HERE
) -> Reextracted:
    """Read the versions that are wanted again, from where the re-extraction that was `asked` for so
    was left. Adds readings, never a version. Ended by Ctrl-C or SIGTERM it says so.

    Raises ArchiveError, Refused while another run is at the same, and BadExtractor.
    """
    name = by.name
    with archive.writing() as session:
        now = utc_now()
        bury_dead_runs(session, database_now(session), ended_at=now)
        run_id = start_run(
            session,
            software=f"permalien {settings.VERSION}",
            settings={"command": "reextract", **asked},
            now=now,
            beat_at=database_now(session),
        )
        total = count_versions(session, wanted.source_ids, wanted.among)
        number, progress = begin(session, run_id, extractor=name, asked=asked, total=total)
    error: Exception | None = None
    how = RunEnd.FINISHED
    with Heartbeat(archive, run_id) as heartbeat:

        def tell(now: Progress, changes: Sequence[ReadingChange]) -> None:
            nonlocal progress
            progress = now
            heartbeat.tick(_counts(number, now))
            if heartbeat.lost is not None:
                raise heartbeat.lost
            told(now, changes)

        told(progress, [])
        try:
            asyncio.run(_work(archive, wanted, progress, number, tell, by))
        except (KeyboardInterrupt, asyncio.CancelledError):
            how = RunEnd.INTERRUPTED
        except Exception as caught:
            how, error = RunEnd.FAILED, caught
    with archive.writing() as session:
        why = {} if error is None else {"error": f"{type(error).__name__}: {error}"[:300]}
        end_run(session, run_id, how, _counts(number, progress) | why, utc_now())
    return Reextracted(number, run_id, how, progress, error)


def preview(archive: Archive, wanted: Wanted, *, told: Told, by: By = HERE) -> Progress:
    """What `reextract` would do; writes nothing. Raises ArchiveError, NotLearned where a site's
    template can't be learned, BadExtractor, and KeyboardInterrupt."""
    with archive.reading() as session:
        progress = Progress(count_versions(session, wanted.source_ids, wanted.among))

    def tell(now: Progress, changes: Sequence[ReadingChange]) -> None:
        nonlocal progress
        progress = now
        told(now, changes)

    told(progress, [])
    try:
        asyncio.run(_work(archive, wanted, progress, None, tell, by))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    return progress


async def _work(
    archive: Archive,
    wanted: Wanted,
    progress: Progress,
    number: int | None,
    told: Told,
    by: By,
) -> None:
    writer, pool = Writer(archive), ReaderPool(settings.READERS)

    async def work() -> None:
        async with _readers(pool, by.dask) as readers:
            extractor: Extractor
            if by.own is None:
                extractor = TodaysExtractor(writer, Rereader(writer, pool), readers)
            else:
                extractor = OwnExtractor(by.own, readers)
            await Reextraction(
                writer, extractor, readers.workers, wanted, progress, id=number, told=told
            ).run()

    try:
        await interruptible(work())
    finally:
        pool.close()
        writer.close()


@asynccontextmanager
async def _readers(
    pool: ReaderPool, address: str | None
) -> "AsyncIterator[ReaderPool | DaskReaders]":
    """Who reads pages; templates are learned by the pool in any case."""
    if address is None:
        yield pool
        return
    try:
        from crawler.reading.dask_readers import connected
    except ImportError as error:
        raise NoDask("Dask is not installed: pip install 'permalien[dask]'") from error
    async with connected(address) as readers:
        yield readers


def _counts(number: int, progress: Progress) -> dict[str, Any]:
    counts = asdict(progress)
    del counts["place"]
    return {"reextraction": number, **counts}
