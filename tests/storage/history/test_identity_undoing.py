"""What an operator decided, undone again; and nothing lost on the way."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.database.errors import NotFound, Refused
from storage.history.captured_pages import Change
from storage.models import (
    Address,
    Fetch,
    IdentityDecision,
    Outcome,
    Version,
    VersionState,
)
from storage.query.articles import article_record
from tests.support.archiving import START, Desk
from tests.support.identity import BRIDGE, GAME, Editor, articles_of, assert_whole, titles
from tests.support.properties import examples


def test_undoing_a_merge_brings_back_what_was_current(desk: Desk, editor: Editor) -> None:
    desk.read("/amp", "Bridge", BRIDGE + " on a phone", canonical_url=desk.site + "bridge")
    desk.check("/amp", Outcome.GONE)
    before = articles_of(desk.archive)
    # The last version is current, though no address shows it any more.
    assert desk.history("/bridge")[-1].text == BRIDGE + " on a phone"
    for keep, other in (("/bridge", "/crossing"), ("/crossing", "/bridge")):
        editor.merge(keep, other)
        editor.undo()
        assert articles_of(desk.archive) == before


def test_undoing_a_merge_gives_each_address_what_was_seen_there_since(
    desk: Desk, editor: Editor
) -> None:
    before = articles_of(desk.archive)
    editor.merge("/bridge", "/crossing")
    desk.read("/crossing", "Crossing, again", GAME)
    desk.read("/bridge", "Bridge, again", BRIDGE)
    editor.undo()
    assert titles(desk, "/bridge") == ["Bridge", "Bridge", "Bridge, again"]
    assert titles(desk, "/crossing") == ["Crossing", "Crossing, again"]
    with desk.archive.reading() as session:
        assert article_record(session, desk.site + "crossing").shown.version == 2
    assert set(articles_of(desk.archive)) == set(before)
    assert_whole(desk.archive)
    for path, title, wording in (
        ("/crossing", "Crossing, again", GAME),
        ("/bridge", "Bridge, again", BRIDGE),
    ):
        same = desk.read(path, title, wording, advert="x")
        assert same is not None
        assert same.change is Change.UNCHANGED


def test_an_address_that_came_on_the_evidence_of_a_merged_one_goes_with_it(
    desk: Desk, editor: Editor
) -> None:
    crossing, bridge = desk.article("/crossing").id, desk.article("/bridge").id
    editor.merge("/crossing", "/bridge")
    site, text = desk.site, BRIDGE + " and another day"
    desk.check("/bridge", Outcome.MOVED, redirect=site + "bridge-2")
    desk.read("/bridge-2", "Bridge", text)
    desk.read("/amp", "Bridge", text, advert="amp", canonical_url=site + "bridge-2")
    desk.read("/copy", "Bridge", text, advert="copy", canonical_url=site + "crossing")
    # That a merged address leads to it now says nothing of an address that was there before.
    desk.check("/bridge", Outcome.MOVED, redirect=site + "crossing")
    everywhere = ("/bridge", "/bridge-2", "/amp", "/copy", "/crossing")
    assert {desk.article(path).id for path in everywhere} == {crossing}
    editor.undo()
    assert [desk.article(path).id for path in everywhere] == [bridge] * 3 + [crossing] * 2
    assert desk.history("/amp")[-1].text == text
    assert_whole(desk.archive)


def test_a_page_that_showed_the_other_articles_words_is_read_again_after_the_undoing(
    desk: Desk, editor: Editor
) -> None:
    editor.merge("/bridge", "/crossing")
    shared = desk.read("/crossing", "Bridge", BRIDGE + " and a day")
    assert shared is not None
    assert shared.change is Change.UNCHANGED
    editor.undo()
    assert titles(desk, "/crossing") == ["Crossing"]
    read = desk.read("/crossing", "Bridge", BRIDGE + " and a day")
    assert read is not None
    assert read.change is Change.NEW_VERSION
    assert titles(desk, "/crossing") == ["Crossing", "Bridge"]


def test_a_decision_is_undone_once_and_after_those_that_came_later(
    desk: Desk, editor: Editor
) -> None:
    desk.read("/third", "Third", GAME + " for the third time")
    desk.read("/fourth", "Fourth", GAME + " for the fourth time")
    desk.read("/fifth", "Fifth", GAME + " for the fifth time")
    first = editor.merge("/crossing", "/third")
    apart = editor.merge("/fourth", "/fifth")
    later = editor.merge("/bridge", "/crossing")
    with pytest.raises(Refused, match=f"`permalien articles undo {later}` first"):
        editor.undo(first)
    assert editor.undo(apart) == apart
    with pytest.raises(Refused, match="undone already"):
        editor.undo(apart)
    assert [editor.undo(), editor.undo()] == [later, first]
    with pytest.raises(NotFound, match="nothing to undo"):
        editor.undo()


_sites = itertools.count()


@dataclass(frozen=True)
class Read:
    path: str
    text: str


@dataclass(frozen=True)
class Remove:
    path: str


@dataclass(frozen=True)
class Merge:
    keep: str
    other: str


@dataclass(frozen=True)
class Split:
    path: str


@dataclass(frozen=True)
class Undo:
    """Of the decision so many before the last, whether or not it is in force."""

    back: int | None


PATHS = ("/a", "/a?page=amp", "/b", "/b?page=amp", "/c", "/d")
_path = st.sampled_from(PATHS)
CRAWL = st.one_of(
    st.builds(Read, _path, st.sampled_from(["One two", "One three", "Four"])),
    st.builds(Read, _path, st.sampled_from(["One two", "One three", "Four"])),
    st.builds(Remove, _path),
)
DECISION = st.one_of(
    st.builds(Merge, _path, _path),
    st.builds(Split, _path),
    st.builds(Undo, st.one_of(st.none(), st.integers(0, 3))),
)


def play(editor: Editor, step: object) -> None:
    desk = editor.desk
    match step:
        case Read(path, text):
            canonical = desk.site + path[1]
            desk.read(path, "Title", text, advert=path, canonical_url=canonical)
        case Remove(path):
            desk.check(path, Outcome.GONE)
        case Merge(keep, other):
            editor.merge(keep, other)
        case Split(path):
            editor.split(path)
        case Undo(None):
            editor.undo()
        case Undo(back):
            with desk.archive.reading() as session:
                latest = session.scalar(select(func.max(IdentityDecision.id))) or 0
            editor.undo(latest - (back or 0))


def decide(editor: Editor, steps: Iterable[object]) -> None:
    for step in steps:
        try:
            play(editor, step)
        except (NotFound, Refused):
            continue
        assert_whole(editor.desk.archive)


def undo_everything(editor: Editor) -> None:
    with editor.desk.archive.reading() as session:
        query = select(IdentityDecision.id).where(IdentityDecision.undone_at.is_(None))
        in_force = session.scalars(query.order_by(IdentityDecision.id.desc())).all()
    for decision_id in in_force:
        editor.undo(decision_id)
        assert_whole(editor.desk.archive)


property_test = settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def new_editor(archive: Archive) -> Editor:
    number = next(_sites)
    return Editor(Desk(archive, f"https://site{number}.example/", START + timedelta(days=number)))


@property_test
@given(crawl=st.lists(CRAWL, min_size=3, max_size=10), decisions=st.lists(DECISION, max_size=8))
def test_undoing_everything_restores_the_beginning(
    archive: Archive, crawl: list[object], decisions: list[object]
) -> None:
    editor = new_editor(archive)
    for step in crawl:
        play(editor, step)
    before = articles_of(archive)
    decide(editor, decisions)
    undo_everything(editor)
    assert articles_of(archive) == before


@property_test
@given(
    crawl=st.lists(CRAWL, min_size=3, max_size=8),
    steps=st.lists(st.one_of(CRAWL, DECISION), min_size=2, max_size=12),
)
def test_nothing_is_lost_while_crawls_and_decisions_alternate(
    archive: Archive, crawl: list[object], steps: list[object]
) -> None:
    editor = new_editor(archive)
    for step in crawl:
        play(editor, step)
    before = articles_of(archive)
    decide(editor, steps)
    undo_everything(editor)
    after = articles_of(archive)
    for article_id, told in before.items():
        assert after[article_id].history[: len(told.history)] == told.history
        assert set(told.addresses) <= set(after[article_id].addresses)
    known = {version_id for told in before.values() for _, version_id in told.history}
    with archive.reading() as session:
        for version_id, article_id, led_to in session.execute(
            select(Version.id, VersionState.article_id, Address.article_id)
            .join(VersionState, VersionState.version_id == Version.id)
            .join(Fetch, Fetch.id == Version.fetch_id)
            .join(Address, Address.id == Fetch.address_id)
        ):
            assert version_id in known or article_id == led_to
