"""The rows of `edit` are what the histories and readings that there are would give."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select

from storage.database.archive import Archive
from storage.history.edit_history import edits_of
from storage.history.edit_rows import refresh_edits
from storage.history.edits import EditKind
from storage.history.identity_decisions import merge, split
from storage.history.identity_undoing import undo
from storage.history.new_reading import NewReading
from storage.models import Edit, Version
from tests.support.archiving import Desk


def rows(archive: Archive) -> list[dict[str, Any]]:
    with archive.reading() as session:
        table = select(Edit.__table__).order_by(Edit.version_id)
        return [dict(row) for row in session.execute(table).mappings()]


def made_anew(archive: Archive) -> list[dict[str, Any]]:
    """The rows as they would be if there had been none."""
    with archive.writing() as session:
        session.execute(delete(Edit))
        refresh_edits(session, session.scalars(select(Version.id)).all())
    return rows(archive)


def test_a_version_after_another_has_one(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "The bridge closes", "The council met on Monday.")
    desk.read("/a", "The bridge stays", "The council met on Monday.")
    desk.read("/b", "Another", "Of one version.")
    (row,) = rows(archive)
    assert [name for name, value in row.items() if value is True] == ["headline", "rewording"]
    assert (row["words_deleted"], row["words_inserted"]) == (1, 1)


class Redesigned(Desk):
    """A desk whose first pages name their author; those of the other template name the site."""

    other: str

    def reading(self, body: bytes) -> NewReading:
        if "stays" in json.loads(body)[0]:
            return replace(
                super().reading(body),
                template=self.other,
                authors=["The Gazette"],
                details={"unsigned": True},
            )
        return replace(super().reading(body), template="old-1", authors=["Ada Marlowe"])


@pytest.mark.parametrize(("other", "byline"), [("new-1", False), ("old-2", True)])
def test_a_redesign_takes_no_byline_away(archive: Archive, other: str, byline: bool) -> None:
    desk = Redesigned(archive)
    desk.other = other
    desk.read("/a", "The bridge closes", "The council met on Monday.")
    desk.read("/a", "The bridge stays", "The council met on Monday.")
    assert [row["byline"] for row in rows(archive)] == [byline]
    with archive.reading() as session:
        (_, edit) = edits_of(session, desk.history("/a"))
    assert edit is not None
    assert (EditKind.BYLINE in edit.kinds) is byline


@pytest.mark.parametrize("texts", ["ABAB", "ABABAC", "ABCABC"])
def test_they_say_what_the_history_says(archive: Archive, texts: str) -> None:
    desk = Desk(archive)
    for number, text in enumerate(texts):
        desk.read("/a", "Title", f"The text {text}", advert=str(number))
    versions = desk.history("/a")
    with archive.reading() as session:
        told = [edit for edit in edits_of(session, versions) if edit is not None]
    for row, edit in zip(rows(archive), told, strict=True):
        assert row["from_version_id"] == edit.old.version_id
        assert row["alternating"] == edit.alternating
        assert row["body"]


def test_they_follow_merges_splits_and_readings(archive: Archive) -> None:
    desk = Desk(archive)
    for path, text in (("/a", "One two"), ("/b", "Two three"), ("/a", "One four"), ("/b", "Two")):
        desk.read(path, "Title", text)
    assert len(rows(archive)) == 2
    apart = rows(archive)
    with archive.writing() as session:
        merge(session, f"{desk.site}a", f"{desk.site}b", now=desk.now)
    merged = rows(archive)
    assert len(merged) == 3
    assert made_anew(archive) == merged
    with archive.writing() as session:
        undo(session, None, now=desk.now)
    assert rows(archive) == apart
    with archive.writing() as session:
        merge(session, f"{desk.site}a", f"{desk.site}b", now=desk.now)
        split(session, f"{desk.site}b", now=desk.now)
    assert rows(archive) == apart
    desk.extractor = "2"
    for version in desk.history("/a"):
        desk.reread(version.version_id)
    assert rows(archive) != apart
    assert made_anew(archive) == rows(archive)


def test_what_one_extractor_sees_in_one_of_them_alone_is_no_edit(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "A", "One two three")
    desk.extractor = "2"
    desk.read("/a", "B", "One two three")
    (row,) = rows(archive)
    assert (row["headline"], row["body"]) == (True, False)


def test_the_whole_text_after_a_teaser_is_no_edit(archive: Archive) -> None:
    desk = Desk(archive, details={"partial": True})
    desk.read("/a", "Title", "One two three")
    desk.details = {}
    check, _ = desk.check("/a", body=desk.body("Title", "One two three four five six"))
    desk.record_page(replace(desk.captured(check), completes=True))
    (row,) = rows(archive)
    assert row["completes"]
    desk.read("/a", "Title", "One two three four five seven")
    assert [row["completes"] for row in rows(archive)] == [True, False]
