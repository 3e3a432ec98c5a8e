"""Reads pages in the worker processes, each with the templates of its source."""

import asyncio
from dataclasses import replace

from crawler.reading.drafts import Drafts
from crawler.reading.pool import ReaderPool
from crawler.reading.template_refresh import Rereader, input_of, load_templates
from crawler.reading.worker import NoArticle, Read, Templates
from storage.database.writer import Writer
from storage.ledger.pages import PendingPage, StoredPage, load_page


class PageReader:
    """Knows with which templates this run reads each source's pages."""

    def __init__(self, writer: Writer, pool: ReaderPool) -> None:
        self._drafts = Drafts()
        self.rereader = Rereader(writer, pool, self._drafts)
        self._writer = writer
        self._pool = pool
        self._templates: dict[int, Templates] = {}

    async def templates(self, source_id: int) -> Templates:
        """The templates with which this run reads the source's pages."""
        if source_id not in self._templates:
            self._templates[source_id] = await asyncio.wrap_future(
                self._writer.read(lambda session: load_templates(session, source_id))
            )
        return self._templates[source_id]

    def use(self, source_id: int, templates: Templates) -> None:
        """Read the source's pages with these from now on."""
        self._templates[source_id] = templates

    def forget(self, source_id: int) -> None:
        """The source is not this run's any more, and its templates may become others."""
        self._templates.pop(source_id, None)
        self._drafts.forget(source_id)

    async def read(self, source_id: int, fetch_id: int, page: StoredPage) -> Read | NoArticle:
        """What a page of the source says, which that fetch brought."""
        result = await self._pool.read(input_of(page), await self.templates(source_id))
        if isinstance(result, NoArticle):
            return result
        self._drafts.keep(source_id, fetch_id, result.draft)
        return replace(result, draft=b"")

    async def read_pending(self, pending: PendingPage) -> Read | NoArticle:
        """What a page says that an earlier run fetched and did not get to read."""
        page = await asyncio.wrap_future(
            self._writer.read(lambda session: load_page(session, pending.fetch_id))
        )
        return await self.read(pending.source_id, pending.fetch_id, page)
