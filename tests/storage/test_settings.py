"""Where the archive is."""

import pytest

from storage.settings import DATABASE_URL_VARIABLE, DEFAULT_DATABASE_URL, database_url


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
