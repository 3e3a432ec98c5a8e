from tests.storage.verification.conftest import Told, all_found


def test_what_is_lost_of_the_log_is_named(told: Told) -> None:
    assert all_found(told("change", "archive_identity"))
