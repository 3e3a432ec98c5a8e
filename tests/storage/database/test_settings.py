"""Where the archive is, and by which clock."""

from datetime import UTC, datetime

import pytest

from storage.database.errors import BadSetting
from storage.database.settings import (
    DATABASE_URL_VARIABLE,
    DEFAULT_DATABASE_URL,
    REHEARSAL_VARIABLE,
    database_url,
    rehearsal,
)


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("postgresql://localhost/archive", "postgresql://localhost/archive"),
        ("", DEFAULT_DATABASE_URL),
        (None, DEFAULT_DATABASE_URL),
    ],
)
def test_the_environment_comes_before_the_default(
    monkeypatch: pytest.MonkeyPatch, value: str | None, url: str
) -> None:
    if value is None:
        monkeypatch.delenv(DATABASE_URL_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(DATABASE_URL_VARIABLE, value)
    assert database_url() == url


def test_no_rehearsal_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REHEARSAL_VARIABLE, raising=False)
    assert rehearsal() is None


def test_a_rehearsal_says_when_and_how_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REHEARSAL_VARIABLE, "2027-01-01T00:00Z at 2026-11-24T19:00+01:00 x168")
    began = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2026, 11, 24, 18, tzinfo=UTC))
    assert rehearsal() == (began, 168.0)


@pytest.mark.parametrize(
    "text", ["fast", "2027-01-01 at 2026-11-24T18:00Z x2", "2027-13-01T00:00Z at now x2"]
)
def test_a_rehearsal_that_is_put_wrongly_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(REHEARSAL_VARIABLE, text)
    with pytest.raises(BadSetting, match=REHEARSAL_VARIABLE):
        rehearsal()
