"""The archive as it was at one time, whatever is written meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from storage.database.archive import Archive


@contextmanager
def snapshot(archive: Archive) -> Iterator[Session]:
    """A session that reads the archive as it was when it began."""
    with archive.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session
