"""The archive that the reader reads, as it is opened and looked at again."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from reader import opened
from reader.opened import OpenedArchive
from storage.database.archive import Archive
from storage.database.errors import ArchiveNotCreated, ArchiveTooNew


def test_it_is_opened_when_it_is_there(sqlite_archive: Archive, tmp_path: Path) -> None:
    """A reader that was started before the first crawl needs no new start."""
    path = tmp_path / "later.db"
    reader = OpenedArchive(f"sqlite:///{path}")
    for _ in range(2):
        with pytest.raises(ArchiveNotCreated):
            reader.get()
    assert not path.exists()
    with closing(sqlite3.connect(str(sqlite_archive.url.database))) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    archive = reader.get()
    assert reader.get() is archive
    reader.close()
    assert reader.get() is not archive
    reader.close()


def test_an_upgrade_is_seen_after_some_seconds(
    sqlite_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = OpenedArchive(sqlite_archive.url.render_as_string(hide_password=False))
    reader.get()
    with sqlite_archive.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'of-a-later-time'"))
    reader.get()  # is trusted for now
    monkeypatch.setattr(opened, "_TRUSTED", -1.0)
    for _ in range(2):
        with pytest.raises(ArchiveTooNew):
            reader.get()
    reader.close()


def test_each_thread_has_searches_of_its_own(sqlite_archive: Archive) -> None:
    reader = OpenedArchive(sqlite_archive.url.render_as_string(hide_password=False))
    ours = reader.search()
    assert reader.search() is ours
    theirs = []
    thread = threading.Thread(target=lambda: theirs.append(reader.search()))
    thread.start()
    thread.join()
    assert theirs[0] is not ours
    reader.close()
