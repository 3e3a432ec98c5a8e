"""The schema's version: what the archive has, what this code needs, and the way between.

Migrations are Alembic's, in the package `migrations`, one tree for SQLite and PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage.database.archive import Archive
from storage.database.errors import (
    ArchiveNotCreated,
    ArchiveOutdated,
    ArchiveTooNew,
    BadDatabaseURL,
)
from storage.models import Base

VIEWS: Final = ("articles", "article_versions", "observations", "source_days", "sources")

# Any number will do that no other program on the server locks: "Permalien" in a phone's letters.
_MIGRATION_LOCK = 737625436


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, wherever Permalien is installed; migrations run on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d_%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision this code needs."""
    (revision,) = ScriptDirectory.from_config(configuration()).get_heads()
    return revision


def current(archive: Archive) -> str | None:
    """The revision the archive has; None where there is none yet. Creates nothing."""
    if not _is_there(archive):
        return None
    with archive.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def upgrade(archive: Archive, revision: str = "head") -> None:
    """Create the archive or bring it up to date, all steps in one transaction.

    Raises ArchiveTooNew when the archive was made by a later Permalien, BadDatabaseURL when the
    database holds another program's tables.
    """
    if archive.engine.dialect.name == "sqlite":
        with archive.reading() as session:
            _refuse_strangers(archive, session.connection())
        _use_write_ahead_log(archive)
    with _migrating(archive) as connection:
        _refuse_strangers(archive, connection)
        command.upgrade(configuration(connection), revision)


def downgrade(archive: Archive, revision: str) -> None:
    """Take the schema back to `revision` ("base": nothing left, the rows neither)."""
    with _migrating(archive) as connection:
        command.downgrade(configuration(connection), revision)


def require_current(archive: Archive) -> None:
    """Raises ArchiveNotCreated, ArchiveOutdated or ArchiveTooNew unless schema and code fit."""
    revision = current(archive)
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
    scripts = ScriptDirectory.from_config(configuration())
    return any(script.revision == revision for script in scripts.walk_revisions())


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
            connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _MIGRATION_LOCK})
            yield connection
            return
        # SQLite changes a table by making it anew (https://sqlite.org/lang_altertable.html,
        # section 7): foreign keys are let be meanwhile, which must be said between transactions.
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"the migration breaks {len(broken)} foreign keys")
    archive.engine.dispose()  # and with it the connection that lets foreign keys be


def _refuse_strangers(archive: Archive, connection: Connection) -> None:
    revision = MigrationContext.configure(connection).get_current_revision()
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
