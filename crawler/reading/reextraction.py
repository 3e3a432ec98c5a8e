"""Re-extraction: today's extractor over stored pages of any number of versions, each page with what
its layout was about when it was fetched.

A version that was read so already is passed over, so that a re-extraction that was killed goes on
where it stopped.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from crawler.reading.pool import ReaderPool
from crawler.reading.template_refresh import Reread, Rereader
from crawler.settings import READERS
from storage.database.archive import Archive
from storage.database.writer import Writer
from storage.history.new_reading import NewReading
from storage.history.readings import VersionRange
from storage.models import Article, Reading, VersionState

FIELDS = ("title", "text", "authors", "published_at", "modified_at", "language")
MOST_EXAMPLES = 5  # a field


@dataclass(frozen=True, slots=True)
class Example:
    """A field that today's reading changes, in one version of one article."""

    url: str
    version: int
    field: str
    before: object
    after: object


@dataclass(slots=True)
class Report:
    """What a re-extraction did, or would do."""

    read: int = 0
    unreadable: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)


def reextract(
    archive: Archive,
    source_ids: Sequence[int],
    among: VersionRange,
    *,
    dry_run: bool,
    progress: Callable[[Report], None],
) -> Report:
    """Read the versions of these sources again. Adds readings, never a version; with `dry_run`
    it records nothing and tells what it would change. Raises ArchiveError, and NotLearned when a
    site's template can't be learned."""
    return asyncio.run(_reextract(archive, source_ids, among, dry_run, progress))


async def _reextract(
    archive: Archive,
    source_ids: Sequence[int],
    among: VersionRange,
    dry_run: bool,
    progress: Callable[[Report], None],
) -> Report:
    report = Report()
    writer = Writer(archive)
    pool = ReaderPool(READERS)
    rereader = Rereader(writer, pool)
    try:
        for source_id in source_ids:
            sample = await rereader.sample(source_id)
            templates = await rereader.learn(sample)
            known = sample.templates.book
            async for some in rereader.rereadings(source_id, templates, among, known=known):
                with archive.reading() as session:
                    for reread in some:
                        _compare(session, reread, report)
                if not dry_run:
                    await rereader.record(some)
                progress(report)
            if not dry_run:
                await rereader.save(source_id, templates, sample)
    finally:
        pool.close()
        writer.close()
    return report


def _compare(session: Session, reread: Reread, report: Report) -> None:
    report.read += 1
    if reread.reading is None:
        report.unreadable += 1
        return
    url, number, before = session.execute(
        select(Article.url, VersionState.number, Reading)
        .join(VersionState, VersionState.article_id == Article.id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .where(VersionState.version_id == reread.version.version_id)
    ).one()
    changes = _changes(before, reread.reading)
    report.changed += bool(changes)
    for name, (old, new) in changes.items():
        report.fields[name] += 1
        if report.fields[name] <= MOST_EXAMPLES:
            report.examples.append(Example(url, number, name, old, new))


def _changes(before: Reading, reading: NewReading) -> dict[str, tuple[object, object]]:
    pairs = {name: (getattr(before.content, name), getattr(reading, name)) for name in FIELDS}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}
