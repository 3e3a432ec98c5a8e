"""An article that proves to be none leaves what readers are shown, and comes back as it was."""

from sqlalchemy import select, text

from storage.database.archive import Archive
from storage.history.captured_pages import Captured, Deferred
from storage.history.dismissals import (
    Dismissal,
    Readmission,
    record_dismissals,
    record_readmissions,
)
from storage.history.versioning import record_articles
from storage.models import Finding, Frontier
from storage.query.articles import article_record, source_records
from storage.query.selection import Selection
from storage.query.version_rows import count_version_rows, version_rows
from tests.support.archiving import Desk
from tests.support.searching import search

VIEWS = ("articles", "article_versions", "edits", "first_sights", "presence", "rights")
WHY = "it repeats the openings of 4 articles"


def shown(archive: Archive) -> dict[str, int]:
    """How many rows each view has."""
    with archive.reading() as session:
        counts = {name: session.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in VIEWS}
        for selection in (Selection(), Selection(all_versions=True)):
            counts[f"rows, all {selection.all_versions}"] = count_version_rows(session, selection)
            assert len([*version_rows(session, selection)]) == count_version_rows(
                session, selection
            )
        counts["sources"] = sum(it.articles for it in source_records(session))
    counts["found"] = len(search(archive, "council"))
    return counts


def two_articles(archive: Archive) -> Desk:
    desk = Desk(archive)
    desk.read("/a", "One", "The council met")
    desk.read("/a", "One", "The council met again")
    desk.read("/b", "Two", "The council has met")
    return desk


def dismiss(desk: Desk, path: str) -> None:
    with desk.archive.writing() as session:
        it = Dismissal(desk.article(path).id, "listing", WHY)
        record_dismissals(session, [it], desk.now)


def readmit(desk: Desk, path: str) -> None:
    with desk.archive.writing() as session:
        it = Readmission(desk.article(path).id, "a feed lists it")
        record_readmissions(session, [it], desk.now)


def test_a_dismissed_article_leaves_and_comes_back_as_it_was(archive: Archive) -> None:
    desk = two_articles(archive)
    before = shown(archive)
    (edit,) = [it for it in desk.history("/a") if it.version == 2]
    dismiss(desk, "/a")
    without = shown(archive)
    assert without == before | {
        "articles": 1, "article_versions": 1, "edits": 0, "first_sights": 1, "presence": 1,
        "rights": 1, "rows, all False": 1, "rows, all True": 1, "sources": 1, "found": 1,
    }  # fmt: skip
    with archive.reading() as session:
        record = article_record(session, edit.identifier)
    assert (record.dismissed_as, record.shown.text) == (f"listing: {WHY}", "The council met again")
    readmit(desk, "/a")
    assert shown(archive) == before


def test_what_was_known_by_an_earlier_time_stays_known(archive: Archive) -> None:
    desk = two_articles(archive)
    with archive.reading() as session:
        known_by = max(session.scalars(select(Finding.recorded_at)))
        selection = Selection(known_by=known_by)
        before = [*version_rows(session, selection)]
    dismiss(desk, "/a")
    with archive.reading() as session:
        assert [*version_rows(session, selection)] == before


def test_twice_is_as_once(archive: Archive) -> None:
    desk = two_articles(archive)
    for act in (dismiss, readmit):
        act(desk, "/a")
        with archive.reading() as session:
            findings = len(session.scalars(select(Finding)).all())
        act(desk, "/a")
        with archive.reading() as session:
            assert len(session.scalars(select(Finding)).all()) == findings


def test_a_dismissed_page_is_asked_for_seldom_and_its_changes_are_no_versions(
    archive: Archive,
) -> None:
    desk = two_articles(archive)
    dismiss(desk, "/a")
    with archive.reading() as session:
        row = session.get_one(Frontier, desk.address("/a"))
        assert (row.due_at - desk.now).days >= 30
    check, _ = desk.check("/a", body=desk.body("One", "Another list of articles"))
    page = desk.captured(check)
    unjudged = Captured(page.fetch_id, page.address_id, page.fetched_at, page.reading)
    with archive.writing() as session:
        (deferred,) = record_articles(session, [unjudged])
    assert isinstance(deferred, Deferred)
    assert deferred.dismissed
    assert len(desk.history("/a")) == 2
    readmit(desk, "/a")
    with archive.reading() as session:
        assert session.get_one(Frontier, desk.address("/a")).due_at <= desk.now
