"""The schema's version: what the archive has, what this code needs, and the way between.

Migrations are Alembic's, in the package `migrations`, one tree for SQLite and PostgreSQL. Alembic
is imported by what moves the schema alone: to look whether it is current need not wait for it.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from storage.database.archive import Archive
from storage.database.errors import (
    ArchiveNotCreated,
    ArchiveOutdated,
    ArchiveTooNew,
    BadDatabaseURL,
)
from storage.database.remade_tables import triggers_kept
from storage.models import Base

if TYPE_CHECKING:
    from alembic.config import Config

VIEWS: Final = (
    "absences",
    "addresses",
    "article_versions",
    "articles",
    "blocks",
    "coverage",
    "edits",
    "fetches",
    "findings",
    "first_sights",
    "observations",
    "overrulings",
    "own_readings",
    "presence",
    "redactions",
    "retracted_versions",
    "rights",
    "site_changes",
    "source_days",
    "sources",
)

# Any number will do that no other program on the server locks: "Permalien" in a phone's letters.
_MIGRATION_LOCK = 737625436

COPY_STEP = 1_000
"""Rows that an upgrade moves in one transaction."""

_REVISION = re.compile(r"\d{4}-\d\d-\d\d_(\d{4})_\w+\.py")


def configuration(connection: Connection | None = None) -> "Config":
    """Alembic's configuration, wherever Permalien is installed; migrations run on `connection`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d_%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision this code needs: the last of the migrations, which are numbered."""
    return max(_revisions())


def current(archive: Archive) -> str | None:
    """The revision the archive has; None where there is none yet. Creates nothing."""
    if not _is_there(archive):
        return None
    with archive.reading() as session:
        return _revision(session.connection())


def upgrade(
    archive: Archive,
    revision: str = "head",
    *,
    progress: Callable[[str, int, int], None] = lambda name, done, whole: None,
) -> None:
    """Create the archive or bring it up to date. Where a revision says what it has left, `progress`
    is told its number, and how much of how much is done.

    A step that moves rows moves some of them in each of many transactions; all other steps up to
    the next of these are one transaction. After a kill the next upgrade goes on where it was.

    Raises ArchiveTooNew when the archive was made by a later Permalien, BadDatabaseURL when the
    database holds another program's tables.
    """
    from alembic import command

    if archive.engine.dialect.name == "sqlite":
        with archive.reading() as session:
            _refuse_strangers(archive, session.connection())
        _use_write_ahead_log(archive)
    for step in _steps(current(archive), revision):
        with _migrating(archive) as connection:
            _refuse_strangers(archive, connection)
            command.upgrade(configuration(connection), step)
        _copy(archive, step, progress)


def _steps(base: str | None, revision: str) -> list[str]:
    """The revisions to go to one after the other: those that move rows, and the last."""
    if base is None or not _is_known(base):
        return [revision]
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(configuration())
    path = [it.revision for it in scripts.iterate_revisions(revision, base)][::-1]
    moving = [it for it in [base, *path] if hasattr(scripts.get_revision(it).module, "copy_some")]
    return [*moving, *path[-1:]] or [revision]


def _copy(archive: Archive, revision: str, progress: Callable[[str, int, int], None]) -> None:
    """Move the rows that a revision moves, some in a transaction."""
    from alembic.script import ScriptDirectory

    module = ScriptDirectory.from_config(configuration()).get_revision(revision).module
    if not hasattr(module, "copy_some"):
        return
    left: Callable[[Connection], int] = getattr(module, "left", lambda connection: 0)
    with archive.reading() as session:
        whole = left(session.connection())
    more = True
    while more:
        with archive.writing() as session:
            connection = session.connection()
            _lock(connection)
            more = module.copy_some(connection, COPY_STEP)
            done = whole - left(connection)
        progress(f"revision {revision}", done, whole)


def downgrade(archive: Archive, revision: str) -> None:
    """Take the schema back to `revision` ("base": nothing left, the rows neither)."""
    from alembic import command

    with _migrating(archive) as connection:
        command.downgrade(configuration(connection), revision)


def require_current(archive: Archive) -> None:
    """Raises ArchiveNotCreated, ArchiveOutdated or ArchiveTooNew unless schema and code fit.

    Who may not read the revision is taken to read what he may.
    """
    revision = None
    if _is_there(archive):
        with archive.reading() as session:
            connection = session.connection()
            if not _may_read_revision(connection):
                return
            revision = _revision(connection)
    if revision is None:
        raise ArchiveNotCreated(
            f"database {archive.name} holds no archive yet: run `permalien add URL`, "
            "or check --database"
        )
    if revision == head():
        return
    if _is_known(revision):
        raise ArchiveOutdated(
            f"the archive's schema is older than this Permalien ({revision}, needs {head()}): "
            "run `permalien db upgrade`"
        )
    raise _unknown(archive, revision)


def ensure(archive: Archive) -> None:
    """Create the archive where there is none; otherwise as `require_current`."""
    if current(archive) is None:
        upgrade(archive)
    require_current(archive)


def _is_known(revision: str) -> bool:
    return revision in _revisions()


def _revisions() -> set[str]:
    names = (path.name for path in files("migrations").joinpath("versions").iterdir())
    return {match[1] for name in names if (match := _REVISION.fullmatch(name)) is not None}


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _may_read_revision(connection: Connection) -> bool:
    if connection.dialect.name != "postgresql":
        return True
    # Null where there is no such table.
    may = text("SELECT has_table_privilege(to_regclass('alembic_version'), 'SELECT')")
    return connection.scalar(may) is not False


def _is_there(archive: Archive) -> bool:
    if archive.engine.dialect.name != "sqlite":
        return True
    path = archive.url.database
    return bool(path) and Path(str(path)).exists()


@contextmanager
def _migrating(archive: Archive) -> Iterator[Connection]:
    """A transaction that may change the schema, alone at it."""
    with archive.writing() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            _lock(connection)
            yield connection
            return
        # SQLite changes a table by making it anew (https://sqlite.org/lang_altertable.html,
        # section 7): foreign keys are let be meanwhile, which must be said between transactions.
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with triggers_kept(connection):
            yield connection
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"the migration breaks {len(broken)} foreign keys")
    archive.engine.dispose()  # and with it the connection that lets foreign keys be


def _lock(connection: Connection) -> None:
    """One process at a time moves the schema; SQLite has one writer in any case."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _MIGRATION_LOCK})


def _refuse_strangers(archive: Archive, connection: Connection) -> None:
    revision = _revision(connection)
    if revision is not None and not _is_known(revision):
        raise _unknown(archive, revision)
    inspector = inspect(connection)
    there = {*inspector.get_table_names(), *inspector.get_view_names()}
    if revision is None and there & {*Base.metadata.tables, *VIEWS}:
        raise BadDatabaseURL(
            f"database {archive.name} holds another program's tables: name another with --database"
        )


def _unknown(archive: Archive, revision: str) -> ArchiveTooNew:
    return ArchiveTooNew(
        f"the schema of database {archive.name} ({revision}) is newer than this Permalien, or "
        "another program's: upgrade Permalien, or name another with --database"
    )


def _use_write_ahead_log(archive: Archive) -> None:
    # Persistent in the file, and not allowed within a transaction.
    with archive.reading() as session:
        connection = session.connection()
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.exec_driver_sql("BEGIN")
