from random import Random

from storage.database.archive import Archive
from tests.storage.verification.conftest import Verify
from tests.support.damages import flipped, make, unguarded


def test_a_version_of_another_page_has_another_identifier(held: Archive, verified: Verify) -> None:
    with unguarded(held) as connection:
        damage = make(connection, flipped("version", "digest"), Random(1))
    assert damage is not None
    assert damage.told(verified()) == "found"
