"""The archives that tests have, on SQLite and on PostgreSQL, real ones both; which tests run."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from crawler import settings
from storage import schema
from storage.database.archive import Archive
from storage.database.settings import CACHE_VARIABLE, PAYLOADS_VARIABLE
from storage.search.index import folder_of
from tests.support.databases import (
    PostgreSQLServer,
    clear,
    copy_of,
    do_not_wait_for_the_disk,
    fresh_database,
    postgresql_server,
)
from tests.support.ordering import in_order
from tests.support.properties import ORDINARY_PROFILE
from tests.support.taking_turns import has_its_turn

hypothesis.settings.load_profile(ORDINARY_PROFILE)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Storms run where they are asked for: `pytest -m soak`; so do tests on a database whose turn
    it is not. The longest tests come first."""
    for item in items:
        if isinstance(item, pytest.Function) and not has_its_turn(
            _module_of(item), item.originalname, _given(item)
        ):
            item.add_marker(pytest.mark.soak)
    if not config.getoption("-m"):
        items[:] = [item for item in items if item.get_closest_marker("soak") is None]
    processes: int = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = in_order(items, _module_of, processes)


def _given(item: pytest.Function) -> Mapping[str, Any]:
    return item.callspec.params if hasattr(item, "callspec") else {}


def _module_of(item: pytest.Item) -> str:
    return ".".join(item.path.relative_to(item.config.rootpath).with_suffix("").parts)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Indexes that lie beside no archive go where they are not found later, and payloads into the
    database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        patch.delenv(PAYLOADS_VARIABLE, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_reader() -> Iterator[None]:
    """To start a second one takes longer than a test's few pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "READERS", 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def hasty_sqlite() -> Iterator[None]:
    event.listen(Engine, "connect", do_not_wait_for_the_disk)
    yield
    event.remove(Engine, "connect", do_not_wait_for_the_disk)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQLServer]:
    """A PostgreSQL server: the one that answers, or one that is started for this session."""
    with postgresql_server(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


# Tests use one archive of each kind after the other: an engine keeps the statements it compiled.


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an archive that is up to date and empty, to be copied."""
    path = tmp_path_factory.mktemp("template") / "archive.db"
    _create(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQLServer) -> Iterator[str]:
    """The name of the database of an archive that is up to date and empty, to be copied."""
    with fresh_database(postgresql) as url:
        _create(url)
        yield str(make_url(url).database)


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive on SQLite."""
    return Archive(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'archive.db'}")


@pytest.fixture(scope="session")
def postgresql_database(
    postgresql: PostgreSQLServer, postgresql_template: str
) -> Iterator[Archive]:
    """An archive on PostgreSQL."""
    with fresh_database(postgresql, postgresql_template) as url:
        yield Archive(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'archive.db'}"
        return
    with fresh_database(request.getfixturevalue("postgresql")) as url:
        yield url


@pytest.fixture
def sqlite_archive(sqlite_database: Archive, sqlite_template: Path) -> Iterator[Archive]:
    """An archive on SQLite that is up to date and empty; its schema is not to be changed."""
    path = Path(str(sqlite_database.url.database))
    for part in path.parent.glob(f"{path.name}*"):
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink()
    shutil.copy(sqlite_template, path)
    yield sqlite_database
    sqlite_database.close()


@pytest.fixture
def postgresql_archive(postgresql_database: Archive) -> Iterator[Archive]:
    """An archive on PostgreSQL that is up to date and empty; its schema is not to be changed."""
    clear(postgresql_database)
    shutil.rmtree(folder_of(postgresql_database), ignore_errors=True)
    yield postgresql_database
    postgresql_database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest) -> Archive:
    """An archive of each kind, up to date and empty."""
    opened: Archive = request.getfixturevalue(f"{request.param}_archive")
    return opened


@pytest.fixture(params=["sqlite", "postgresql"])
def new_archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An archive of each kind, up to date and empty, in a database of its own.

    For tests that change the schema, whose plans depend on what the tables held before, or whose
    processes may outlast them.
    """
    server = None if request.param == "sqlite" else request.getfixturevalue("postgresql")
    template: Path | str = request.getfixturevalue(f"{request.param}_template")
    with copy_of(template, server, tmp_path) as archive:
        yield archive


def _create(url: str) -> None:
    archive = Archive(url)
    schema.upgrade(archive)
    archive.close()
