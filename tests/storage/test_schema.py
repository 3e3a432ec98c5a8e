"""An archive that is not there yet, too old, too new, or somebody else's."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, inspect, text

from storage import schema
from storage.database.archive import Archive
from storage.database.errors import (
    ArchiveNotCreated,
    ArchiveOutdated,
    ArchiveTooNew,
    ArchiveUnavailable,
    BadDatabaseURL,
)
from storage.models import Base
from tests.support.databases import do_not_wait_for_the_disk


def execute(archive: Archive, *statements: str) -> None:
    with archive.writing() as session:
        for statement in statements:
            session.execute(text(statement))


def tables(archive: Archive) -> set[str]:
    return set(inspect(archive.engine).get_table_names())


@pytest.fixture
def empty(database_url: str) -> Iterator[Archive]:
    """A database that holds nothing."""
    archive = Archive(database_url)
    yield archive
    archive.close()


def test_an_empty_database_is_no_archive_yet(empty: Archive) -> None:
    assert schema.current(empty) is None
    with pytest.raises(ArchiveNotCreated, match=r"holds no archive yet: run `permalien add URL`"):
        schema.require_current(empty)


def test_asking_creates_no_file(tmp_path: Path) -> None:
    archive = Archive(f"sqlite:///{tmp_path / 'archive.db'}")
    with pytest.raises(ArchiveNotCreated):
        schema.require_current(archive)
    archive.close()
    assert list(tmp_path.iterdir()) == []


def test_an_archive_is_made_where_there_is_none(empty: Archive) -> None:
    schema.ensure(empty)
    schema.ensure(empty)
    schema.require_current(empty)
    assert schema.current(empty) == schema.head()
    assert set(Base.metadata.tables) <= tables(empty)


@pytest.fixture
def patient_sqlite() -> Iterator[None]:
    """SQLite as an operator has it."""
    event.remove(Engine, "connect", do_not_wait_for_the_disk)
    yield
    event.listen(Engine, "connect", do_not_wait_for_the_disk)


@pytest.mark.usefixtures("patient_sqlite")
def test_sqlite_logs_ahead(sqlite_archive: Archive) -> None:
    with sqlite_archive.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_an_old_archive_is_to_be_upgraded(empty: Archive) -> None:
    schema.upgrade(empty, "0001")
    with pytest.raises(ArchiveOutdated, match=r"\(0001, needs .*\): run `permalien db upgrade`"):
        schema.require_current(empty)
    with pytest.raises(ArchiveOutdated):
        schema.ensure(empty)
    schema.upgrade(empty)
    schema.require_current(empty)


def test_a_newer_archive_is_left_alone(new_archive: Archive) -> None:
    archive = new_archive
    execute(archive, "UPDATE alembic_version SET version_num = '9999'")
    for attempt in (schema.require_current, schema.upgrade, schema.ensure):
        with pytest.raises(ArchiveTooNew, match=r"\(9999\) is newer than this Permalien"):
            attempt(archive)
    assert schema.current(archive) == "9999"


@pytest.mark.parametrize("name", ["article", "run", "payload", "articles", "observations"])
def test_another_programs_tables_are_left_alone(empty: Archive, name: str) -> None:
    execute(empty, f"CREATE TABLE {name} (title TEXT)", f"INSERT INTO {name} VALUES ('theirs')")
    for attempt in (schema.upgrade, schema.ensure):
        with pytest.raises(BadDatabaseURL, match="another program's tables"):
            attempt(empty)
    assert tables(empty) == {name}
    with empty.reading() as session:
        assert session.scalar(text(f"SELECT title FROM {name}")) == "theirs"


def test_another_programs_file_keeps_its_journal(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE article (title TEXT)")
    connection.close()
    before = path.read_bytes()
    archive = Archive(f"sqlite:///{path}")
    with pytest.raises(BadDatabaseURL):
        schema.upgrade(archive)
    archive.close()
    assert path.read_bytes() == before


def test_tables_that_are_in_nobodys_way_may_stay(empty: Archive) -> None:
    execute(empty, "CREATE TABLE spatial_ref_sys (srid INTEGER)")
    schema.upgrade(empty)
    assert "spatial_ref_sys" in tables(empty)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are notes.\n" * 100)
    archive = Archive(f"sqlite:///{path}")
    for attempt in (schema.upgrade, schema.ensure, schema.require_current):
        with pytest.raises(ArchiveUnavailable, match="not a Permalien archive"):
            attempt(archive)
    archive.close()


_UPGRADE = """
import sys
from storage import schema
from storage.database.archive import Archive
sys.stdin.readline()
schema.upgrade(Archive(sys.argv[1]))
"""


def test_two_processes_may_upgrade_at_once(empty: Archive) -> None:
    url = empty.url.render_as_string(hide_password=False)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _UPGRADE, url], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert errors == [b"", b""]
    assert [process.returncode for process in processes] == [0, 0]
    schema.require_current(empty)


def test_a_migration_that_fails_leaves_the_archive_as_it_was(
    empty: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(empty, "0001")
    before = tables(empty)
    monkeypatch.setattr("alembic.runtime.migration.MigrationContext.run_migrations", _half)
    with pytest.raises(RuntimeError, match="half way"):
        schema.upgrade(empty)
    assert tables(empty) == before
    assert schema.current(empty) == "0001"


def _half(context: object, **_: object) -> None:
    connection = context.connection  # type: ignore[attr-defined]
    connection.execute(text("CREATE TABLE half (id INTEGER)"))
    raise RuntimeError("half way")
