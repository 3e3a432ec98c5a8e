from collections.abc import Callable

from sqlalchemy import update

from storage.database.archive import Archive
from storage.frontier.removal import remove_with_record
from storage.models import Source, Unsealed
from storage.proof.sealing import seal
from storage.verification.report import Report
from tests.storage.verification.conftest import Told, all_found
from tests.support.archiving import START, Desk


def test_what_would_not_be_sealed_is_named(told: Told) -> None:
    assert all_found(told("unsealed"))


def test_forged_leaves_and_roots_are_named(held: Archive, told: Told) -> None:
    with held.writing() as session:
        session.execute(update(Unsealed).values(recorded_at=START))
    seal(held)
    assert all_found(told("leaf", "day_root"))


def test_a_source_that_was_removed_after_its_day_is_blamed_on_nobody(
    held: Archive, verified: Callable[[], Report]
) -> None:
    other = Desk(held, "https://example.net/", run_id=1)
    other.read("/a", "The tunnel", "It is to be dug from both ends, as the bridge was built.")
    with held.writing() as session:
        session.execute(update(Unsealed).values(recorded_at=START))
    seal(held)
    with held.writing() as session:
        remove_with_record(session, session.get_one(Source, other.source.id), other.now)
    assert verified().mismatches == []


def test_rows_whose_leaves_tell_of_damaged_ones_are_not_blamed(held: Archive, told: Told) -> None:
    with held.writing() as session:
        session.execute(update(Unsealed).values(recorded_at=START))
    seal(held)
    assert all_found(told("header_set", "address"))
    assert "reading: deleted: found" in told("reading")
