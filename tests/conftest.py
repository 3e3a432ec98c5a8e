"""Every test of the archive runs on SQLite and on PostgreSQL, real ones both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import schema
from storage.archive import Archive
from tests.support.databases import PostgreSQLServer, fresh_database, postgresql_server


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQLServer]:
    """A PostgreSQL server: the one that answers, or one that is started for this session."""
    with postgresql_server(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'archive.db'}"
        return
    with fresh_database(request.getfixturevalue("postgresql")) as url:
        yield url


@pytest.fixture
def archive(database_url: str) -> Iterator[Archive]:
    """An archive that is up to date and empty."""
    opened = Archive(database_url)
    schema.upgrade(opened)
    yield opened
    opened.close()
