"""From when an object is put into the payload store until the row that names it is committed,
nobody deletes orphans: it would be one.

Who stores objects shares a lock, who deletes has it alone. On PostgreSQL it is an advisory lock; on
SQLite it is one on a file beside the archive's, for objects are written before the transaction.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.database.dialects import share_lock, wait_for_lock

LOCK: Final = 2
"""Shared by the transactions that store objects; who deletes orphans has it alone."""

_SUFFIX: Final = "-payloads.lock"


@contextmanager
def storing(archive: Archive) -> Iterator[None]:
    """Objects may be written, and the rows that name them, in a transaction of its own."""
    if archive.url.get_backend_name() == "sqlite":
        with _locked(archive, fcntl.LOCK_SH):
            yield
        return
    with archive.reading() as session:
        share_lock(session, LOCK)
        yield


@contextmanager
def none_storing(archive: Archive) -> Iterator[Session]:
    """A transaction that writes while nobody stores objects."""
    with _locked(archive, fcntl.LOCK_EX), archive.writing() as session:
        wait_for_lock(session, LOCK)
        yield session


@contextmanager
def _locked(archive: Archive, how: int) -> Iterator[None]:
    if archive.url.get_backend_name() != "sqlite":
        yield
        return
    with Path(f"{archive.url.database}{_SUFFIX}").open("ab") as file:
        fcntl.flock(file, how)
        yield
