"""A version that is known of late takes the place that its time gives it."""

from dataclasses import replace

import pytest

from storage.database.archive import Archive
from storage.history.captured_pages import Captured
from storage.history.late_versions import add_late_version
from storage.models import Outcome
from tests.support.archiving import Desk


@pytest.fixture
def hidden(archive: Archive) -> tuple[Desk, Captured]:
    """A page whose note was told to be the site's, seen twice, before another edit."""
    desk = Desk(archive)
    desk.read("/a", "Title", "One two.")
    version_id = desk.history("/a")[0].version_id
    check, _ = desk.check("/a", body=desk.body("Title", "One two. A note."))
    page = desk.captured(check)
    desk.record_page(replace(page, judged=True, shows=version_id, reason="recurs"))
    desk.check("/a", Outcome.UNCHANGED)
    return desk, replace(page, reason="an edit after all")


def add(desk: Desk, page: Captured) -> int | None:
    with desk.archive.writing() as session:
        return add_late_version(session, page)


def test_it_is_dated_by_its_fetch_and_was_seen_until_now(hidden: tuple[Desk, Captured]) -> None:
    desk, page = hidden
    assert len(desk.history("/a")) == 1
    seen = desk.now
    added = add(desk, page)
    old, new = desk.history("/a")
    assert (new.version_id, new.first_seen_at, new.last_seen_at) == (added, page.fetched_at, seen)
    assert old.last_seen_at < new.first_seen_at
    assert desk.article("/a").current_version_id == added
    assert add(desk, page) is None
    desk.check("/a", Outcome.UNCHANGED)
    assert desk.history("/a")[1].last_seen_at == desk.now
    assert len(desk.history("/a")) == 2


def test_it_stands_before_what_was_edited_later(hidden: tuple[Desk, Captured]) -> None:
    desk, page = hidden
    desk.read("/a", "Title", "One three. A note.")
    added = add(desk, page)
    texts = [it.text for it in desk.history("/a")]
    assert texts == ["One two.", "One two. A note.", "One three. A note."]
    assert [it.version for it in desk.history("/a")] == [1, 2, 3]
    assert desk.history("/a")[1].version_id == added
    assert desk.article("/a").current_version_id == desk.history("/a")[2].version_id


def test_where_nothing_was_hidden_there_is_none(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two.")
    check, _ = desk.check("/a", body=desk.body("Title", "One two.", advert="new"))
    page = desk.captured(check)
    assert add(desk, page) is None
    desk.record_page(page)
    assert add(desk, page) is None
    assert len(desk.history("/a")) == 1
