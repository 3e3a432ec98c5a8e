from tests.storage.verification.conftest import Told, all_found


def test_changed_texts_details_and_headers_are_named(told: Told) -> None:
    assert all_found(told("content", "reading_detail", "header_set"))
