from collections.abc import Callable
from functools import partial

import pytest

from storage.verification.check import batches
from storage.verification.report import Report
from tests.storage.verification.conftest import Told, all_found


def test_changed_texts_details_and_headers_are_named(told: Told) -> None:
    assert all_found(told("content", "reading_detail", "header_set"))


def test_more_of_them_than_are_in_memory_at_a_time(
    verified: Callable[[], Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.verification.contents.batches", partial(batches, size=2))
    assert not verified().mismatches
