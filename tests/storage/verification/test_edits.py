"""Edits are made again, and those that are others are named."""

from sqlalchemy import delete, select

from storage.database.archive import Archive
from storage.models import Reading, ReadingDetail
from tests.storage.verification.conftest import Told, Verify, all_found
from tests.support.archiving import Desk
from tests.support.damages import unguarded


def test_changed_edits_are_named(told: Told) -> None:
    assert all_found(told("edit"))


def test_edits_of_what_was_read_with_missing_details_are_not_made(
    held: Archive, verified: Verify
) -> None:
    """Both versions are compared as they were read first: each is read better since, otherwise."""
    desk = Desk(held)
    for extractor, version in zip("23", desk.history("/bridge"), strict=True):
        desk.extractor, desk.details = extractor, {"section": extractor}
        desk.reread(version.version_id)
    assert verified().mismatches == []
    with held.reading() as session:
        kept = select(Reading.detail_digest).where(Reading.extractor != "1")
        gone = set(session.scalars(select(ReadingDetail.digest))) - set(session.scalars(kept))
    with unguarded(held) as connection:
        connection.execute(delete(ReadingDetail).where(ReadingDetail.digest.in_(gone)))
    assert {it.table for it in verified().mismatches} == {"reading_detail"}
