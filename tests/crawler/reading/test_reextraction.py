"""Today's extractor over stored pages: extractions are added, versions are not."""

import pytest
from sqlalchemy import func, select

from crawler.reading.reextraction import Report, reextract
from storage.database.archive import Archive
from storage.history.new_reading import NewReading
from storage.history.readings import VersionRange
from storage.history.versioning import Captured
from storage.ledger.payloads import digest_of
from storage.models import Reading, Version
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
    old = NewReading(
        digest=digest_of(body),
        input=digest_of(body),
        extractor="0",
        template="",
        title="Old title",
        text=text,
    )
    desk.record_page(Captured(check.fetch_id, check.address_id, check.fetched_at, old))


def counts(archive: Archive) -> tuple[int, int]:
    """How many versions and extractions there are."""
    with archive.reading() as session:
        return (
            session.scalar(select(func.count()).select_from(Version)) or 0,
            session.scalar(select(func.count()).select_from(Reading)) or 0,
        )


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
    assert seen[-1] == 3
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
