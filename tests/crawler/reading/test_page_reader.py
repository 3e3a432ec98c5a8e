"""Which templates a run reads each source's pages with."""

import asyncio
from collections.abc import Iterator

import pytest

from crawler.reading.page_reader import PageReader
from crawler.reading.pool import ReaderPool
from crawler.reading.worker import Templates
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.writer import Writer
from storage.frontier.enrolment import enrol
from storage.templates.layouts import LearnedLayout, save_layouts
from tests.support.held_writer import Held


@pytest.fixture
def writer(archive: Archive) -> Iterator[Writer]:
    writer = Writer(archive)
    yield writer
    writer.close()


@pytest.fixture
def source_id(archive: Archive) -> int:
    with archive.writing() as session:
        return enrol(session, "https://example.org/", now=utc_now()).id


def learn(archive: Archive, source_id: int) -> None:
    """Have one more layout on record."""
    with archive.writing() as session:
        layout = LearnedLayout("k", (1, 2), "", "d", 3)
        save_layouts(session, source_id, [layout], utc_now())


def layouts(reader: PageReader, source_id: int) -> list[str]:
    templates = asyncio.run(reader.templates(source_id))
    return [layout.key for layout in templates.book.layouts]


def test_a_source_is_read_with_what_was_known_when_the_run_took_it(
    archive: Archive, writer: Writer, source_id: int
) -> None:
    reader = PageReader(writer, ReaderPool())
    assert layouts(reader, source_id) == []
    learn(archive, source_id)
    assert layouts(reader, source_id) == []
    reader.forget(source_id)
    assert layouts(reader, source_id) == ["k"]
    reader.use(source_id, Templates())
    assert layouts(reader, source_id) == []


def test_templates_and_samples_are_read_while_the_writer_is_busy(
    archive: Archive, writer: Writer, source_id: int
) -> None:
    learn(archive, source_id)
    reader = PageReader(writer, ReaderPool())

    async def read() -> list[str]:
        sample = await reader.rereader.sample(source_id)
        assert await reader.rereader.new_sample(source_id) is None
        known = await reader.templates(source_id)
        return [it.key for book in (sample.templates.book, known.book) for it in book.layouts]

    held = Held(writer)
    try:
        assert asyncio.run(asyncio.wait_for(read(), 120)) == ["k", "k"]
    finally:
        held.let_go()
