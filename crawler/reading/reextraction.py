"""Re-extraction: an extractor over the stored pages of any number of versions.

Pages are read by all readers at once and recorded in the order of the versions, some at a time,
with how far that is: what a kill interrupts is taken up there. A version that was read so already
is passed over.
"""

import asyncio
import hashlib
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

from sqlalchemy.orm import Session

from crawler.extraction import PageInput
from crawler.reading.template_refresh import Sample, input_of
from crawler.reading.worker import NoArticle, Templates
from storage.database.writer import Writer
from storage.history.new_reading import NewReading
from storage.history.reading_changes import ReadingChange, reading_changes
from storage.history.readings import ReadVersion, VersionRange, read_versions
from storage.history.reextractions import Place, Progress, advance, finish, has_come
from storage.ledger.pages import StoredPage, load_pages

_TOGETHER: Final = 8  # pages that are loaded at a time
_AHEAD: Final = 2  # such batches, beside one a reader: their bodies are in memory
_RECORDED: Final = 64  # readings that are recorded at a time,
_PAUSE: Final = 5.0  # seconds, or sooner
_CHUNK: Final = 10_000  # versions that are asked for at a time: each time all of them are sorted

Result = TypeVar("Result")


class Extractor(Protocol):
    """Who makes readings of pages, of which versions, and how they are kept."""

    @property
    def name(self) -> str:
        """What its readings are kept under."""

    async def prepared(self, source_id: int) -> "Prepared":
        """What the source's pages are read with."""

    async def read(self, page: PageInput, templates: Templates) -> NewReading | NoArticle:
        """The reading of a page. One that can't be read holds no article."""

    def unread(
        self, session: Session, versions: Sequence[ReadVersion], prepared: "Prepared"
    ) -> list[ReadVersion]:
        """Those of the source's versions of which it has not made that reading."""

    def record(self, session: Session, readings: Sequence[tuple[int, NewReading]]) -> None:
        """Keep these readings of version ids."""

    async def conclude(self, source_id: int, prepared: "Prepared") -> None:
        """The source's pages are read, and recorded."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a source's pages are read with, and, where that is new, what was known before and what
    it was learned from."""

    templates: Templates
    known: Templates
    sample: Sample | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.templates.json.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Versions of these sources, in this order, that are `among` those; with `older_than`, only
    what extractors before that number read best."""

    source_ids: Sequence[int]
    among: VersionRange = VersionRange()  # noqa: RUF009 - it is frozen
    older_than: int | None = None

    def is_wanted(self, version: ReadVersion) -> bool:
        return self.older_than is None or extractor_number(version.extractor) < self.older_than


def extractor_number(extractor: str) -> int:
    """The number that an extractor's name begins with; 0 where it begins with none."""
    digits = extractor.partition("+")[0]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some versions of a source, `passed` others that are up to date before them; `last` after all
    of a source's."""

    source_id: int
    prepared: Prepared
    place: Place
    versions: Sequence[ReadVersion] = ()
    passed: int = 0
    last: bool = False


@dataclass(slots=True)
class _Results:
    """Readings that wait to be recorded, and how far that will be."""

    progress: Progress
    readings: list[tuple[int, NewReading]] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def add(self, batch: _Batch, read: Sequence[NewReading | None]) -> None:
        pairs = zip(batch.versions, read, strict=True)
        readings = [(it.version_id, reading) for it, reading in pairs if reading is not None]
        self.readings += readings
        self.progress = replace(
            self.progress,
            done=self.progress.done + batch.passed + len(read),
            read=self.progress.read + len(read),
            unreadable=self.progress.unreadable + len(read) - len(readings),
            place=batch.place,
        )

    @property
    def are_due(self) -> bool:
        return len(self.readings) >= _RECORDED or time.monotonic() - self.since > _PAUSE


class Reextraction:
    """One pass over stored pages. Adds readings, never a version; without `id`, its number on
    record, it records nothing."""

    def __init__(
        self,
        writer: Writer,
        extractor: Extractor,
        workers: int,
        wanted: Wanted,
        progress: Progress,
        *,
        id: int | None = None,
        told: Callable[[Progress, Sequence[ReadingChange]], None],
    ) -> None:
        self._writer = writer
        self._extractor = extractor
        self._depth = workers + _AHEAD
        self._wanted = wanted
        self._id = id
        self._told = told
        self.progress = progress

    async def run(self) -> None:
        """Read all that is wanted from where it was left. Raises NotLearned where a site's template
        can't be learned, and ArchiveError."""
        under_way: deque[tuple[_Batch, asyncio.Task[list[NewReading | None]]]] = deque()
        results = _Results(self.progress)
        try:
            async for batch in self._batches():
                under_way.append((batch, asyncio.create_task(self._read_batch(batch))))
                while len(under_way) > self._depth:
                    results = await self._taken(*under_way.popleft(), results)
            while under_way:
                results = await self._taken(*under_way.popleft(), results)
        finally:
            for _, task in under_way:
                task.cancel()
        await self._record(results)
        if self._id is not None:
            number, progress = self._id, self.progress
            await self._ask(lambda session: finish(session, number, progress))

    async def _taken(
        self, batch: _Batch, task: "asyncio.Task[list[NewReading | None]]", results: _Results
    ) -> _Results:
        results.add(batch, await task)
        concludes = batch.last and batch.prepared.sample is not None
        if results.are_due or concludes:
            results = await self._record(results)
        if concludes and self._id is not None:
            await self._extractor.conclude(batch.source_id, batch.prepared)
        return results

    async def _record(self, results: _Results) -> _Results:
        """Record what was read, together with how far that is."""
        number = self._id
        progress, readings = results.progress, results.readings

        def write(session: Session) -> tuple[Progress, list[ReadingChange]]:
            if number is not None and (known := has_come(session, number, progress)):
                return known, []  # the answer was lost, and the question is put again
            changes = reading_changes(session, readings)
            now = _with_changes(progress, changes)
            if number is not None:
                if readings:
                    self._extractor.record(session, readings)
                advance(session, number, now)
            return now, changes

        work = self._read if number is None else self._ask
        self.progress, changes = await work(write)
        self._told(self.progress, changes)
        return _Results(self.progress)

    async def _batches(self) -> AsyncIterator[_Batch]:
        """What is to be read, in order, from where it was left."""
        begun = self.progress.place
        for source_id in self._wanted.source_ids:
            if begun is not None and source_id < begun.source_id:
                continue
            prepared = await self._extractor.prepared(source_id)
            digest, before = prepared.digest, None
            if begun is not None and (begun.source_id, begun.templates) == (source_id, digest):
                before = begun.version_id
            batch = _Batch(source_id, prepared, Place(source_id, before or 0, digest))
            while versions := await self._versions(source_id, before):
                unread = await self._unread(versions, prepared)
                some: list[ReadVersion] = []
                passed = 0
                for it in versions:
                    if it.version_id not in unread:
                        passed += 1
                        continue
                    some.append(it)
                    if len(some) == _TOGETHER:
                        place = Place(source_id, it.version_id, digest)
                        yield replace(batch, place=place, versions=some, passed=passed)
                        some, passed = [], 0
                before = versions[-1].version_id
                batch = replace(batch, place=Place(source_id, before, digest))
                yield replace(batch, versions=some, passed=passed)
            yield replace(batch, last=True)

    async def _unread(self, versions: Sequence[ReadVersion], prepared: Prepared) -> set[int]:
        wanted = [it for it in versions if self._wanted.is_wanted(it)]
        unread = self._extractor.unread
        found = await self._read(lambda session: unread(session, wanted, prepared))
        return {it.version_id for it in found}

    async def _read_batch(self, batch: _Batch) -> list[NewReading | None]:
        fetch_ids = [it.fetch_id for it in batch.versions]
        if not fetch_ids:
            return []
        pages = await self._read(lambda session: load_pages(session, fetch_ids))
        return await asyncio.gather(
            *(self._read_page(pages.get(it), batch.prepared.templates) for it in fetch_ids)
        )

    async def _read_page(self, page: StoredPage | None, templates: Templates) -> NewReading | None:
        if page is None:
            return None
        result = await self._extractor.read(input_of(page), templates)
        return result if isinstance(result, NewReading) else None

    async def _versions(self, source_id: int, before: int | None) -> Sequence[ReadVersion]:
        return await self._read(
            lambda session: read_versions(
                session, source_id, among=self._wanted.among, before=before, limit=_CHUNK
            )
        )

    async def _read(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.read(function))

    async def _ask(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.call(function))


def _with_changes(progress: Progress, changes: Sequence[ReadingChange]) -> Progress:
    fields = Counter(progress.fields)
    for change in changes:
        fields.update(change.fields.keys())
    return replace(progress, changed=progress.changed + len(changes), fields=dict(fields))
