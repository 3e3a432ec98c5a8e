"""A version row never changes and is never deleted, whoever asks."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.history.identity_decisions import merge, split
from storage.models import Version
from tests.support.archiving import Desk


def _update(session: Session) -> None:
    session.execute(update(Version).values(number=7))


def _delete(session: Session) -> None:
    session.execute(delete(Version))


def _replace(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        copy = "INSERT OR REPLACE INTO version SELECT * FROM version"
    else:
        copy = "INSERT INTO version SELECT * FROM version ON CONFLICT (id) DO UPDATE SET number = 7"
    session.execute(text(copy))


def _truncate(session: Session) -> None:
    postgresql = session.get_bind().dialect.name == "postgresql"
    session.execute(text("TRUNCATE version CASCADE" if postgresql else "DELETE FROM version"))


@pytest.mark.parametrize("attempt", [_update, _delete, _replace, _truncate])
def test_a_version_withstands(archive: Archive, attempt: Callable[[Session], None]) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    before = desk.history("/a")

    with (
        pytest.raises(DBAPIError, match=r"a version (never changes|is never deleted)"),
        archive.writing() as session,
    ):
        attempt(session)

    assert desk.history("/a") == before


def test_wordings_that_come_back_are_other_versions(archive: Archive) -> None:
    desk = Desk(archive)
    for wording in ("One two three", "One two four", "One two three"):
        desk.read("/a", "Title", wording)
    assert len({version.identifier for version in desk.history("/a")}) == 3


def test_no_merge_split_or_reading_changes_an_identifier(archive: Archive) -> None:
    desk = Desk(archive)
    for path, wording in (("/a", "One two three"), ("/b", "Four five six"), ("/a", "One two")):
        desk.read(path, "Title", wording)
    before = {it.text: it.identifier for path in ("/a", "/b") for it in desk.history(path)}
    desk.extractor = "2"
    with archive.writing() as session:
        merge(session, f"{desk.site}a", f"{desk.site}b", now=desk.now)
    assert {it.text: it.identifier for it in desk.history("/a")} == before
    for it in desk.history("/b"):
        desk.reread(it.version_id)
    assert {it.identifier for it in desk.history("/a")} == set(before.values())
    with archive.writing() as session:
        split(session, f"{desk.site}b", now=desk.now)
    (alone,) = desk.history("/b")
    assert alone.identifier == before["Four five six"]


def test_no_two_versions_have_one_identifier(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive)
    desk.read("/a", "Title", "One two three")
    columns = "article_id, number, digest, reading_id, recorded_content, fetch_id, first_seen_at"
    copied = columns.replace("number", "number + 1")
    with (
        pytest.raises(DBAPIError, match="a version never changes"),
        sqlite_archive.writing() as session,
    ):
        session.execute(
            text(
                f"INSERT OR REPLACE INTO version (identifier, {columns}) "
                f"SELECT identifier, {copied} FROM version"
            )
        )
