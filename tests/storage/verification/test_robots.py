from datetime import timedelta

import pytest

from storage.database.archive import Archive
from storage.models import AddressKind, Outcome, RobotsTxt
from storage.verification.report import Report
from storage.verification.robots import CHECK
from storage.verification.scope import Scope
from tests.support.archiving import Desk

RULES = b"User-agent: *\nDisallow: /private\n"
ORIGIN = "https://example.org"


def told(
    archive: Archive, copy: bytes | None, *, later: int = 0, scope: Scope | None = None
) -> int:
    """How many mismatches there are where the copy was made so many seconds after the check."""
    desk = Desk(archive)
    check, _ = desk.check("/robots.txt", kind=AddressKind.ROBOTS, body=RULES)
    desk.check("/robots.txt", Outcome.UNCHANGED, kind=AddressKind.ROBOTS)
    asked_at = check.fetched_at + timedelta(seconds=later)
    with archive.writing() as session:
        session.add(RobotsTxt(origin=ORIGIN, asked_at=asked_at, body=copy))
    report = Report()
    with archive.reading() as session:
        CHECK.run(session, scope or Scope(), report, lambda _: None)
    assert all((it.table, it.key) == ("robots_txt", ORIGIN) for it in report.mismatches)
    return report.found


@pytest.mark.parametrize(("copy", "found"), [(RULES, 0), (RULES + b"#", 1), (b"", 1), (None, 0)])
def test_a_copy_is_what_was_fetched(
    sqlite_archive: Archive, copy: bytes | None, found: int
) -> None:
    assert told(sqlite_archive, copy) == found


def test_a_copy_of_another_request_is_not_compared(sqlite_archive: Archive) -> None:
    assert told(sqlite_archive, b"other", later=60) == 0


def test_a_copy_that_was_cut_is_not_compared(sqlite_archive: Archive) -> None:
    assert told(sqlite_archive, b"x" * (512 * 1024)) == 0


def test_other_sources_copies_are_left_out(sqlite_archive: Archive) -> None:
    assert told(sqlite_archive, b"other", scope=Scope(sources=(10**9,))) == 0
