"""The whole of a verification: rows held against each other, and extractions made again."""

from crawler.reading.pool import ReaderPool
from crawler.verifying import readings, templates
from storage.database.archive import Archive
from storage.database.snapshot import snapshot
from storage.verification.places import set_places
from storage.verification.report import Report
from storage.verification.scope import Scope
from storage.verification.verifying import CHECKS, LAST, Progress, verify_rows


def verify(
    archive: Archive,
    scope: Scope,
    *,
    report: Report,
    progress: Progress,
    extract: bool = True,
    pool: ReaderPool | None = None,
) -> None:
    """Verify the archive, or what of it is in scope; without `extract` no page is read again, and
    with a `pool` in that one. What was found until then is in the report, whatever ends it. Reads
    only. Raises ArchiveError."""
    checks = (*CHECKS, templates.CHECK)
    to_read = 0.0
    if extract:
        with snapshot(archive, read_only=True) as session:
            to_read = readings.COST * readings.readings_in(session, scope)
    done = verify_rows(archive, scope, report, progress, checks, more=to_read)

    whole = done + to_read

    def told(rows: int) -> None:
        nonlocal done
        done += rows * readings.COST
        report.checked[readings.NAME] += rows
        progress(readings.NAME, done, max(done, whole))

    if extract:
        readings.verify_readings(archive, scope, report, told, pool=pool)
    verify_rows(archive, scope, report, progress, LAST, spent=done)
    with snapshot(archive, read_only=True) as session:
        set_places(session, report)
    report.complete = True
