"""An extractor of a researcher's own, for a re-extraction: its readings are kept beside ours."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from crawler.extraction import PageInput
from crawler.reading.own_function import name_of
from crawler.reading.reextraction import Prepared
from crawler.reading.worker import NoArticle, Templates
from storage.history.new_reading import NewReading
from storage.history.own_readings import read_by, record_own_readings
from storage.history.readings import ReadVersion


class Readers(Protocol):
    """Who reads pages, several at a time."""

    async def own(self, page: PageInput, where: str) -> NewReading | NoArticle:
        """What the function at `where` makes of the page."""


class OwnExtractor:
    """The function at `module:function`. No reading of it is ever the best of a version, and it
    knows no templates."""

    def __init__(self, where: str, readers: Readers) -> None:
        self._where = where
        self._readers = readers
        self.name = name_of(where)

    async def prepared(self, source_id: int) -> Prepared:
        return Prepared(Templates(), Templates())

    async def read(self, page: PageInput, templates: Templates) -> NewReading | NoArticle:
        return await self._readers.own(page, self._where)

    def unread(
        self, session: Session, versions: Sequence[ReadVersion], prepared: Prepared
    ) -> list[ReadVersion]:
        known = read_by(session, self.name, [it.version_id for it in versions])
        return [it for it in versions if it.version_id not in known]

    def record(self, session: Session, readings: Sequence[tuple[int, NewReading]]) -> None:
        record_own_readings(session, readings)

    async def conclude(self, source_id: int, prepared: Prepared) -> None:
        return None
