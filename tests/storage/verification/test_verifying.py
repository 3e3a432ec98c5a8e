from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database.archive import Archive
from storage.database.errors import ArchiveUnavailable
from storage.database.snapshot import snapshot
from storage.verification.report import Report


def test_a_whole_archive_has_no_mismatch(verified: Callable[[], Report]) -> None:
    report = verified()
    assert report.mismatches == []
    assert report.checked["stored pages"] == 5
    assert report.checked["histories"] == 3


def test_nothing_can_be_written_meanwhile(held: Archive) -> None:
    with (
        pytest.raises((ArchiveUnavailable, DBAPIError), match="read-only"),
        snapshot(held, read_only=True) as session,
    ):
        session.execute(text("DELETE FROM source_day"))
    with held.writing() as session:
        session.execute(text("DELETE FROM source_day"))
