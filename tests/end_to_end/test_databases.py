"""A database that is away, full, locked or not ours.

One line, a non-zero exit code, nothing half-written.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from storage import schema
from storage.database.archive import Archive
from storage.models import Article, Run, RunEnd
from tests.support.command import Command, Done, permalien
from tests.support.comparison import loose_ends
from tests.support.databases import PostgreSQLServer, fresh_database, url_of
from tests.support.newsroom import Newsroom

COMMANDS = (("crawl",), ("status",), ("show", "1"), ("search", "word"))
UNREACHABLE = "postgresql://nobody@127.0.0.1:9/nothing"

pytestmark = pytest.mark.timeout(400)


def one_line(done: Done, *words: str) -> None:
    """The command failed with one line, which has these words."""
    assert done.code not in (0, -9), done
    assert done.out == ""
    lines = done.err.splitlines()
    assert len(lines) == 1, done.err
    assert lines[0].startswith("permalien: ")
    for word in words:
        assert word in lines[0]


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(adverts=False) as newsroom:
        newsroom.publish_generated(30)
        yield newsroom


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_unreachable(tmp_path: Path, command: tuple[str, ...]) -> None:
    one_line(permalien(*command, database=UNREACHABLE, cwd=tmp_path), "127.0.0.1:9", "--database")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "no database URL"),
        ("mysql://localhost/x", "not supported"),
        ("sqlite://", "in memory"),
        ("sqlite:////no/such/folder/a.db", "can't be opened"),
    ],
)
def test_no_database_at_all(tmp_path: Path, url: str, says: str) -> None:
    done = permalien("add", "https://example.org", database=url, cwd=tmp_path)
    one_line(done, says)


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"\xff\xd8\xff" * 1000)
    before = path.read_bytes()
    one_line(permalien("crawl", database=f"sqlite:///{path}", cwd=tmp_path), "not a Permalien")
    assert path.read_bytes() == before


def test_another_programs_database(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE article (id INTEGER)")
    connection.close()
    one_line(
        permalien("add", "https://example.org", database=f"sqlite:///{path}", cwd=tmp_path),
        "another program's",
    )


def test_no_archive_yet(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'none.db'}"
    one_line(permalien("sources", database=database, cwd=tmp_path), "permalien add URL")
    assert not (tmp_path / "none.db").exists()


def test_older(database_url: str, tmp_path: Path) -> None:
    archive = Archive(database_url)
    schema.upgrade(archive, "0001")
    archive.close()
    for command in COMMANDS:
        one_line(permalien(*command, database=database_url, cwd=tmp_path), "permalien db upgrade")
    assert permalien("db", "upgrade", database=database_url, cwd=tmp_path).code == 0
    assert permalien("sources", database=database_url, cwd=tmp_path).code == 0


def test_newer(new_archive: Archive, tmp_path: Path) -> None:
    with new_archive.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in (*COMMANDS, ("db", "upgrade")):
        done = permalien(*command, database=url_of(new_archive), cwd=tmp_path)
        one_line(done, "9999", "upgrade")


def test_a_read_only_file(sqlite_archive: Archive, newsroom: Newsroom, tmp_path: Path) -> None:
    """Root writes to files that are read-only, so that the connection is."""
    done = crawl(newsroom, sqlite_archive, tmp_path, on_connect="PRAGMA query_only = ON")
    one_line(done, "read-only")
    assert newsroom.requests == []


def test_a_read_only_postgresql(
    postgresql: PostgreSQLServer, postgresql_template: str, newsroom: Newsroom, tmp_path: Path
) -> None:
    with fresh_database(postgresql, postgresql_template) as url:
        archive = Archive(url)
        name = archive.url.database
        postgresql.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        archive.close()
        one_line(crawl(newsroom, archive, tmp_path), "read-only")
        assert permalien("sources", database=url, cwd=tmp_path).code == 0
    assert newsroom.requests == []


def test_locked_by_another_program(
    sqlite_archive: Archive, newsroom: Newsroom, tmp_path: Path
) -> None:
    """Waits for as long as storage.database.archive.BUSY_TIMEOUT says, and then gives up."""
    holder = sqlite3.connect(str(sqlite_archive.url.database))
    holder.execute("BEGIN IMMEDIATE")
    try:
        one_line(crawl(newsroom, sqlite_archive, tmp_path), "another process holds it")
    finally:
        holder.close()
    assert newsroom.requests == []


def test_locked_for_a_while(sqlite_archive: Archive, newsroom: Newsroom, tmp_path: Path) -> None:
    """A crawl waits for another program's short write, and loses nothing."""
    holder = sqlite3.connect(str(sqlite_archive.url.database), check_same_thread=False)
    with command(newsroom, sqlite_archive, tmp_path) as running:
        while not newsroom.requests:
            assert running.running
            time.sleep(0.02)
        holder.execute("BEGIN IMMEDIATE")
        threading.Timer(3, holder.rollback).start()
        done = running.wait()
    holder.close()
    assert done.code == 0, done.err
    assert article_count(sqlite_archive) == 30
    assert loose_ends(sqlite_archive) == []


def test_full(sqlite_archive: Archive, newsroom: Newsroom, tmp_path: Path) -> None:
    """The disk fills up in the middle: what is there is whole, and with room the crawl goes on."""
    with sqlite_archive.reading() as session:
        pages = session.scalar(text("PRAGMA page_count")) or 0
    limit = f"PRAGMA max_page_count = {pages + 20}"
    done = crawl(newsroom, sqlite_archive, tmp_path, on_connect=limit, patience=2.0)
    assert done.code == 1
    assert "full" in done.err.splitlines()[-1]
    assert "Traceback" not in done.err
    assert article_count(sqlite_archive) < 30
    where = sqlite_archive.url.render_as_string()
    (run, *_) = permalien("status", "--json", database=where, cwd=tmp_path).json()["runs"]
    assert run["ended"] in ("failed", "lost")
    with sqlite_archive.reading() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    assert crawl(newsroom, sqlite_archive, tmp_path).code == 0
    assert article_count(sqlite_archive) == 30
    assert loose_ends(sqlite_archive) == []


def test_gone_in_the_middle(
    postgresql: PostgreSQLServer,
    postgresql_archive: Archive,
    newsroom: Newsroom,
    tmp_path: Path,
) -> None:
    """Its connections are cut again and again: the crawl reconnects and loses nothing."""
    newsroom.delay = 0.05
    archive = postgresql_archive
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{archive.url.database}'"
    )
    with command(newsroom, archive, tmp_path) as running:
        for requests in (5, 15, 25):
            while len(newsroom.requests) < requests:
                assert running.running
                time.sleep(0.02)
            archive.close()
            postgresql.execute(cut)
        done = running.wait()
    assert done.code == 0, done.err
    assert article_count(archive) == 30
    assert loose_ends(archive) == []
    with archive.reading() as session:
        assert session.scalars(select(Run.ended_how)).all() == [RunEnd.FINISHED]


def command(newsroom: Newsroom, archive: Archive, folder: Path, **options: Any) -> Command:
    url = archive.url.render_as_string(hide_password=False)
    arguments = ("crawl", newsroom.url, "--allow-private", "--delay", "0")
    return Command(*arguments, database=url, cwd=folder, **options)


def crawl(newsroom: Newsroom, archive: Archive, folder: Path, **options: Any) -> Done:
    with command(newsroom, archive, folder, **options) as running:
        return running.wait()


def article_count(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Article)) or 0
