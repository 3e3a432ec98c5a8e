"""An operator's word on what is an edit and what the site's, and taking it back."""

from functools import partial

import pytest

from storage.database.archive import Archive
from storage.database.errors import NotFound, Refused
from storage.history.overrulings import (
    add_versions,
    alike_edits,
    overrulings,
    say_edits,
    say_site,
    undo_overruling,
)
from storage.models import Says
from storage.templates.decisions import decide, decisions_of
from storage.templates.layouts import record_site_change, said_of_changes, site_changes
from tests.support.archiving import Desk

LAYOUTS = ("main", "main")
NOTE = " A note that many have."
SIGNATURES = [("+", "k"), ("~", "old", "→", "new")]


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """Two articles that were edited alike, and one otherwise."""
    desk = Desk(archive)
    for path in "abc":
        desk.read(path, "Title", f"The words of article {path}.")
    for path in "ab":
        desk.read(path, "Title", f"The words of article {path}.{NOTE}")
    desk.read("c", "Title", "Other words of article c.")
    return desk


def edits(desk: Desk, *paths: str) -> list[int]:
    return [desk.history(path)[-1].version_id for path in paths]


def counts(desk: Desk) -> list[int]:
    return [len(desk.history(path)) for path in "abc"]


def say(desk: Desk, version_ids: list[int]) -> int:
    with desk.archive.writing() as session:
        made = say_site(
            session, desk.source.id, version_ids, LAYOUTS, SIGNATURES,
            why="a notice", who="Ada", now=desk.now,
        )  # fmt: skip
        return made.id


def undo(desk: Desk, number: int) -> None:
    with desk.archive.writing() as session:
        undo_overruling(session, desk.source.id, number, why="no", who="Bo", now=desk.now)


def test_what_is_the_sites_is_retracted_and_stands_again(desk: Desk) -> None:
    before = [desk.history(path) for path in "abc"]
    number = say(desk, edits(desk, "a", "b"))
    assert counts(desk) == [1, 1, 2]
    with desk.archive.reading() as session:
        assert site_changes(session, desk.source.id) == {LAYOUTS: set(SIGNATURES)}
        (made,) = overrulings(session, desk.source.id)
        assert (made.says, made.reason, made.said_by) == (Says.SITE, "a notice", "Ada")
    undo(desk, number)
    assert [desk.history(path) for path in "abc"] == before
    with desk.archive.reading() as session:
        assert site_changes(session, desk.source.id) == {}
        (made,) = overrulings(session, desk.source.id)
        assert (made.undone_reason, made.undone_by) == ("no", "Bo")


def test_it_holds_whatever_is_read_later_and_for_what_is_crawled(desk: Desk) -> None:
    (version_id,) = edits(desk, "a")
    say(desk, [version_id])
    desk.extractor = "2"
    desk.reread(version_id)
    assert counts(desk)[0] == 1
    desk.extractor = "1"
    desk.read("a", "Title", f"The words of article a.{NOTE}", advert="another")
    assert counts(desk)[0] == 1
    desk.read("a", "Title", f"Other words of article a.{NOTE}")
    assert [it.version for it in desk.history("a")] == [1, 3]


def test_what_two_extractors_read_stands_again_too(desk: Desk) -> None:
    (version_id,) = edits(desk, "a")
    number = say(desk, [version_id])
    desk.extractor = "2"
    desk.reread(version_id)
    undo(desk, number)
    assert counts(desk)[0] == 2


def test_what_is_edits_is_none_of_the_sites_until_that_is_taken_back(desk: Desk) -> None:
    source_id = desk.source.id
    with desk.archive.writing() as session:
        decide(session, source_id, "mine", "always-remove")
        record_site_change(session, source_id, LAYOUTS, [*SIGNATURES, ("-", "x")], 5, 5, desk.now)
    say_it = partial(say_edits, why="edits", who="Ada", now=desk.now)
    numbers = set()
    for _ in range(2):
        with desk.archive.writing() as session:
            signatures = [*SIGNATURES, ("+", "mine")]
            made = say_it(session, source_id, LAYOUTS, signatures)
            add_versions(session, made, edits(desk, "a"))
            numbers.add(made.id)
    (number,) = numbers
    with desk.archive.reading() as session:
        assert site_changes(session, source_id) == {LAYOUTS: {("-", "x")}}
        assert ("+", "k") in said_of_changes(session, source_id, Says.EDITS)[LAYOUTS]
        assert decisions_of(session, source_id) == {"k": "never-remove", "mine": "always-remove"}
    undo(desk, number)
    assert counts(desk) == [1, 2, 2]
    with desk.archive.reading() as session:
        assert site_changes(session, source_id)[LAYOUTS] == {*SIGNATURES, ("-", "x")}
        assert decisions_of(session, source_id) == {"mine": "always-remove"}
        made = overrulings(session, source_id)[0]
        retracted = made.version_ids
    with desk.archive.writing() as session:
        again = say_it(session, source_id, LAYOUTS, SIGNATURES)
        add_versions(session, again, retracted)
    assert counts(desk) == [2, 2, 2]


def test_edits_that_are_alike(desk: Desk) -> None:
    a, b, c = edits(desk, "a", "b", "c")
    with desk.archive.reading() as session:
        assert alike_edits(session, a) == [a, b]
        assert alike_edits(session, c) == [c]
        assert alike_edits(session, desk.history("a")[0].version_id) == []


def test_what_can_t_be_said(desk: Desk) -> None:
    first, second = (it.version_id for it in desk.history("a"))
    with pytest.raises(Refused, match="first of its article"):
        say(desk, [first])
    number = say(desk, [second])
    with pytest.raises(Refused, match="retracted already"):
        say(desk, [second])
    other = Desk(desk.archive, site="https://example.net/", now=desk.now)
    with pytest.raises(Refused, match="another source"):
        say(other, [second])
    with pytest.raises(NotFound, match="no overruling"):
        undo(other, number)
    undo(desk, number)
    with pytest.raises(Refused, match="undone already"):
        undo(desk, number)
