"""Files cleaned after a redaction: what was taken out of the rows is to be in no file any more.

On SQLite its freed pages were overwritten (PRAGMA secure_delete); here the write-ahead log is
brought in and emptied, and the file is written anew without what earlier transactions freed. On
PostgreSQL dead rows are vacuumed away, and statistics, which have values of columns, are made anew.
The search index is made anew, and objects that no
row names go from the payload store. What a kill leaves undone is done by the next call.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, text, update
from sqlalchemy.exc import DBAPIError

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import ArchiveUnavailable
from storage.ledger.payload_store import payload_store
from storage.models import Base, Redaction
from storage.orphans import collect
from storage.search.errors import IndexUnavailable
from storage.search.follower import follow, open_index

PATIENCE: Final = 60.0  # seconds for others to let go of the write-ahead log
_PAUSE: Final = 0.25

Step = Callable[[str], None]
"""Told what is done next."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Whether all is clean; `left` says what is not, a line each."""

    left: tuple[str, ...] = ()


def clean(archive: Archive, *, full: bool = False, step: Step = lambda what: None) -> Cleaned:
    """Clean the files of the archive, and put on record that they are. `full` has PostgreSQL write
    the tables anew (VACUUM FULL), which locks them. To be called again where something is left.

    Raises ArchiveUnavailable.
    """
    left: list[str] = []
    step("the search index")
    left += _clean_index(archive)
    if archive.engine.dialect.name == "sqlite":
        left += _clean_sqlite(archive, step)
    else:
        left += _clean_postgresql(archive, step, full=full)
    if payload_store() is not None:
        step("the payload store")
        collect(archive, grace=timedelta())
    if not left:
        with archive.writing() as session:
            undone = update(Redaction).where(Redaction.cleaned_at.is_(None))
            session.execute(undone.values(cleaned_at=utc_now()))
    return Cleaned(tuple(left))


def _clean_index(archive: Archive) -> list[str]:
    try:
        index, _ = open_index(archive)
        # The log of changes tells it of the redaction: it is made anew.
        follow(archive, index)
    except TimeoutError:
        return ["the search index: another process brings it up to date"]
    except IndexUnavailable as error:
        return [f"the search index: {error}"]
    return []


def _clean_sqlite(archive: Archive, step: Step) -> list[str]:
    archive.engine.dispose()
    with _autocommit(archive) as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        step("the write-ahead log")
        if not _empty_log(connection):
            return ["the write-ahead log: another process reads the archive, or writes to it"]
        step("the database file")
        connection.exec_driver_sql("VACUUM")
        if not _empty_log(connection):
            return ["the write-ahead log: another process reads the archive, or writes to it"]
    archive.engine.dispose()
    return []


def _empty_log(connection: Connection) -> bool:
    """Whether all of the write-ahead log is in the file, and its own file is empty."""
    checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)"
    return _within_patience(lambda: not connection.exec_driver_sql(checkpoint).one()[0])


def _clean_postgresql(archive: Archive, step: Step, *, full: bool) -> list[str]:
    tables = [f'"{table.name}"' for table in Base.metadata.sorted_tables]
    with _autocommit(archive) as connection:
        step("transactions that began before")
        if not _others_ended(connection):
            return ["dead rows: a transaction that may see them is still open"]
        for table in tables:
            step(table)
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {table}")
            if full:
                # Alone it keeps what a transaction in any database of the server may be older than.
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")
        try:
            connection.exec_driver_sql("VACUUM pg_catalog.pg_statistic")
            if full:
                connection.exec_driver_sql("VACUUM (FULL) pg_catalog.pg_statistic")
        except DBAPIError:
            return ["the server's statistics: its administrator runs VACUUM pg_statistic"]
    return []


def _others_ended(connection: Connection) -> bool:
    """Whether all transactions of this database that were open have ended: dead rows can go."""
    began = connection.scalar(text("SELECT clock_timestamp()"))
    older = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND xact_start < :began"
    )
    return _within_patience(lambda: not connection.scalar(older, {"began": began}))


def _within_patience(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True


def _autocommit(archive: Archive) -> Connection:
    """A connection outside transactions. Raises ArchiveUnavailable."""
    try:
        connection = archive.engine.connect()
    except DBAPIError as error:
        raise ArchiveUnavailable(f"database {archive.name} does not answer") from error
    if archive.engine.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="AUTOCOMMIT")
    # `begin` is said by a listener of the archive's own: it is taken back.
    connection.exec_driver_sql("ROLLBACK")
    return connection
