"""The latest events, page by page: the same as all of them have."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import NotFound, Refused
from storage.history.edits import EditKind
from storage.models import Outcome
from storage.query.archive_days import archive_days
from storage.query.edits import EditEvent, EventKind, Wanted, edit_events
from storage.query.event_pages import last_events, latest_events
from tests.storage.test_plans import fill, scans_in
from tests.support.archiving import START, Desk
from tests.support.databases import query_plans


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """Three articles of one source, edited, removed and back; one of another."""
    desk = Desk(archive)
    desk.read("/a", "One", "The council met on Monday.")
    desk.read("/b", "Two", "The ferry sails at nine.")
    desk.read("/a", "One", "The council met on Tuesday.")
    desk.check("/b", Outcome.GONE)
    desk.check("/b", Outcome.GONE)
    desk.read("/b", "Two, after all", "The ferry sails at ten.")
    desk.read("/c", "Three", "The bridge stays open.")
    desk.check("/c", Outcome.NOT_FOUND)
    desk.read("/c", "Three", "The bridge stays open.")
    desk.check("/a", Outcome.GONE)
    other = Desk(archive, site="https://example.net/", now=desk.now, run_id=2)
    other.read("/x", "Other", "Somewhere else.")
    other.read("/x", "Other news", "Somewhere else.")
    return desk


def _all(desk: Desk, wanted: Wanted, limit: int) -> list[EditEvent]:
    found: list[EditEvent] = []
    cursor = None
    with desk.archive.reading() as session:
        while True:
            page = latest_events(session, wanted, limit=limit, cursor=cursor)
            assert len(page.events) <= limit
            found += page.events
            cursor = page.cursor
            if cursor is None:
                return found


WANTED = [
    (Wanted(), 8),
    (Wanted(source="example.org"), 7),
    (Wanted(source="example.net"), 1),
    (Wanted(article="example.org/b"), 3),
    (Wanted(events=[EventKind.REMOVAL]), 3),
    (Wanted(events=[EventKind.RETURN]), 2),
    (Wanted(events=[EventKind.EDIT]), 3),
    (Wanted(kinds=[EditKind.HEADLINE]), 2),
    (Wanted(kinds=[EditKind.HEADLINE, EditKind.BODY]), 1),
    (Wanted(declared=True), 0),
    (Wanted(since=START + timedelta(minutes=40), until=START + timedelta(minutes=90)), 4),
]


def test_pages_have_every_event_once_the_latest_first(desk: Desk) -> None:
    for wanted, count in WANTED:
        with desk.archive.reading() as session:
            expected = sorted(edit_events(session, wanted), key=_order)
        assert len(expected) == count, wanted
        for limit in (1, 2, 100):
            assert sorted(_all(desk, wanted, limit), key=_order) == expected
        times = [it.not_after for it in _all(desk, wanted, 3)]
        assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("number", [1, 3, 100])
def test_the_last_are_told_in_their_order(desk: Desk, number: int) -> None:
    for wanted, _ in WANTED:
        latest = _all(desk, wanted, 2)
        with desk.archive.reading() as session:
            assert list(last_events(session, wanted, number)) == latest[:number][::-1], wanted


def test_absences_are_looked_for_among_absences(desk: Desk) -> None:
    wanted = Wanted(source="example.org", events=[EventKind.REMOVAL])

    def ask() -> None:
        with desk.archive.reading() as session:
            latest_events(session, wanted, limit=5)
            archive_days(session, until=desk.now.date(), days=30)

    plans = query_plans(desk.archive, ask)
    if desk.archive.engine.dialect.name == "sqlite":  # PostgreSQL takes what is small as it comes
        assert sum("USING INDEX ix_finding_away" in it for it in plans) == 2


def test_absences_of_this_month_and_of_years_ago_are_found_alike(archive: Archive) -> None:
    desk = Desk(archive)
    for days_ago in (900, 500, 200, 1):
        desk.now = utc_now() - timedelta(days=days_ago)
        for path in ("/a", f"/{days_ago}"):
            desk.read(path, f"Title {path}", f"The words of {path}")
            desk.check(path, Outcome.GONE)
            desk.read(path, f"Title {path}", f"The words of {path}")
    for wanted in (Wanted(), Wanted(source="example.org"), Wanted(article="example.org/a")):
        with archive.reading() as session:
            expected = sorted(edit_events(session, wanted), key=_order)
        assert len(expected) == (8 if wanted.article else 16)
        for limit in (1, 5, 100):
            assert sorted(_all(desk, wanted, limit), key=_order) == expected


def test_the_ends_of_time(desk: Desk) -> None:
    early, late = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    with desk.archive.reading() as session:
        for wanted, count in (
            (Wanted(since=early, until=late), 8),
            (Wanted(until=late), 8),
            (Wanted(since=late), 0),
            (Wanted(until=early), 0),
        ):
            assert len(latest_events(session, wanted, limit=20).events) == count, wanted


def _order(event: EditEvent) -> tuple[object, ...]:
    return event.not_after, event.event, event.article_id


def test_what_is_not_there(desk: Desk) -> None:
    with desk.archive.reading() as session:
        for wanted in (Wanted(source="example.com"), Wanted(article="example.org/none")):
            with pytest.raises(NotFound):
                latest_events(session, wanted, limit=5)
        for cursor in ("", "x", "1", "1.2.3", "1.-1", f"1.{2**63}", "9" * 18 + ".1", "٣.1"):
            with pytest.raises(Refused):
                latest_events(session, Wanted(), limit=5, cursor=cursor)


def test_no_page_scans_a_table_that_grows(new_archive: Archive) -> None:
    fill(new_archive, 5_000, 1)
    desk = Desk(new_archive)
    desk.read("/a", "Title", "One")
    desk.read("/a", "Another title", "One")
    desk.check("/a", Outcome.GONE)
    with new_archive.writing() as session:
        session.execute(text("ANALYZE"))

    def ask() -> None:
        with new_archive.reading() as session:
            for wanted in (Wanted(), Wanted(source="example.org"), Wanted(article="example.org/a")):
                assert len(latest_events(session, wanted, limit=10).events) == 2

    plans = query_plans(new_archive, ask)
    assert len(plans) > 8
    assert scans_in(plans) == set()
