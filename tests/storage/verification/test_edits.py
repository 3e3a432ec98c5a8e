from tests.storage.verification.conftest import Told, all_found


def test_changed_edits_are_named(told: Told) -> None:
    assert all_found(told("edit"))
