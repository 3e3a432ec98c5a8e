"""An import: the captures of WARC and WACZ files, put into the archive at the times they were made.

It is a run of its own kind on record. Each capture is durable before its page is read, and is known
again by its address, time and body: an import that was stopped, or is made again, goes on where it
was. Nothing is fetched from the network.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from crawler import settings
from crawler.importing.import_tally import Imported, Progress, Tally
from crawler.importing.taking_in import Import
from crawler.process.heartbeat import Heartbeat
from crawler.process.interrupting import interruptible
from crawler.reading.pool import ReaderPool
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.dialects import database_now
from storage.database.writer import Writer
from storage.ledger.partitions import ensure_partitions
from storage.ledger.runs import end_run, start_run
from storage.models import RunEnd


def import_files(
    archive: Archive,
    paths: Sequence[Path],
    *,
    only: Sequence[int] | None = None,
    make_sources: bool = True,
    progress: Callable[[Progress], None] = lambda done: None,
    pool: ReaderPool | None = None,
) -> Imported:
    """Import these files, of `only` the sources of these ids, where it is not None. What can't be
    read of them is told in the tally, and the rest is taken. Ended by Ctrl-C or SIGTERM it says so.
    Pages are read in a `pool` of its own, unless one is given, which stays open.

    Raises ArchiveError when the archive is not there.
    """
    began = time.monotonic()
    tally = Tally()
    with archive.writing() as session:
        now = utc_now()
        ensure_partitions(session, now)
        run_id = start_run(
            session,
            software=f"permalien {settings.VERSION}",
            settings={"command": "warc import", "files": [str(path) for path in paths][:100]},
            now=now,
            beat_at=database_now(session),
        )
    readers = pool or ReaderPool(settings.READERS)
    writer = Writer(archive)
    error: Exception | None = None
    how = RunEnd.FINISHED
    try:
        with Heartbeat(archive, run_id) as heartbeat:
            work = Import(
                writer, readers, run_id, tally, heartbeat, only=only, make=make_sources, now=now
            )
            asyncio.run(interruptible(work.run(paths, progress)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        how = RunEnd.INTERRUPTED
    except Exception as caught:
        how, error = RunEnd.FAILED, caught
    finally:
        if pool is None:
            readers.close()
        writer.close()
    with archive.writing() as session:
        end_run(session, run_id, how, tally.as_document(), utc_now())
    return Imported(run_id, how, tally, time.monotonic() - began, error)
