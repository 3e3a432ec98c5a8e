from sqlalchemy import update

from storage.database.archive import Archive
from storage.models import Unsealed
from storage.proof.sealing import seal
from tests.storage.verification.conftest import Told, all_found
from tests.support.archiving import START


def test_what_would_not_be_sealed_is_named(told: Told) -> None:
    assert all_found(told("unsealed"))


def test_forged_leaves_and_roots_are_named(held: Archive, told: Told) -> None:
    with held.writing() as session:
        session.execute(update(Unsealed).values(recorded_at=START))
    seal(held)
    assert all_found(told("leaf", "day_root"))


def test_rows_whose_leaves_tell_of_damaged_ones_are_not_blamed(held: Archive, told: Told) -> None:
    with held.writing() as session:
        session.execute(update(Unsealed).values(recorded_at=START))
    seal(held)
    assert all_found(told("header_set", "address"))
    assert "reading: deleted: found" in told("reading")
