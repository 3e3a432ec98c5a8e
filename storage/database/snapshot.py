"""The archive as it was at one time, whatever is written meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from storage.database.archive import Archive


@contextmanager
def snapshot(archive: Archive, *, read_only: bool = False) -> Iterator[Session]:
    """A session that reads the archive as it was when it began; with `read_only` the database
    refuses whatever would write."""
    with archive.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": read_only}
            session.connection(execution_options=options)
            yield session
        elif read_only:
            connection = session.connection()
            connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                yield session
            finally:
                connection.exec_driver_sql("PRAGMA query_only = OFF")
        else:
            yield session
