"""Today's extractor learns a source's templates before it reads, and knows what it has not read."""

import asyncio
from dataclasses import replace

import pytest

from crawler.extraction import EXTRACTOR_VERSION
from crawler.reading.reextraction import Prepared
from crawler.reading.template_refresh import load_templates
from crawler.reading.todays_extractor import TodaysExtractor
from crawler.reading.worker import NoArticle, Templates, read
from storage.database.archive import Archive
from storage.database.writer import Writer
from storage.history.new_reading import NewReading
from storage.history.readings import ReadVersion, VersionRange, read_versions
from storage.models import Source
from tests.crawler.reading.unlearned import PAGES, rereader, unlearned_desk
from tests.support.archiving import Desk


class Here:
    """Reads in this process."""

    async def extract(self, page: object, templates: Templates) -> NewReading | NoArticle:
        result = read(page, templates)  # type: ignore[arg-type]
        return result if isinstance(result, NoArticle) else result.reading


@pytest.fixture
def desk(archive: Archive) -> Desk:
    return unlearned_desk(archive)


def prepare(desk: Desk, *, conclude: bool = False) -> Prepared:
    async def run(extractor: TodaysExtractor) -> Prepared:
        prepared = await extractor.prepared(desk.source.id)
        if conclude:
            await extractor.conclude(desk.source.id, prepared)
        return prepared

    writer = Writer(desk.archive)
    try:
        with rereader(desk.archive) as it:
            return asyncio.run(run(TodaysExtractor(writer, it, Here())))
    finally:
        writer.close()


def unread(desk: Desk, prepared: Prepared, **changed: str) -> list[ReadVersion]:
    """Of the versions, as if they had been read so, those that are to be read."""
    with desk.archive.reading() as session, rereader(desk.archive) as it:
        versions = read_versions(session, desk.source.id, among=VersionRange(), limit=100)
        versions = [replace(version, **changed) for version in versions]  # type: ignore[arg-type]
        writer = Writer(desk.archive)
        try:
            return TodaysExtractor(writer, it, Here()).unread(session, versions, prepared)
        finally:
            writer.close()


def test_pages_that_were_sampled_teach_a_template_first(desk: Desk) -> None:
    prepared = prepare(desk)
    assert prepared.sample is not None
    assert prepared.known == Templates()
    assert len(prepared.templates.book.layouts) == 1
    assert len(unread(desk, prepared)) == PAGES
    with desk.archive.reading() as session:
        assert session.get_one(Source, desk.source.id).relearn, "nothing is kept before it is used"
        assert load_templates(session, desk.source.id) == Templates()


def test_what_was_learned_is_kept_at_the_end_and_not_learned_again(desk: Desk) -> None:
    learned = prepare(desk, conclude=True)
    again = prepare(desk, conclude=True)
    assert again.sample is None
    assert again.templates == again.known == learned.templates


def test_what_it_has_read_with_these_templates_it_does_not_read_again(desk: Desk) -> None:
    prepare(desk, conclude=True)
    prepared = prepare(desk)
    (layout,) = prepared.templates.book.layouts
    (named, *_) = read_versions_of(desk)
    name = prepared.templates.book.reading_name(layout.key, named.fetched_at)
    assert unread(desk, prepared, template=name) == []
    assert len(unread(desk, prepared, template=name, extractor="0")) == PAGES
    assert len(unread(desk, prepared, template=f"{layout.key}-older")) == PAGES
    assert unread(desk, prepared, extractor=EXTRACTOR_VERSION) == []


def read_versions_of(desk: Desk) -> list[ReadVersion]:
    with desk.archive.reading() as session:
        return read_versions(session, desk.source.id, among=VersionRange(), limit=100)
