"""Reads that may take so long and no longer.

    archive = open_read_only(where)
    keep_time_limits(archive)
    with time_limit(5):
        ...                        # raises TookTooLong

A limit holds for every statement within, on whatever connection of that archive, in this thread or
task.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from sqlalchemy import Connection, event
from sqlalchemy.engine import ExceptionContext

from storage.database.archive import Archive
from storage.database.errors import ArchiveError

_STEPS: Final = 20_000  # of SQLite's machine, some milliseconds, between two looks at the clock
_SQLITE_INTERRUPTED: Final = 9  # https://sqlite.org/rescode.html#interrupt
_QUERY_CANCELED: Final = "57014"  # PostgreSQL, Appendix A: Error Codes

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


class TookTooLong(ArchiveError):
    """The answer would have taken longer than was allowed."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """What is read of archives within may take so long altogether. Raises TookTooLong."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def keep_time_limits(archive: Archive) -> None:
    """Hold reads of this archive to the time limit that they run in, where there is one."""
    engine = archive.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _watch_sqlite)
    else:
        event.listen(engine, "begin", _limit_postgresql)
    event.listen(engine, "handle_error", _tell)


def _watch_sqlite(connection: Any, _record: object) -> None:
    connection.set_progress_handler(_is_over, _STEPS)


def _is_over() -> bool:
    deadline = _deadline.get()
    return deadline is not None and time.monotonic() > deadline


def _limit_postgresql(connection: Connection) -> None:
    deadline = _deadline.get()
    if deadline is not None:
        left = max(1, int((deadline - time.monotonic()) * 1000))
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {left}")


def _tell(context: ExceptionContext) -> None:
    error = context.original_exception
    interrupted = getattr(error, "sqlite_errorcode", None) == _SQLITE_INTERRUPTED
    if interrupted or getattr(error, "sqlstate", None) == _QUERY_CANCELED:
        raise TookTooLong("the archive took too long to answer") from error
