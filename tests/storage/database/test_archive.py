"""Opening archives that can't be opened, and what an archive's sessions keep."""

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, ProgrammingError

from storage import schema
from storage.database.archive import Archive
from storage.database.errors import ArchiveUnavailable, BadDatabaseURL
from storage.database.settings import CACHE_VARIABLE
from storage.frontier.domains import registered_domain
from storage.granting import grant_reader
from storage.models import Address, Payload
from storage.review.status import status
from tests.support.archiving import START, Desk
from tests.support.databases import PostgreSQLServer, fresh_database
from tests.support.searching import search


def put(archive: Archive, size: int = 10) -> None:
    with archive.writing() as session:
        session.execute(
            insert(Payload).values(
                digest=os.urandom(32), size=size, encoding="zstd", data=os.urandom(size)
            )
        )


def message_of(archive: Archive) -> str:
    """What the archive says when it is written to."""
    with pytest.raises(ArchiveUnavailable) as caught:
        put(archive)
    archive.close()
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "url",
    [
        "",
        "archive.db",
        "mysql://localhost/archive",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///",
        "postgresql://localhost:port/archive",
        "nonsense://",
        "://",
        "a\nb",
    ],
)
def test_a_bad_address(url: str) -> None:
    with pytest.raises(BadDatabaseURL) as caught:
        Archive(url)
    assert "\n" not in str(caught.value)
    assert "sqlite:///" in str(caught.value)


def test_opening_connects_to_nothing(tmp_path: Path) -> None:
    Archive(f"sqlite:///{tmp_path / 'archive.db'}").close()
    Archive("postgresql://nobody:secret@127.0.0.1:1/archive").close()
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer() -> None:
    message = message_of(Archive("postgresql://nobody:secret@127.0.0.1:1/archive"))
    assert "127.0.0.1:1/archive" in message
    assert "check that it runs" in message
    assert "secret" not in message


def test_a_database_that_the_server_does_not_have(postgresql_archive: Archive) -> None:
    url = postgresql_archive.url.set(database="no_such_archive")
    message = message_of(Archive(url.render_as_string(hide_password=False)))
    assert 'database "no_such_archive" does not exist' in message


def test_plans_over_every_month_are_not_compiled(postgresql_archive: Archive) -> None:
    with postgresql_archive.reading() as session:
        assert session.scalar(text("SHOW jit")) == "off"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    message = message_of(Archive(f"sqlite:///{tmp_path / 'none' / 'archive.db'}"))
    assert "check that its folder exists" in message


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    assert "can't be opened" in message_of(Archive(f"sqlite:///{tmp_path}"))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are notes.\n" * 100)
    assert "not a Permalien archive" in message_of(Archive(f"sqlite:///{path}"))


@contextmanager
def _anyone() -> Iterator[Path]:
    """A folder of an ordinary user's, whom file permissions bind even where root runs the tests."""
    root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp())
    registered_domain("https://example.org/")  # imports what that user may not read
    if root:
        os.chown(folder, 65_534, 65_534)
        os.seteuid(65_534)
    try:
        yield folder
    finally:
        folder.chmod(0o700)
        if root:
            os.seteuid(0)
        shutil.rmtree(folder)


def test_a_file_that_may_not_be_written() -> None:
    with _anyone() as folder:
        path = folder / "archive.db"
        archive = Archive(f"sqlite:///{path}")
        schema.upgrade(archive)
        archive.close()
        path.chmod(0o400)
        assert "read-only" in message_of(Archive(f"sqlite:///{path}"))


def test_a_folder_that_may_not_be_written() -> None:
    with _anyone() as folder:
        folder.chmod(0o500)
        message = message_of(Archive(f"sqlite:///{folder / 'archive.db'}"))
        assert "may be written to" in message


@contextmanager
def _published() -> Iterator[Path]:
    """An archive with an article, which its reader may not change, nor the folder it is in."""
    with _anyone() as folder:
        path = folder / "archive.db"
        archive = Archive(f"sqlite:///{path}")
        schema.upgrade(archive)
        Desk(archive).read("/a", "Title", "One two three")
        archive.close()
        path.chmod(0o444)
        folder.chmod(0o555)
        yield path


def test_a_file_that_may_only_be_read_in_a_folder_that_may_only_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with _published() as path, tempfile.TemporaryDirectory() as cache:
        monkeypatch.setenv(CACHE_VARIABLE, cache)
        archive = Archive(f"sqlite:///{path}")
        schema.require_current(archive)
        for _ in range(2):
            assert [hit.title for hit in search(archive, "three")] == ["Title"]
        assert list(path.parent.iterdir()) == [path]
        assert "read-only" in message_of(archive)


def test_a_file_that_is_read_without_locks_while_its_owner_writes_to_it() -> None:
    def payloads(archive: Archive, meanwhile: Callable[[], None] = lambda: None) -> int | None:
        with archive.reading() as session:
            found = session.scalar(select(func.count()).select_from(Payload))
            meanwhile()
            return found

    def write() -> None:
        path.parent.chmod(0o700)
        path.chmod(0o600)
        put(writer)
        writer.close()
        path.parent.chmod(0o500)

    with _published() as path:
        reader, writer = (Archive(f"sqlite:///{path}") for _ in range(2))
        assert payloads(reader) == 1
        with pytest.raises(ArchiveUnavailable, match="written to while it was read; run again"):
            payloads(reader, write)
        assert payloads(reader) == 2


def test_a_file_that_may_only_be_read_while_its_owner_writes() -> None:
    """The owner's log and locks are there: what he has committed is seen."""
    with _published() as path:
        path.parent.chmod(0o700)
        path.chmod(0o600)
        reader, writer = (Archive(f"sqlite:///{path}") for _ in range(2))
        put(writer)
        path.chmod(0o444)
        path.parent.chmod(0o555)
        with reader.reading() as session:
            assert session.scalar(select(func.count()).select_from(Payload)) == 2
        reader.close()
        writer.close()


def test_a_server_that_may_only_be_read(
    postgresql: PostgreSQLServer, postgresql_template: str
) -> None:
    with fresh_database(postgresql, postgresql_template) as url:
        archive = Archive(url)
        name = archive.url.database
        postgresql.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        assert "read-only" in message_of(archive)


def test_a_reader_of_postgresql_who_may_select_alone(
    postgresql: PostgreSQLServer, postgresql_template: str
) -> None:
    """The commands that read work for a user with the rights of `permalien db grant-reader`."""
    role = f"researcher_{uuid.uuid4().hex[:8]}"
    with fresh_database(postgresql, postgresql_template) as url:
        owner = Archive(url)
        Desk(owner).read("/a", "Title", "One two three")
        with owner.writing() as session:
            session.execute(text(f"CREATE ROLE {role} LOGIN"))
        grant_reader(owner, role)
        reader = Archive(make_url(url).set(username=role).render_as_string(hide_password=False))
        try:
            for change in ("SELECT 1", f"REVOKE SELECT ON alembic_version FROM {role}"):
                with owner.writing() as session:
                    session.execute(text(change))
                schema.require_current(reader)
                assert [hit.title for hit in search(reader, "three")] == ["Title"]
                with reader.reading() as session:
                    assert status(session, now=START).articles == 1
                    assert session.scalar(text("SELECT count(*) FROM articles")) == 1
            assert "its owner has to grant" in message_of(reader)
        finally:
            reader.close()
            with owner.writing() as session:
                session.execute(text(f"DROP OWNED BY {role}"))
                session.execute(text(f"DROP ROLE {role}"))
            owner.close()


_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_file_that_another_process_holds(
    sqlite_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(sqlite_archive.url.database)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        monkeypatch.setattr("storage.database.archive.BUSY_TIMEOUT", 0.1)
        assert "another process holds it" in message_of(Archive(f"sqlite:///{path}"))
        with sqlite_archive.reading() as session:
            assert session.scalars(select(Payload)).all() == []
        assert holder.stdin is not None
        holder.stdin.close()
    put(sqlite_archive)


def test_a_full_disk_leaves_nothing_half_written(sqlite_archive: Archive) -> None:
    archive = Archive(sqlite_archive.url.render_as_string())

    @event.listens_for(archive.engine, "connect")
    def limit(connection: object, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count = {pages + 20}")  # type: ignore[attr-defined]

    put(archive, 1_000)
    with pytest.raises(ArchiveUnavailable, match="the disk is full"):
        put(archive, 200_000)
    archive.close()
    with sqlite_archive.reading() as session:
        assert session.scalars(select(Payload.size)).all() == [1_000]
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"


def test_a_session_that_reads_keeps_nothing(archive: Archive) -> None:
    with archive.reading() as session:
        session.execute(insert(Payload).values(digest=b"a", size=0, encoding="zstd", data=b""))
    with archive.reading() as session:
        assert session.scalars(select(Payload)).all() == []


def test_a_session_that_fails_keeps_nothing(archive: Archive) -> None:
    def fail() -> None:
        with archive.writing() as session:
            session.execute(insert(Payload).values(digest=b"a", size=0, encoding="zstd", data=b""))
            raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        fail()
    with archive.reading() as session:
        assert session.scalars(select(Payload)).all() == []


def test_a_refused_statement_is_no_missing_database(archive: Archive) -> None:
    with pytest.raises(IntegrityError), archive.writing() as session:
        session.execute(
            insert(Address).values(key="k", url="u", source_id=7, kind="page", article_id=8)
        )
    if archive.engine.dialect.name == "postgresql":
        with pytest.raises(ProgrammingError), archive.reading() as session:
            session.execute(text("SELECT * FROM no_such_table"))


def test_an_archive_is_named_without_its_password(tmp_path: Path) -> None:
    assert Archive(f"sqlite:///{tmp_path}/a.db").name == f"{tmp_path}/a.db"
    name = Archive("postgresql+asyncpg://me:secret@db.example/archive").name
    assert "db.example/archive" in name
    assert "secret" not in name


def test_a_reader_sees_the_archive_as_it_was_when_it_began(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive)
    with sqlite_archive.reading() as session:
        before = session.scalars(select(Address.url)).all()
        desk.address("/a")
        assert session.scalars(select(Address.url)).all() == before
