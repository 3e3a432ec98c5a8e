"""The edits of a history, as the readings that saw them tell of them."""

from datetime import timedelta

import pytest

from storage.database.archive import Archive
from storage.history.edit_history import Edit, edit_between, edits_of
from storage.history.edits import EditKind
from storage.history.identity_decisions import merge
from tests.support.archiving import START, Desk

MINUTE = timedelta(minutes=1)
OLD = "The council met on Monday."
NEW = "The council met on Tuesday."


def edits(desk: Desk, path: str = "/a") -> list[Edit | None]:
    versions = desk.history(path)
    with desk.archive.reading() as session:
        return edits_of(session, versions)


def kinds(edit: Edit | None) -> tuple[EditKind, ...]:
    assert edit is not None
    return edit.kinds


def test_no_history_and_one_version_hold_no_edit(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "A", OLD)
    assert edits(desk) == [None]
    with archive.reading() as session:
        assert edits_of(session, []) == []


def test_an_edit_lies_between_two_checks(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "A", OLD)
    desk.read("/a", "A", OLD)
    desk.read("/a", "B", OLD)
    _, edit = edits(desk)
    assert edit is not None
    assert edit.kinds == (EditKind.HEADLINE, EditKind.REWORDING)
    assert (edit.not_before, edit.not_after) == (START + 20 * MINUTE, START + 30 * MINUTE)
    assert not edit.declared


def test_the_publisher_declares_an_edit_by_its_time(archive: Archive) -> None:
    desk = Desk(archive, modified={"B": START})
    desk.read("/a", "A", OLD)
    desk.read("/a", "B", OLD)
    _, edit = edits(desk)
    assert edit is not None
    assert edit.kinds == (EditKind.HEADLINE, EditKind.REWORDING, EditKind.MODIFIED_TIME)
    assert edit.declared


def test_a_time_that_is_there_no_more_declares_nothing(archive: Archive) -> None:
    desk = Desk(archive, modified={"A": START})
    desk.read("/a", "A", OLD)
    desk.read("/a", "B", OLD)
    _, edit = edits(desk)
    assert edit is not None
    assert edit.kinds == (EditKind.HEADLINE, EditKind.REWORDING)
    assert not edit.declared


def test_what_another_extractor_sees_in_one_version_is_no_edit(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "A", OLD)
    desk.template = "p"
    desk.read("/a", "B", OLD)
    # The current version alone is read again when a template is learned.
    desk.template = "q"
    assert desk.read("/a", "B", OLD, advert="x") is not None
    desk.read("/a", "B", OLD, advert="y")
    first, second = desk.history("/a")
    assert first.template != second.template
    assert first.text != second.text
    assert kinds(edits(desk)[1]) == (EditKind.HEADLINE, EditKind.REWORDING)
    with archive.reading() as session:
        edit = edit_between(session, first, second)
    assert (edit.old.text, edit.old.template) == (edit.new.text, "p")


def test_versions_that_nothing_has_read_alike_are_compared_as_they_are(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "A", OLD)
    desk.read("/b", "B", OLD)
    desk.extractor = "2"
    desk.read("/b", "B", NEW)
    with archive.writing() as session:
        merge(session, desk.site + "a", desk.site + "b", now=desk.now)
    first, _, third = desk.history("/a")
    with archive.reading() as session:
        edit = edit_between(session, first, third)
    assert (edit.old, edit.new) == (first, third)


@pytest.mark.parametrize(
    ("texts", "alternating"),
    [
        ("AB", [False, False]),
        ("ABA", [False, False, False]),
        ("ABAB", [False, False, False, True]),
        ("ABABAC", [False, False, False, True, True, False]),
        ("ABAC", [False] * 4),
        ("CBAB", [False] * 4),
        ("ABCABC", [False] * 6),
    ],
)
def test_two_wordings_in_turn_alternate(
    archive: Archive, texts: str, alternating: list[bool]
) -> None:
    desk = Desk(archive)
    for number, text in enumerate(texts):
        desk.read("/a", "Title", text, advert=str(number))
    assert [edit is not None and edit.alternating for edit in edits(desk)] == alternating


def test_versions_that_were_seen_side_by_side_have_no_time_before(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "A", OLD)
    desk.read("/a?page=amp", "B", OLD, canonical_url=desk.site + "a")
    desk.read("/a", "A", OLD)
    first, second = desk.history("/a")
    with archive.reading() as session:
        for edit in (edit_between(session, first, second), edit_between(session, second, first)):
            assert edit.not_before is None
            assert edit.not_after == second.first_seen_at


def test_backwards_an_edit_has_the_same_times(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "A", OLD)
    desk.read("/a", "B", OLD)
    first, second = desk.history("/a")
    with archive.reading() as session:
        forth, back = edit_between(session, first, second), edit_between(session, second, first)
    assert (forth.old, back.old) == (first, second)
    assert (forth.not_before, forth.not_after) == (back.not_before, back.not_after)
