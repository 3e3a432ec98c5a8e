"""Reading stored pages again: extractions are added, versions are not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select, update

from crawler.extraction import EXTRACTOR_VERSION
from crawler.reader_pool import ReaderPool
from crawler.reading import NO_PROFILE
from crawler.reextraction import Report, reextract
from crawler.relearning import Rereader, load_profile, relearn
from storage.archive import Archive
from storage.extractions import Reading, VersionRange
from storage.models import Extraction, Source, Version
from storage.payloads import digest_of
from storage.versioning import Captured
from storage.writer import Writer
from tests.support.archiving import Desk

SENTENCE = "The ferry left the island at dawn with forty crates of fish and one piano aboard."
PAGE = """<html lang="en"><head><title>{title}</title></head><body><article><h1>{title}</h1>
{paragraphs}</article></body></html>"""


def page(number: int) -> bytes:
    sentences = (f"{SENTENCE} It was crossing {number}, mile {mile}." for mile in range(6))
    paragraphs = "\n".join(f"<p>{sentence}</p>" for sentence in sentences)
    return PAGE.format(title=f"Crossing {number} of the ferry", paragraphs=paragraphs).encode()


def archive_page(desk: Desk, path: str, body: bytes, text: str = "Word") -> None:
    """A version that an extractor of old read as one word."""
    check, _ = desk.check(path, body=body)
    old = Reading(digest=digest_of(body), extractor="0", profile="", title="Old title", text=text)
    desk.record_page(Captured(check.observation_id, check.address_id, check.observed_at, old))


@contextmanager
def rereading(archive: Archive) -> Iterator[Rereader]:
    writer, pool = Writer(archive), ReaderPool(1)
    try:
        yield Rereader(writer, pool)
    finally:
        pool.close()
        writer.close()


def counts(archive: Archive) -> tuple[int, int]:
    """How many versions and extractions there are."""
    with archive.reading() as session:
        return (
            session.scalar(select(func.count()).select_from(Version)) or 0,
            session.scalar(select(func.count()).select_from(Extraction)) or 0,
        )


def test_a_crawl_reads_current_versions_again_and_makes_none(archive: Archive) -> None:
    desk = Desk(archive)
    for number in range(3):
        archive_page(desk, f"/{number}", page(number))
    with archive.writing() as session:
        session.execute(update(Source).values(relearn=True))
    with rereading(archive) as rereader:
        asyncio.run(relearn(desk.source.id, rereader))
    assert counts(archive) == (3, 6)
    for number in range(3):
        (version,) = desk.history(f"/{number}")
        assert version.extractor == EXTRACTOR_VERSION
        assert version.title == f"Crossing {number} of the ferry"
        assert version.text.count(SENTENCE) == 6
    with archive.reading() as session:
        assert not session.get_one(Source, desk.source.id).relearn
        assert load_profile(session, desk.source.id).digest == NO_PROFILE.digest


def test_a_source_of_which_nothing_new_was_sampled_is_left_alone(archive: Archive) -> None:
    desk = Desk(archive)
    archive_page(desk, "/a", page(1))
    with rereading(archive) as rereader:
        asyncio.run(relearn(desk.source.id, rereader))
    assert counts(archive) == (1, 1)


def test_a_capture_that_holds_no_article_any_more_is_left_as_it_was(archive: Archive) -> None:
    desk = Desk(archive)
    archive_page(desk, "/a", b"\x89PNG\r\n\x1a\n")
    with archive.reading() as session:
        (version,) = session.scalars(select(Version))
    with rereading(archive) as rereader:
        changed = asyncio.run(rereader.reread(version.id, version.observation_id, NO_PROFILE))
    assert changed is None
    assert [it.text for it in desk.history("/a")] == ["Word"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_reextraction_tells_what_it_changes(archive: Archive, dry_run: bool) -> None:
    desk = Desk(archive)
    archive_page(desk, "/a", page(1))
    archive_page(desk, "/a", page(2), "Another")
    archive_page(desk, "/b", b"\x89PNG\r\n\x1a\n")
    seen: list[int] = []

    def again(among: VersionRange = VersionRange()) -> Report:  # noqa: B008 - it is frozen
        return reextract(
            archive,
            [desk.source.id],
            among,
            dry_run=dry_run,
            progress=lambda report: seen.append(report.read),
        )

    report = again()
    assert (report.read, report.changed, report.unreadable) == (3, 2, 1)
    assert seen == [1, 2, 3]
    assert {"title", "text"} <= set(report.fields)
    (example, *_) = [it for it in report.examples if it.field == "title"]
    assert (example.url, example.before) == ("https://example.org/a", "Old title")
    if dry_run:
        assert counts(archive) == (3, 3)
        return
    assert counts(archive) == (3, 5)
    # What is up to date is passed over, so one that was stopped goes on where it was.
    assert again().read == 1
    assert again(VersionRange(until=desk.now)).read == 0
