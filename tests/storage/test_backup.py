"""A backup holds the archive as it was, whole or not at all, and is restored to either database."""

import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from storage import backup as backups
from storage import schema
from storage.backup import BadBackup, back_up, restore_backup
from storage.compaction import compact
from storage.copying import copied_tables
from storage.database.archive import Archive
from storage.database.errors import ArchiveUnavailable, Refused
from storage.database.settings import PAYLOADS_VARIABLE
from storage.frontier.removal import remove_with_record
from storage.frontier.sources import add_source
from storage.ledger.payloads import digest_of, load_payload
from storage.models import Fetch, Payload, Source
from tests.storage.test_copying import filled, quietly, without_derived
from tests.support.archiving import START, Desk
from tests.support.command import Command, permalien
from tests.support.databases import PostgreSQLServer, fresh_database

__all__ = ["filled"]

KILLS = 2  # of each command, on each database
SOAK_KILLS = int(os.environ.get("SOAK_KILLS", "10"))  # the same
soak = [pytest.mark.soak, pytest.mark.timeout(7200)]

both = pytest.mark.parametrize("filled", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def targets(tmp_path: Path, postgresql: PostgreSQLServer) -> Iterator[list[Archive]]:
    """Databases that hold nothing, of either kind."""
    with fresh_database(postgresql) as url:
        archives = [Archive(f"sqlite:///{tmp_path / 'restored.db'}"), Archive(url)]
        yield archives
        for archive in archives:
            archive.close()


@both
def test_it_is_restored_to_either(filled: Archive, targets: list[Archive], tmp_path: Path) -> None:
    path = tmp_path / "backup.db"
    told: list[tuple[str, int, int]] = []
    manifest = back_up(filled, path, progress=lambda *it: told.append(it))
    assert told[-1][1] == told[-1][2]
    assert [it.name for it in tmp_path.glob("*backup*")] == ["backup.db"]
    for target in targets:
        assert restore_backup(path, target, progress=quietly) == manifest
        assert without_derived(target) == without_derived(filled)
        with pytest.raises(Refused, match="holds an archive already"):
            restore_backup(path, target, progress=quietly)
    # It is an archive itself.
    copy = Archive(f"sqlite:///{path}")
    assert without_derived(copy) == without_derived(filled)
    copy.close()


@both
def test_what_is_written_meanwhile_waits_for_nothing_and_is_not_in_it(
    filled: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = without_derived(filled)
    monkeypatch.setattr(backups, "_STEP", 5)
    other = Archive(filled.url.render_as_string(hide_password=False))
    waits, steps = [], []

    def write(*told: object) -> None:
        steps.append(told)
        if len(steps) % 10 == 1:
            began = time.monotonic()
            with other.writing() as session:
                add_source(session, f"https://meanwhile-{len(steps)}.example/", now=START)
            waits.append(time.monotonic() - began)

    path = tmp_path / "backup.db"
    back_up(filled, path, progress=write)
    other.close()
    assert len(waits) > 3
    assert max(waits) < 5
    copy = Archive(f"sqlite:///{path}")
    assert without_derived(copy) == before
    copy.close()


def test_what_is_there_is_kept(sqlite_archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "backup.db"
    back_up(sqlite_archive, path, progress=quietly)
    before = path.read_bytes()
    with pytest.raises(Refused, match="is there already"):
        back_up(sqlite_archive, path, progress=quietly)

    def stop(*_told: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(sqlite_archive, path, replace=True, progress=stop)
    assert path.read_bytes() == before
    with pytest.raises(Refused, match="is no backup: it is not replaced"):
        back_up(sqlite_archive, Path(sqlite_archive.name), replace=True, progress=quietly)
    with pytest.raises(ArchiveUnavailable, match="too long"):
        back_up(sqlite_archive, tmp_path / ("long" * 100), progress=quietly)
    Desk(sqlite_archive).read("/a", "Title", "More")
    assert back_up(sqlite_archive, path, replace=True, progress=quietly).rows
    assert path.read_bytes() != before
    assert len(list(tmp_path.glob("*backup*"))) == 1


def test_a_copy_that_is_not_the_same_is_not_kept(
    filled: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_check = "PRAGMA quick_check(1)"
    connect = sqlite3.connect

    class Damaging(sqlite3.Connection):
        def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
            if sql == quick_check:
                super().execute("UPDATE source SET notes = 'other' WHERE id = 1")
                self.commit()
            return super().execute(sql, *given)

    monkeypatch.setattr("sqlite3.connect", lambda path: connect(path, factory=Damaging))
    with pytest.raises(Refused, match="table source is not the same in the copy"):
        back_up(filled, tmp_path / "backup.db", progress=quietly)
    assert not list(tmp_path.glob("*backup*"))


def test_a_backup_that_is_damaged_is_not_restored(
    filled: Archive, targets: list[Archive], tmp_path: Path
) -> None:
    path = tmp_path / "backup.db"
    back_up(filled, path, progress=quietly)
    for number, statement in enumerate(
        (
            "UPDATE content SET text = 'forged' WHERE rowid = 1",
            "DELETE FROM timestamp_token",
            "UPDATE backup_manifest SET manifest = '{}'",
            "UPDATE backup_manifest SET manifest = replace(manifest, 'ma\": \"', 'ma\": \"9')",
            "DROP TABLE backup_manifest",
        )
    ):  # fmt: skip
        damaged = tmp_path / f"damaged-{number}.db"
        shutil.copy(path, damaged)
        connection = sqlite3.connect(damaged)
        for trigger, sql in connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            assert sql
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement)
        connection.commit()
        connection.close()
        with pytest.raises(BadBackup):
            restore_backup(damaged, targets[0], progress=quietly)
    with pytest.raises(BadBackup, match="no such file"):
        restore_backup(tmp_path / "none.db", targets[0], progress=quietly)
    (tmp_path / "noise.db").write_bytes(random.Random(1).randbytes(5_000))
    with pytest.raises(BadBackup, match="damaged"):
        restore_backup(tmp_path / "noise.db", targets[0], progress=quietly)
    restore_backup(path, targets[0], progress=quietly)


def test_one_of_an_older_schema(filled: Archive, targets: list[Archive], tmp_path: Path) -> None:
    path = tmp_path / "backup.db"
    back_up(filled, path, progress=quietly)
    older = Archive(f"sqlite:///{path}")
    schema.downgrade(older, "0034")
    with older.writing() as session:
        given = {"head": f'"{schema.head()}"', "older": '"0034"'}
        changed = "UPDATE backup_manifest SET manifest = replace(manifest, :head, :older)"
        session.execute(text(changed), given)
        there = set(inspect(session.connection()).get_table_names())
        left = counts(session, there & {it.name for it in copied_tables()})
    older.close()
    before = path.read_bytes()
    for target in targets:
        assert restore_backup(path, target, progress=quietly).schema == "0034"
        schema.require_current(target)
        with target.reading() as session:
            assert counts(session, left) == left
    assert path.read_bytes() == before
    assert [it.name for it in tmp_path.glob("*backup*")] == ["backup.db"]


def counts(session: Session, tables: Iterable[str]) -> dict[str, int]:
    return {it: session.scalar(text(f'SELECT count(*) FROM "{it}"')) or 0 for it in tables}


def test_what_must_not_come_back_does_not(
    filled: Archive, targets: list[Archive], tmp_path: Path
) -> None:
    path = tmp_path / "backup.db"
    back_up(filled, path, progress=quietly)

    def refuse(_session: object) -> None:
        raise Refused("not so")

    with pytest.raises(Refused, match="not so"):
        restore_backup(path, targets[1], progress=quietly, redact=refuse)

    def take_out(session: Session) -> None:
        named = select(Source).where(Source.name == "example.net")
        remove_with_record(session, session.scalars(named).one(), START)

    restore_backup(path, targets[1], progress=quietly, redact=take_out)
    assert "example.net" not in {row[1] for row in without_derived(targets[1])["source"]}


@pytest.mark.timeout(900)
@both
@pytest.mark.parametrize("most", [KILLS, pytest.param(SOAK_KILLS, marks=soak)])
def test_killed(filled: Archive, targets: list[Archive], tmp_path: Path, most: int) -> None:
    """A backup, and then a restore to the other kind, killed at any moment and begun again."""
    dice, path = random.Random(most), tmp_path / "backup.db"
    url = filled.url.render_as_string(hide_password=False)
    target = targets[filled.url.get_backend_name() == "sqlite"]
    where = target.url.render_as_string(hide_password=False)
    expected = without_derived(filled)

    def kill(database: str, *arguments: str) -> None:
        longest, kills = 6.0, 0
        while kills < most:
            with Command(*arguments, database=database, cwd=tmp_path) as command:
                time.sleep(dice.uniform(0.2, longest))
                if command.running:
                    command.signal_group(signal.SIGKILL)
                    kills += 1
                else:
                    longest /= 1.5
                command.wait()
            if arguments[0] == "restore":
                made_anew(target, expected)
            elif path.exists():
                copy = Archive(f"sqlite:///{path}")
                assert without_derived(copy) == expected
                copy.close()

    kill(url, "backup", str(path), "--force")
    done = permalien("backup", str(path), "--force", database=url, cwd=tmp_path)
    assert done.code == 0, done.err
    assert without_derived(filled) == expected
    assert [it.name for it in tmp_path.glob("*backup*")] == ["backup.db"]
    kill(where, "restore", str(path), "--no-redactions")
    done = permalien("restore", str(path), "--no-redactions", database=where, cwd=tmp_path)
    assert done.code == 0 or "holds an archive already" in done.err, done.err
    assert without_derived(target) == expected
    with target.reading() as session:
        assert session.scalar(select(func.count()).select_from(Fetch))


def made_anew(target: Archive, expected: dict[str, list[Any]]) -> None:
    """What a killed restore left is nothing or all of it, which is taken away again."""
    if schema.current(target) is None:
        return
    found = without_derived(target)
    if not any(found.values()):
        return
    assert found == expected
    target.close()
    if target.url.get_backend_name() == "postgresql":
        with target.writing() as session:
            session.execute(text("DROP SCHEMA public CASCADE"))
            session.execute(text("CREATE SCHEMA public"))
        return
    path = Path(str(target.url.database))
    for part in path.parent.glob(f"{path.name}*"):
        part.unlink()


@both
def test_what_is_in_a_payload_store_is_taken_in(
    filled: Archive, targets: list[Archive], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "payloads"
    monkeypatch.setenv(PAYLOADS_VARIABLE, store.as_uri())
    with filled.reading() as session:
        digests = session.scalars(select(Payload.digest)).all()
    assert compact(filled, progress=quietly).moved == len(digests)
    left = back_up(filled, tmp_path / "left.db", without_store=True, progress=quietly)
    taken = back_up(filled, tmp_path / "taken.db", progress=quietly)
    assert (left.in_payload_store, taken.in_payload_store) == (len(digests), 0)
    assert left.tables == taken.tables
    for target, name in zip(targets, ("left.db", "taken.db"), strict=True):
        if name == "taken.db":
            monkeypatch.delenv(PAYLOADS_VARIABLE)
            store.rename(tmp_path / "lost")
        restore_backup(tmp_path / name, target, progress=quietly)
        with target.reading() as session:
            assert [digest_of(load_payload(session, it)) for it in digests] == digests
