from tests.storage.verification.conftest import Told, all_found


def test_changed_histories_are_named(told: Told) -> None:
    assert all_found(told("version", "version_state", "article"))
