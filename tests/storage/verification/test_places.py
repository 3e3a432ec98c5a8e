import pytest
from sqlalchemy import select

from storage.database.archive import Archive
from storage.models import Article, Fetch, Reading, Version
from storage.verification.places import set_places
from storage.verification.report import Place, Report
from tests.support.archiving import Desk

URL = "https://example.org/a"


def place_of(archive: Archive, table: str, key: object, *named_by: tuple[str, str]) -> Place:
    report = Report()
    report.add(table, key, expected=1, found=2, named_by=named_by)
    with archive.reading() as session:
        set_places(session, report)
    return report.mismatches[0].place


def test_each_row_is_told_by_its_source_its_url_and_its_version(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive)
    desk.read("/a", "Title", "One two three.")
    with sqlite_archive.reading() as session:
        version = session.scalars(select(Version)).one()
        reading = session.scalars(select(Reading)).one()
        fetch = session.scalars(select(Fetch)).one()
        article = session.scalars(select(Article)).one()
    whole = Place("example.org", URL, version.identifier)
    page = Place("example.org", URL)
    for table, key, place in (
        ("version", version.id, whole),
        ("version_state", version.id, whole),
        ("reading", reading.id, whole),
        ("payload", reading.digest, whole),
        ("content", reading.content_digest, whole),
        ("reading_detail", reading.detail_digest, whole),
        ("fetch", fetch.id, page),
        ("finding", (fetch.id, 1), page),
        ("address", fetch.address_id, page),
        ("article", article.id, page),
        ("source_day", (desk.source.id, "2026-03-01"), Place("example.org")),
    ):
        assert place_of(sqlite_archive, table, key) == place, table
    # of one that is missing, where it is named
    assert place_of(sqlite_archive, "content", b"\x00", ("version", str(version.id))) == whole


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("version", "12"),
        ("version", "-1"),
        ("version", "no number"),
        ("version", ""),
        ("payload", "abc"),
        ("payload", "no hexadecimal"),
        ("header_set", "1"),
        ("no_such_table", "1"),
    ],
)
def test_what_is_known_of_nothing_has_no_place(
    sqlite_archive: Archive, table: str, key: str
) -> None:
    assert place_of(sqlite_archive, table, key) == Place()
