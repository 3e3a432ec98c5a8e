"""A backup: an archive in one SQLite file, with a manifest in it that says what it holds.

It can be read like any archive on SQLite, and is restored to an empty database of either kind. It
is made of one moment of the archive, while others go on writing; there whole or not at all; and
kept only if it is the same as the archive was, row by row.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

from sqlalchemy import func, inspect, select, text, update
from sqlalchemy.orm import Session

from storage import schema
from storage.copying import Copied, Progress, copied_tables, copy_archive, digests
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import ArchiveUnavailable, Refused
from storage.database.snapshot import snapshot
from storage.ledger.payload_store import get_object
from storage.models import Payload

_TABLE: Final = "backup_manifest"
_KIND: Final = "permalien-backup"
_STEP: Final = 1_000  # pages of SQLite's that are copied at a time
_TAKEN: Final = 50  # objects of the payload store, a transaction
_STORED: Final = Payload.object_digest.is_not(None)


class BadBackup(Refused):
    """The file is no backup, or a damaged one."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `tables` have their rows and a digest of them that no order changes."""

    made_at: datetime
    software: str
    schema: str
    tables: list[Copied]
    in_payload_store: int
    """Stored pages whose bytes it does not hold: the payload store has to be kept too."""

    @property
    def rows(self) -> int:
        return sum(it.rows for it in self.tables)


def back_up(
    archive: Archive,
    path: Path,
    *,
    replace: bool = False,
    without_store: bool = False,
    progress: Progress,
) -> Manifest:
    """Write a backup of the archive as it is now to `path`; what it holds.

    What a payload store has of it is taken in, unless `without_store`. Raises Refused where
    something is there already, unless `replace`, or the copy is not the same, Damaged and
    ArchiveUnavailable. Then nothing is there that was not, and what was there is as it
    was.
    """
    schema.require_current(archive)
    made_at = utc_now()
    with _explained(path), _new_file(path, replace=replace) as part:
        copy = Archive(f"sqlite:///{part}")
        try:
            if archive.url.get_backend_name() == "sqlite":
                tables = _copy_pages(archive, copy, part, progress)
            else:
                tables = copy_archive(archive, copy, progress=progress)
            left = _in_store(copy) if without_store else _take_in(copy, progress)
        finally:
            copy.close()
        manifest = Manifest(made_at, version("permalien"), schema.head(), tables, left)
        _write_manifest(part, manifest)
        return manifest


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What is wrong with the file that is written, as one line."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        why = getattr(error, "strerror", None) or error
        raise ArchiveUnavailable(f"{path}: {why}; nothing is kept of the backup") from error


def manifest_of(path: Path) -> Manifest:
    """What the backup at that path holds. Raises BadBackup."""
    backup = Archive(f"sqlite:///{path}")
    try:
        return read_manifest(backup)
    finally:
        backup.close()


def read_manifest(backup: Archive) -> Manifest:
    """Raises BadBackup where it is none, or of a later schema."""
    name = backup.name
    if not Path(name).is_file():
        raise BadBackup(f"{name}: there is no such file")
    try:
        with backup.reading() as session:
            if not inspect(session.connection()).has_table(_TABLE):
                raise BadBackup(f"{name}: it is no backup")
            document = json.loads(session.scalar(text(f"SELECT manifest FROM {_TABLE}")) or "")  # noqa: S608
        if document["kind"] != _KIND:
            raise BadBackup(f"{name}: it is no backup")
        manifest = Manifest(
            datetime.fromisoformat(document["made_at"]),
            str(document["software"]),
            str(document["schema"]),
            [Copied(it["table"], it["rows"], it["sha256"]) for it in document["tables"]],
            int(document["in_payload_store"]),
        )
    except (ArchiveUnavailable, ValueError, KeyError, TypeError) as error:
        raise BadBackup(f"{name}: it is no backup, or a damaged one") from error
    if manifest.schema > schema.head():  # they are numbered, with four digits
        raise BadBackup(
            f"{name}: it is of schema {manifest.schema}, which is newer than this Permalien: "
            f"restore it with Permalien {manifest.software} or a later one"
        )
    return manifest


def restore_backup(
    path: Path,
    target: Archive,
    *,
    progress: Progress,
    redact: Callable[[Session], None] = lambda session: None,
) -> Manifest:
    """Make the archive of a backup in an empty database, all of it or nothing.

    `redact` is called in the transaction that writes, once all is there and as the manifest says:
    what must not come back is taken out before anybody can see it. Of a backup of an older schema a
    copy is upgraded, beside it, and restored; what it holds can then be compared with its manifest
    no more, only with the copy. Raises Refused where the
    database holds something already, and where the backup is not what its manifest says.
    """
    backup = Archive(f"sqlite:///{path}")
    try:
        manifest = read_manifest(backup)
        said = {it.table: it for it in manifest.tables}
        is_older = manifest.schema < schema.head()

        def finish(session: Session, copied: list[Copied]) -> None:
            for it in copied:
                if it != said.get(it.table) and not is_older:
                    raise BadBackup(
                        f"{path}: table {it.table} is not what it was when the backup was made; "
                        "nothing is restored"
                    )
            redact(session)

        with _upgraded(backup, path) if is_older else nullcontext(backup) as source:
            copy_archive(source, target, progress=progress, finish=finish)
        return manifest
    finally:
        backup.close()


@contextmanager
def _upgraded(backup: Archive, path: Path) -> Iterator[Archive]:
    """A copy of a backup that has today's schema."""
    with (
        TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder,
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as before,
    ):
        file = Path(folder) / path.name
        with closing(sqlite3.connect(file)) as connection:
            before.backup(connection, pages=_STEP)
            (damage,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if damage != "ok":
            raise BadBackup(f"{backup.name}: it is damaged: {damage}")
        copy = Archive(f"sqlite:///{file}")
        try:
            schema.upgrade(copy)
            yield copy
        finally:
            copy.close()


@contextmanager
def _new_file(path: Path, *, replace: bool) -> Iterator[Path]:
    """Where to write what then appears at `path`, durable; nothing does where the block raises."""
    if not path.parent.is_dir():
        raise Refused(f"{path.parent}: there is no such folder")
    if path.exists() and not replace:
        raise Refused(f"{path} is there already: name another file, or say --force")
    if path.exists() and not _is_backup(path):
        raise Refused(f"{path} is there and is no backup: it is not replaced")
    part = path.with_name(f".{path.name}.part")
    with part.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused(f"another process is writing {path}") from error
        try:
            file.truncate(0)  # what a killed backup left
            _remove(part, "-wal", "-shm", "-journal")
            yield part
            _sync(part)
            part.replace(path)
            _sync(path.parent)
        finally:
            _remove(part, "", "-wal", "-shm", "-journal")


def _is_backup(path: Path) -> bool:
    backup = Archive(f"sqlite:///{path}")
    try:
        with backup.reading() as session:
            return inspect(session.connection()).has_table(_TABLE)
    except ArchiveUnavailable:
        return False
    finally:
        backup.close()


def _remove(part: Path, *suffixes: str) -> None:
    for suffix in suffixes:
        part.with_name(part.name + suffix).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_pages(archive: Archive, copy: Archive, part: Path, progress: Progress) -> list[Copied]:
    """Copy an archive on SQLite page by page, then compare; its tables.

    One read transaction holds the moment: whoever writes goes on, and what they write begins no
    copy anew, as it would if the pages were read without one
    (https://sqlite.org/backup.html#file_and_database_connection_locking).
    """
    with snapshot(archive) as session:
        rows = sum(
            session.scalar(select(func.count()).select_from(it)) or 0 for it in copied_tables()
        )
        source = cast(sqlite3.Connection, session.connection().connection.driver_connection)

        def copied(_status: int, remaining: int, whole: int) -> None:
            progress("copy", (whole - remaining) * rows // max(1, whole), 3 * rows)

        with closing(sqlite3.connect(part)) as connection:
            source.backup(connection, pages=_STEP, progress=copied, sleep=0)
            connection.execute("PRAGMA journal_mode = DELETE")
            (damage,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if damage != "ok":
            raise Refused(f"the copy of {archive.name} is damaged: {damage}; nothing is kept")
        done = rows

        def told(name: str, more: int) -> None:
            nonlocal done
            done += more
            progress(f"check {name}", done, 3 * rows)

        there = digests(session, told=told)
        with copy.reading() as reading:
            here = digests(reading, told=told)
    for before, after in zip(there, here, strict=True):
        if before != after:
            raise Refused(
                f"table {before.table} is not the same in the copy: {before.rows:,} rows were read "
                f"and {after.rows:,} written; nothing is kept"
            )
    return here


def _in_store(copy: Archive) -> int:
    """How many payloads are in the payload store."""
    with copy.reading() as session:
        stored = select(func.count()).select_from(Payload).where(_STORED)
        return session.scalar(stored) or 0


def _take_in(copy: Archive, progress: Progress) -> int:
    """Take what is in the payload store into the copy, each as its digest says; none is left."""
    whole, done = _in_store(copy), 0
    while done < whole:
        with copy.writing() as session:
            some = select(Payload.digest, Payload.object_digest).where(_STORED).limit(_TAKEN)
            for digest, name in session.execute(some).all():
                taken = {"data": get_object(name or b""), "object_digest": None}
                session.execute(update(Payload).where(Payload.digest == digest).values(taken))
                done += 1
        progress("payload store", done, whole)
    return 0


def _write_manifest(part: Path, manifest: Manifest) -> None:
    document: dict[str, Any] = {"kind": _KIND, **asdict(manifest)}
    document["made_at"] = manifest.made_at.astimezone(UTC).isoformat()
    with closing(sqlite3.connect(part)) as connection:
        # The file stands alone: no log beside it.
        connection.execute("PRAGMA journal_mode = DELETE")
        with connection:
            connection.execute(f"CREATE TABLE {_TABLE} (manifest TEXT NOT NULL)")
            connection.execute(
                f"INSERT INTO {_TABLE} VALUES (?)",  # noqa: S608
                (json.dumps(document, indent=1),),
            )
