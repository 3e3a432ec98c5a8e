"""An archive opened to be read, and for nothing else."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL

from storage import schema
from storage.database.archive import Archive
from storage.database.settings import database_url


def open_read_only(where: str | os.PathLike[str] | None = None) -> Archive:
    """The archive at a database URL or in an SQLite file; None for the one that the environment
    names. Nothing is created, brought up to date or written.

    Raises ArchiveNotCreated, ArchiveOutdated or ArchiveTooNew where it does not fit this code, and
    whatever Archive raises.
    """
    archive = Archive(_url(where))
    event.listen(archive.engine, "connect", _refuse_writes)
    try:
        schema.require_current(archive)
    except BaseException:
        archive.close()
        raise
    return archive


def require_current(archive: Archive) -> None:
    """Raises ArchiveNotCreated, ArchiveOutdated or ArchiveTooNew unless the archive still fits this
    code."""
    schema.require_current(archive)


def _url(where: str | os.PathLike[str] | None) -> str:
    if where is None:
        return database_url()
    if isinstance(where, str) and ":" in where and not Path(where).exists():
        return where
    return URL.create("sqlite", database=os.fspath(where)).render_as_string()


def _refuse_writes(connection: Any, _record: object) -> None:
    if hasattr(connection, "read_only"):
        connection.read_only = True  # psycopg's
    else:
        connection.execute("PRAGMA query_only = ON")
