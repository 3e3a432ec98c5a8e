"""Today's extractor, for a re-extraction: each page with what its layout was about when it was
fetched."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from crawler.extraction import EXTRACTOR_VERSION, PageInput
from crawler.reading.reextraction import Prepared
from crawler.reading.template_refresh import Rereader, is_stale, load_templates
from crawler.reading.worker import NoArticle, Templates
from storage.database.writer import Writer
from storage.history.new_reading import NewReading
from storage.history.readings import ReadVersion
from storage.history.rereadings import record_rereadings


class Readers(Protocol):
    """Who reads pages, several at a time."""

    async def extract(self, page: PageInput, templates: Templates) -> NewReading | NoArticle:
        """The reading of the page. A page that can't be read holds no article."""


class TodaysExtractor:
    """What it reads becomes the best reading of its version. The templates of a source whose pages
    were sampled since are learned first."""

    name = EXTRACTOR_VERSION

    def __init__(self, writer: Writer, rereader: Rereader, readers: Readers) -> None:
        self._writer = writer
        self._rereader = rereader
        self._readers = readers

    async def prepared(self, source_id: int) -> Prepared:
        """Raises NotLearned."""
        sample = await self._rereader.new_sample(source_id)
        if sample is not None:
            return Prepared(await self._rereader.learn(sample), sample.templates, sample)
        reading = self._writer.read(lambda session: load_templates(session, source_id))
        known = await asyncio.wrap_future(reading)
        return Prepared(known, known)

    async def read(self, page: PageInput, templates: Templates) -> NewReading | NoArticle:
        return await self._readers.extract(page, templates)

    def unread(
        self, session: Session, versions: Sequence[ReadVersion], prepared: Prepared
    ) -> list[ReadVersion]:
        book = prepared.templates.book
        found = len(book.layouts) > len(prepared.known.book.layouts)
        return [it for it in versions if is_stale(it, book, found=found)]

    def record(self, session: Session, readings: Sequence[tuple[int, NewReading]]) -> None:
        record_rereadings(session, readings)

    async def conclude(self, source_id: int, prepared: Prepared) -> None:
        if prepared.sample is not None:
            await self._rereader.save(source_id, prepared.templates, prepared.sample)
