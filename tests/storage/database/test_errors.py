"""Each error is one line that says what to do."""

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, ProgrammingError

from storage.database.errors import ArchiveError, NotFound, is_refusal, may_pass, unavailable

LOCKED = sqlite3.OperationalError("database is locked")
READ_ONLY = sqlite3.OperationalError("attempt to write a readonly database")
FULL = sqlite3.OperationalError("database or disk is full")
CORRUPT = sqlite3.DatabaseError("file is not a database")
GONE = psycopg.OperationalError("server closed the connection unexpectedly\n\tThis probably means")


def wrapped(
    original: Exception, kind: type[DBAPIError] = OperationalError, *, invalidated: bool = False
) -> DBAPIError:
    return kind("SELECT 1", {}, original, connection_invalidated=invalidated)


@pytest.mark.parametrize(
    ("original", "advice"),
    [
        (LOCKED, "another process holds it; wait"),
        (READ_ONLY, "it is read-only; make it writable"),
        (FULL, "the disk is full; make room"),
        (sqlite3.OperationalError("disk I/O error"), "the disk is full, or fails; make room"),
        (CORRUPT, "it is not a Permalien archive"),
        (sqlite3.OperationalError("unable to open database file"), "check that its folder exists"),
        (psycopg.errors.DiskFull("could not extend file: No space left on device"), "make room"),
        (GONE, "server closed the connection unexpectedly; check that it runs"),
        (psycopg.OperationalError(""), "no answer; check that it runs"),
    ],
)
def test_a_database_that_is_away(original: Exception, advice: str) -> None:
    message = str(unavailable(wrapped(original), "archive.db"))
    assert message.startswith("database archive.db: ")
    assert advice in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "error",
    [
        wrapped(LOCKED),
        wrapped(FULL),
        wrapped(sqlite3.OperationalError("disk I/O error")),
        wrapped(psycopg.errors.DiskFull("no space left on device")),
        wrapped(psycopg.errors.TooManyConnections("sorry, too many clients already")),
        wrapped(GONE),
        wrapped(psycopg.errors.DeadlockDetected("deadlock detected")),
        wrapped(psycopg.errors.AdminShutdown("terminating connection")),
        wrapped(psycopg.errors.CannotConnectNow("the database system is starting up")),
        wrapped(psycopg.InterfaceError("the connection is closed"), DBAPIError, invalidated=True),
    ],
)
def test_what_may_pass(error: DBAPIError) -> None:
    assert may_pass(error)
    assert not is_refusal(error)


@pytest.mark.parametrize(
    "error",
    [
        wrapped(READ_ONLY),
        wrapped(CORRUPT, DBAPIError),
        wrapped(psycopg.errors.InsufficientPrivilege("permission denied"), ProgrammingError),
    ],
)
def test_what_neither_passes_nor_is_the_statement(error: DBAPIError) -> None:
    assert not may_pass(error)
    assert not is_refusal(error)


@pytest.mark.parametrize(
    "error",
    [
        wrapped(psycopg.errors.UniqueViolation("duplicate key"), IntegrityError),
        wrapped(sqlite3.IntegrityError("UNIQUE constraint failed"), IntegrityError),
        wrapped(psycopg.DataError("NUL bytes"), DataError),
        wrapped(psycopg.errors.UndefinedTable("no such relation"), ProgrammingError),
        wrapped(psycopg.errors.ProgramLimitExceeded("string is too long for tsvector")),
    ],
)
def test_what_is_refused(error: DBAPIError) -> None:
    assert is_refusal(error)
    assert not may_pass(error)


def test_sqlite_says_by_its_code_what_it_refuses() -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("SELECT * FROM no_such_table")
    connection.close()
    assert is_refusal(wrapped(caught.value))


def test_every_error_is_caught_as_one() -> None:
    assert isinstance(unavailable(wrapped(GONE), "x"), ArchiveError)
    assert issubclass(NotFound, ArchiveError)
