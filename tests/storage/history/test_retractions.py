"""A version that turned out to be no edit is retracted, and stands again if it turns out to be."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from storage.database.archive import Archive
from storage.history.identity_decisions import merge, split
from storage.history.identity_undoing import undo
from storage.history.retractions import retraction_of, settle_versions, standing
from storage.models import Finding, Meaning, Outcome, Version, VersionState
from tests.support.archiving import Desk
from tests.support.learning import BANNER, Learning


@pytest.fixture
def desk(archive: Archive) -> Learning:
    """An article in three versions: a banner came, and then the publisher edited it."""
    desk = Learning(archive)
    desk.read("/a", "Title", "One two three.")
    desk.read("/a", "Title", "One two three." + BANNER)
    desk.read("/a", "Title", "One two four." + BANNER)
    return desk


def rows(archive: Archive, query: str) -> list[dict[str, Any]]:
    with archive.reading() as session:
        return [dict(row) for row in session.execute(text(query)).mappings()]


def numbers(desk: Desk, *, everywhere: bool = True) -> list[int]:
    """The numbers of the versions that stand, which is the same wherever one asks."""
    found = [it.version for it in desk.history("/a")]
    if everywhere:
        article = desk.article("/a").id
        view = rows(
            desk.archive, f"SELECT version FROM article_versions WHERE article_id = {article}"
        )
        assert sorted(row["version"] for row in view) == found
        edits = rows(desk.archive, f"SELECT to_version FROM edits WHERE article_id = {article}")
        assert sorted(row["to_version"] for row in edits) == found[1:]
    return found


def meanings(archive: Archive, fetch_id: int) -> list[tuple[Meaning | None, str | None]]:
    with archive.reading() as session:
        found = session.scalars(
            select(Finding).where(Finding.fetch_id == fetch_id).order_by(Finding.number)
        )
        return [(it.meaning, it.reason) for it in found]


def versions(archive: Archive) -> list[tuple[Any, ...]]:
    """What never changes."""
    with archive.reading() as session:
        columns = Version.__table__.c
        return [tuple(row) for row in session.execute(select(*columns).order_by(columns.id))]


def test_what_reads_as_the_version_before_it_is_retracted(desk: Learning) -> None:
    first, second, third = desk.history("/a")
    kept = versions(desk.archive)
    desk.template = "banner"
    desk.reread_all("/a")
    assert numbers(desk) == [1, 3]
    assert meanings(desk.archive, second.fetch_id) == [
        (Meaning.EDITED, None),
        (Meaning.RETRACTED, "reads as version 1 before it"),
    ]
    assert len(meanings(desk.archive, third.fetch_id)) == 1
    assert versions(desk.archive) == kept
    (edit,) = rows(desk.archive, "SELECT * FROM edits")
    assert (edit["from_version"], edit["from_version_id"]) == (1, first.identifier)
    (row,) = rows(desk.archive, "SELECT * FROM retracted_versions")
    assert (row["version_id"], row["counts_as_version_id"]) == (
        second.identifier,
        first.identifier,
    )
    assert row["text_as_recorded"].endswith("Banner.")
    with desk.archive.reading() as session:
        retraction = retraction_of(session, second.version_id)
        assert retraction is not None
        assert (retraction.counts_as, retraction.version) == (first.identifier, 1)
        assert retraction_of(session, first.version_id) is None


def test_the_second_time_nothing_changes(desk: Learning) -> None:
    desk.template = "banner"
    desk.reread_all("/a")
    tables = ("version_state", "finding", "edit", "article", "source_day", "change")
    before = [rows(desk.archive, f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables]
    desk.reread_all("/a")
    with desk.archive.writing() as session:
        settle_versions(session, session.scalars(select(Version.id)).all())
    after = [rows(desk.archive, f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables]
    assert after == before


def test_it_stands_again_when_it_reads_otherwise(desk: Learning) -> None:
    before = desk.history("/a")
    days = rows(desk.archive, "SELECT versions_new FROM coverage")
    desk.template = "banner"
    desk.reread_all("/a")
    assert rows(desk.archive, "SELECT versions_new FROM coverage") == [{"versions_new": 1}]
    desk.template = ""
    desk.reread_all("/a")
    assert numbers(desk) == [1, 2, 3]
    assert desk.history("/a") == before
    assert meanings(desk.archive, before[1].fetch_id)[2:] == [
        (Meaning.EDITED, "reads otherwise than the version before it again")
    ]
    assert rows(desk.archive, "SELECT versions_new FROM coverage") == days
    assert rows(desk.archive, "SELECT * FROM retracted_versions") == []


def test_the_pointer_moves_off_it_and_back(archive: Archive) -> None:
    desk = Learning(archive)
    desk.read("/a", "Title", "One two three.")
    desk.read("/a", "Title", "One two three." + BANNER)
    first, second = desk.history("/a")
    desk.template = "banner"
    desk.reread_all("/a")
    assert desk.article("/a").current_version_id == first.version_id
    (shown,) = desk.history("/a")
    assert shown.last_seen_at == second.last_seen_at
    desk.template = ""
    desk.reread_all("/a")
    assert desk.article("/a").current_version_id == second.version_id
    assert desk.history("/a") == [first, second]


def test_what_shows_it_shows_the_version_that_counts(archive: Archive) -> None:
    desk = Learning(archive)
    desk.read("/a", "Title", "One two three.")
    desk.read("/a", "Title", "One two three." + BANNER)
    desk.template = "banner"
    desk.reread_all("/a")
    desk.check("/a", Outcome.UNCHANGED)
    seen = desk.now
    assert [it.last_seen_at for it in desk.history("/a")] == [seen]
    desk.read("/a", "Title", "One two three." + BANNER, advert="other bytes")
    assert [it.last_seen_at for it in desk.history("/a")] == [desk.now]
    desk.template = ""
    desk.reread_all("/a")
    first, second = desk.history("/a")
    assert second.last_seen_at == desk.now
    assert first.last_seen_at < second.first_seen_at
    desk.template = "banner"
    desk.reread_all("/a")
    desk.read("/a", "Title", "One two four." + BANNER)
    assert numbers(desk) == [1, 3]


def test_versions_that_two_extractors_read_tell_nothing(archive: Archive) -> None:
    desk = Learning(archive)
    desk.read("/a", "Title", "One two three.")
    recorded = desk.read("/a", "Title", "One two three." + BANNER)
    assert recorded is not None
    first, _ = desk.history("/a")

    def read_by(extractor: str, version_id: int) -> None:
        desk.extractor = extractor
        desk.template = f"banner of {extractor}"
        desk.reread(version_id)

    read_by("2", recorded.version_id)
    assert len(desk.history("/a")) == 2
    read_by("2", first.version_id)
    assert len(desk.history("/a")) == 1
    read_by("3", recorded.version_id)
    assert len(desk.history("/a")) == 1


def test_the_first_version_of_an_article_is_no_edit_whatever_comes_of_it(archive: Archive) -> None:
    desk = Learning(archive)
    desk.read("/a", "Title", "One two three.")
    desk.read("/b", "Title", "One two three." + BANNER)
    with archive.writing() as session:
        merge(session, f"{desk.site}a", f"{desk.site}b", now=desk.now)
    desk.template = "banner"
    desk.reread_all("/a")
    assert len(desk.history("/a")) == 2


def test_a_history_that_is_parted_is_settled_anew(archive: Archive) -> None:
    desk = Learning(archive)
    for path, words in (
        ("/a", "One two."),
        ("/b", "Three four."),
        ("/a", "Five six."),
        ("/b", "Five six." + BANNER),
    ):
        desk.read(path, "Title", words)
    with archive.writing() as session:
        merge(session, f"{desk.site}a", f"{desk.site}b", now=desk.now)
    desk.template = "banner"
    desk.reread_all("/a")
    assert numbers(desk) == [1, 2, 3]
    current = desk.article("/a").current_version_id
    assert current == desk.history("/a")[-1].version_id
    with archive.writing() as session:
        split(session, f"{desk.site}b", now=desk.now)
    assert [len(desk.history(path)) for path in ("/a", "/b")] == [2, 2]
    with archive.writing() as session:
        undo(session, None, now=desk.now)
    assert numbers(desk) == [1, 2, 3]
    with archive.writing() as session:
        undo(session, None, now=desk.now)
    assert [len(desk.history(path)) for path in ("/a", "/b")] == [2, 2]
    for path in ("/a", "/b"):
        assert desk.article(path).current_version_id == desk.history(path)[-1].version_id


def test_an_absence_names_the_version_that_counts(desk: Learning) -> None:
    first = desk.history("/a")[0]
    desk = Learning(desk.archive, now=desk.now)
    desk.read("/b", "Title", "One two three.")
    desk.read("/b", "Title", "One two three." + BANNER)
    desk.check("/b", Outcome.GONE)
    desk.read("/b", "Title", "One two three." + BANNER, advert="another")
    desk.template = "banner"
    for path in ("/a", "/b"):
        desk.reread_all(path)
    assert first.identifier
    (absence,) = rows(desk.archive, "SELECT * FROM absences")
    (stands,) = desk.history("/b")
    assert absence["version_id"] == absence["returned_version_id"] == stands.identifier
    assert absence["seen_until"] is not None


def test_standing_is_asked_as_it_was_known(desk: Learning) -> None:
    first, second, _ = desk.history("/a")
    desk.template = "banner"
    desk.reread_all("/a")
    with desk.archive.reading() as session:
        at = session.scalars(
            select(VersionState.retracted_at).where(VersionState.version_id == second.version_id)
        ).one()
        assert isinstance(at, datetime)
        every = [first.version_id, second.version_id]
        assert standing(session, every) == {second.version_id: first.version_id}
        assert standing(session, every, known_by=at.replace(year=2020)) == {}
