from tests.storage.verification.conftest import Told, all_found


def test_what_would_not_be_sealed_is_named(told: Told) -> None:
    assert all_found(told("unsealed"))
