"""What the archive raises. The name says what the caller can do.

ArchiveError               stop, and show the message: it says what to do
|- BadDatabaseURL          the address of the database can't be used
|- BadSetting              an environment variable is put wrongly
|- ArchiveUnavailable      no answer: unreachable, locked, full, or not writable; may pass
|  `- StoreUnavailable    no answer of the payload store, or no room there; may pass
|- ArchiveNotCreated       no schema yet: `permalien db upgrade`
|- ArchiveOutdated         the schema is older than the code: `permalien db upgrade`
|- ArchiveTooNew           the schema is newer than the code: upgrade Permalien
|- LeaseLost               another process took over this run's sources: stop the run
|- Damaged                 a row is missing that another refers to: the message names it
|- NotFound                no such source, article or version
`- Refused                 it can't be done to what the archive holds: the message says why
"""

import sqlite3
from typing import Final

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

# PostgreSQL, Appendix A: Error Codes.
_INSUFFICIENT_PRIVILEGE: Final = "42501"
_PROGRAM_LIMIT_EXCEEDED: Final = "54"
# Connection, rollback, resources (a full disk among them), system (57P, beside them: shutdown).
_MAY_PASS: Final = frozenset({"08", "40", "53", "58"})
_SQLITE_MAY_PASS: Final = ("locked", "busy", "full", "disk I/O error")


class ArchiveError(Exception):
    """The archive can't do what was asked. The message is one line and says what to do."""


class BadDatabaseURL(ArchiveError):
    """The address of the database can't be used."""


class BadSetting(ArchiveError):
    """An environment variable is put wrongly."""


class ArchiveUnavailable(ArchiveError):
    """The database does not answer, or refuses to write. Another try may succeed."""


class StoreUnavailable(ArchiveUnavailable):
    """The payload store does not answer, or can't be written to. Another try may succeed."""


class ArchiveNotCreated(ArchiveError):
    """The database holds no archive yet."""


class ArchiveOutdated(ArchiveError):
    """The archive's schema is older than this code."""


class ArchiveTooNew(ArchiveError):
    """The archive's schema is newer than this code."""


class LeaseLost(ArchiveError):
    """This run was taken for dead and its sources were given to another."""


class Damaged(ArchiveError):
    """The archive lacks a row that another refers to."""

    def __init__(self, row: str) -> None:
        super().__init__(
            f"the archive is damaged: it lacks {row}, which another row refers to; "
            "restore it from a backup"
        )


class NotFound(ArchiveError):
    """The archive holds no such thing."""


class Refused(ArchiveError):
    """What was asked can't be done to what the archive holds."""


def unavailable(error: DBAPIError, where: str) -> ArchiveUnavailable:
    """The driver's error as one line that says what to do; `where` names the database."""
    text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no answer"
    lower, sqlstate = text.lower(), getattr(error.orig, "sqlstate", None)
    if "readonly" in lower or "read-only" in lower:
        advice = "it is read-only; make it writable or name another with --database"
    elif "permission denied" in lower and sqlstate == _INSUFFICIENT_PRIVILEGE:
        advice = f"{text}: its owner has to grant you that (docs/sql.md)"
    elif "locked" in lower:
        advice = "another process holds it; wait for that one to end"
    elif "full" in lower or "no space" in lower:
        advice = "the disk is full; make room and run again, nothing was half-written"
    elif "disk i/o" in lower:
        # SQLite says so too where a full disk has no room for the file that readers share.
        advice = f"{text}: the disk is full, or fails; make room, or see to it, and run again"
    elif "unable to open" in lower:
        advice = "it can't be opened; check that its folder exists and may be written to"
    elif "not a database" in lower or "malformed" in lower:
        advice = "it is not a Permalien archive, or it is damaged"
    else:
        advice = f"{text}; check that it runs and that --database is right"
    return ArchiveUnavailable(f"database {where}: {advice}")


def is_refusal(error: DBAPIError) -> bool:
    """Whether the database is well and refused this statement for what it says.

    No other statement fails for that, and this one fails again: a value too large, a broken
    constraint, a mistake of ours.
    """
    if error.connection_invalidated:
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(error.orig, sqlite3.OperationalError):
        return code == sqlite3.SQLITE_ERROR
    sqlstate = getattr(error.orig, "sqlstate", None) or ""
    if sqlstate == _INSUFFICIENT_PRIVILEGE:
        return False
    refusals = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
    return isinstance(error, refusals) or sqlstate[:2] == _PROGRAM_LIMIT_EXCEEDED


def may_pass(error: DBAPIError) -> bool:
    """Whether the same statement can succeed later: a lost connection, a lock, a deadlock, a disk
    that is full or does not answer."""
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.OperationalError):
        return any(word in str(error.orig) for word in _SQLITE_MAY_PASS)
    sqlstate = getattr(error.orig, "sqlstate", None) or ""
    return isinstance(error, OperationalError) and (
        not sqlstate or sqlstate[:2] in _MAY_PASS or sqlstate.startswith("57P")
    )
