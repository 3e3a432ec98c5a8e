"""After a redaction no file of the archive has the words, whatever was done before."""

from pathlib import Path

import pytest
from sqlalchemy import text

from storage import schema
from storage.database.archive import Archive
from storage.models import Redaction
from storage.redaction.carrying_out import unfinished
from storage.redaction.cleaning import clean
from storage.search.follower import follow, open_index
from storage.search.index import folder_of
from tests.support.databases import own_postgresql
from tests.support.redacting import NAME, PATHS, TRACES, carry_out, newsroom, request, traces


def files_of(archive: Archive) -> list[Path]:
    database = Path(str(archive.url.database))
    beside = [it for it in database.parent.glob(f"{database.name}*") if it.is_file()]
    return [*beside, *(it for it in folder_of(archive).rglob("*") if it.is_file())]


def with_traces(files: list[Path]) -> list[Path]:
    return [it for it in files if any(word.encode() in it.read_bytes().lower() for word in TRACES)]


def test_no_file_of_sqlite_has_it(sqlite_archive: Archive) -> None:
    archive = sqlite_archive
    desk = newsroom(archive)
    with archive.writing() as session:
        # What a transaction frees without secure_delete stays in the file until it is used again.
        session.execute(text("CREATE TABLE scratch (words TEXT)"))
        session.execute(text(f"INSERT INTO scratch VALUES ('{NAME * 3000}')"))
    with archive.writing() as session:
        session.execute(text("DROP TABLE scratch"))
    index, _ = open_index(archive)
    follow(archive, index)
    before = [it for it in folder_of(archive).rglob("*.idx") if it.is_file()]
    assert before
    assert with_traces(files_of(archive))
    carry_out(desk, request(desk))
    assert clean(archive).left == ()
    assert with_traces(files_of(archive)) == []
    # Whatever Tantivy's files hold compressed: none of before is left.
    assert not any(it.exists() for it in before)
    with archive.reading() as session:
        assert unfinished(session) == []


def test_postgresql_vacuums_it_away(tmp_path: Path) -> None:
    """From the files of a server, which has to be the test's own to be looked into."""
    with own_postgresql(tmp_path) as server:
        archive = Archive(server.url)
        schema.upgrade(archive)
        desk = newsroom(archive)
        with archive.writing() as session:
            session.execute(text("ANALYZE"))
            session.execute(text("CHECKPOINT"))
            oid = session.scalar(
                text("SELECT oid FROM pg_database WHERE datname = current_database()")
            )
        files = tmp_path / "base" / str(oid)
        assert with_traces(list(files.glob("*")))
        redacted = carry_out(desk, request(desk))
        assert clean(archive, full=True).left == ()
        assert traces(archive) == set()
        with archive.reading() as session:
            row = session.get_one(Redaction, redacted.redaction_id)
            assert row.cleaned_at is not None
            session.execute(text("CHECKPOINT"))
        assert with_traces(list(files.glob("*"))) == []
        archive.close()


def test_what_others_hold_is_told_and_done_later(
    sqlite_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.redaction.cleaning.PATIENCE", 0.1)
    desk = newsroom(sqlite_archive)
    other = Archive(str(sqlite_archive.url))
    with other.reading() as session:
        session.execute(text("SELECT * FROM content")).all()
        carry_out(desk, request(desk))
        (left,) = clean(sqlite_archive).left
        assert "another process" in left
    other.close()
    with sqlite_archive.reading() as session:
        assert unfinished(session) == [1]
    assert clean(sqlite_archive).left == ()
    assert with_traces(files_of(sqlite_archive)) == []


def test_an_index_elsewhere_is_made_anew_by_whoever_searches_next(
    sqlite_archive: Archive,
) -> None:
    desk = newsroom(sqlite_archive)
    index, _ = open_index(sqlite_archive)
    follow(sqlite_archive, index)
    before = set(folder_of(sqlite_archive).rglob("*.idx"))
    carry_out(desk, request(desk))
    desk.read(PATHS[1], "Weather", "Sun on Monday, and on all other days of this week as well.")
    follow(sqlite_archive, index, patience=5)
    after = set(folder_of(sqlite_archive).rglob("*.idx"))
    assert not before & after
    follow(sqlite_archive, index)
    assert set(folder_of(sqlite_archive).rglob("*.idx")) == after
