"""One archive: its engine, and sessions that read or write.

archive = Archive("sqlite:///permalien.db")
with archive.reading() as session: ...
with archive.writing() as session: ...      # commits at the end, or rolls all of it back
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoResultFound
from sqlalchemy.orm import Session

from storage.database.errors import (
    ArchiveUnavailable,
    BadDatabaseURL,
    Damaged,
    is_refusal,
    unavailable,
)

BUSY_TIMEOUT = 30  # seconds that SQLite waits for another process's write
CONNECT_TIMEOUT = 10  # seconds


class _Session(Session):
    """A session that names the row it lacks."""

    def get_one(self, entity: Any, ident: Any, **options: Any) -> Any:
        try:
            return super().get_one(entity, ident, **options)
        except NoResultFound as error:
            raise Damaged(f"{entity.__tablename__} {ident}") from error


class Archive:
    """A database that holds an archive. Opening it connects to nothing yet.

    Raises BadDatabaseURL for an address that is neither SQLite's nor PostgreSQL's. Its sessions
    raise ArchiveUnavailable when the database does not answer or can't be written to. A
    statement that the database refuses for what it says raises SQLAlchemy's own error.
    """

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.engine = _make_engine(self.url)

    @property
    def name(self) -> str:
        """The database as messages name it, without a password."""
        if self.url.get_backend_name() == "sqlite":
            return str(self.url.database)
        plain = self.url.set(drivername=self.url.get_backend_name())
        return plain.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        sqlite = self.url.get_backend_name() == "sqlite"
        stamp = _stamp_of_unlocked(self.url.database) if sqlite else None
        with self._explained(), _Session(self.engine, expire_on_commit=False) as session:
            yield session
        if stamp is not None:
            self.engine.dispose()  # its connections would not see what is written from now on
            if _stamp(self.url.database) != stamp:
                raise ArchiveUnavailable(
                    f"database {self.name}: it was written to while it was read; run again"
                )

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end of the block, or not at all."""
        engine = self.engine.execution_options(writes=True)
        with (
            self._explained(),
            _Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if is_refusal(error):
                raise
            raise unavailable(error, self.name) from error


def _stamp_of_unlocked(path: str | None) -> object | None:
    """What tells whether the SQLite file has changed, if it can only be read without locks.

    That is so in a folder that may not be written to, where SQLite can't put its log and its
    locks, unless somebody is writing and they are there (https://sqlite.org/wal.html, section 5).
    """
    if path is None or not Path(path).is_file() or Path(f"{path}-wal").exists():
        return None
    if os.access(Path(path).absolute().parent, os.W_OK, effective_ids=True):
        return None
    return _stamp(path)


def _stamp(path: str | None) -> object:
    stat = Path(str(path)).stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size, Path(f"{path}-wal").exists()


def _connect_sqlite(_dialect: object, _record: object, cargs: list[Any], cparams: Any) -> Any:
    """A connection without locks where there can be none; None for one as usual."""
    if _stamp_of_unlocked(cargs[0]) is None:
        return None
    uri = f"{Path(cargs[0]).absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, **cparams)


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise BadDatabaseURL(f"{text!r} is no database URL; try sqlite:///permalien.db") from error
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise BadDatabaseURL("an archive in memory would be lost: use sqlite:///FILE")
        return url.set(drivername="sqlite+pysqlite")
    raise BadDatabaseURL(f"{backend} is not supported; use sqlite:///FILE or postgresql://…")


def _make_engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        engine = create_engine(
            url, connect_args={"connect_timeout": CONNECT_TIMEOUT}, pool_pre_ping=True
        )
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT})
    event.listen(engine, "do_connect", _connect_sqlite)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # A plan has a node for each month of the ledger: to compile one takes seconds, to run it none.
    connection.execute("SET jit = off")
    connection.commit()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transactions begin too late; _begin_sqlite says BEGIN itself.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another has written
    # in between; an immediate one waits its turn.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
