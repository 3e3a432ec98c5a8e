"""Articles merged and split by an operator, and all of it undone."""

import itertools
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.database.errors import ArchiveError, NotFound, Refused
from storage.history.checks import record_checks
from storage.history.identity_decisions import merge, merge_moved, split
from storage.history.identity_undoing import undo
from storage.history.looks import Look, record_undecided
from storage.history.lookup import find_article
from storage.history.versioning import Captured, Change, Recorded, record_articles
from storage.models import (
    Address,
    Article,
    ArticleState,
    Fetch,
    Frontier,
    IdentityDecision,
    Outcome,
    Version,
    VersionState,
)
from storage.query.articles import article_record
from tests.support.archiving import START, Desk
from tests.support.searching import search

BRIDGE = "The council has voted for the new bridge over the river after a long night"
GAME = "Three goals before the break made an easy evening for all who came to watch"
_sites = itertools.count()


class Editor:
    """An operator's decisions on what a desk archived, each a minute later."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def merge(self, keep: str, other: str) -> int:
        with self._deciding() as session:
            return merge(session, self._url(keep), self._url(other), now=self.desk.now).id

    def split(self, path: str) -> int:
        with self._deciding() as session:
            return split(session, self._url(path), now=self.desk.now).id

    def undo(self, decision_id: int | None = None) -> int:
        with self._deciding() as session:
            return undo(session, decision_id, now=self.desk.now).id

    def _deciding(self) -> Any:
        self.desk.now += timedelta(minutes=1)
        return self.desk.archive.writing()

    def _url(self, name: str) -> str:
        return self.desk.site + name.removeprefix("/") if name.startswith("/") else name


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """/bridge in two versions, and /crossing, which was seen for itself in between."""
    desk = Desk(archive)
    desk.read("/bridge", "Bridge", BRIDGE)
    desk.read("/crossing", "Crossing", GAME)
    desk.read("/bridge", "Bridge", BRIDGE + " and a day")
    return desk


@pytest.fixture
def editor(desk: Desk) -> Editor:
    return Editor(desk)


def titles(desk: Desk, path: str) -> list[str]:
    return [record.title for record in desk.history(path)]


class Told(NamedTuple):
    """What the archive says of an article. `history` is (number, version id) in order."""

    url: str
    state: ArticleState
    current: int | None
    first_seen_at: datetime
    history: list[tuple[int, int]]
    addresses: list[int]


def articles_of(archive: Archive) -> dict[int, Told]:
    """The articles that have something left, by id."""
    with archive.reading() as session:
        histories: dict[int, list[tuple[int, int]]] = {}
        for state in session.scalars(select(VersionState).order_by(VersionState.number)):
            histories.setdefault(state.article_id, []).append((state.number, state.version_id))
        addresses: dict[int, list[int]] = {}
        for address in session.scalars(
            select(Address).where(Address.article_id.is_not(None)).order_by(Address.id)
        ):
            addresses.setdefault(address.article_id or 0, []).append(address.id)
        return {
            article.id: Told(
                article.url,
                article.state,
                article.current_version_id,
                article.first_seen_at,
                histories.get(article.id, []),
                addresses.get(article.id, []),
            )
            for article in session.scalars(select(Article))
            if article.merged_into_id is None
        }


def assert_whole(archive: Archive) -> None:
    """Every version is in the history of an article that is there, numbered without a gap."""
    with archive.reading() as session:
        articles = {article.id: article for article in session.scalars(select(Article))}
        states = session.scalars(select(VersionState).order_by(VersionState.number)).all()
        assert len(states) == session.scalar(select(func.count()).select_from(Version))
        numbers: dict[int, list[int]] = {}
        versions: dict[int, set[int]] = {}
        for state in states:
            numbers.setdefault(state.article_id, []).append(state.number)
            versions.setdefault(state.article_id, set()).add(state.version_id)
        for article_id, given_numbers in numbers.items():
            assert given_numbers == list(range(1, len(given_numbers) + 1))
            assert articles[article_id].merged_into_id is None
        for article in articles.values():
            known = versions.get(article.id, set())
            assert article.current_version_id in known or not known
        led_to = set(
            session.scalars(select(Address.article_id).where(Address.article_id.is_not(None)))
        )
        assert all(articles[it or 0].merged_into_id is None for it in led_to)


def test_merged_versions_are_one_history_in_the_order_first_seen(
    desk: Desk, editor: Editor
) -> None:
    keep, other = desk.article("/bridge").id, desk.article("/crossing").id
    editor.merge("/bridge", "/crossing")
    assert titles(desk, "/crossing") == ["Bridge", "Crossing", "Bridge"]
    assert [record.version for record in desk.history("/bridge")] == [1, 2, 3]
    with desk.archive.reading() as session:
        assert find_article(session, str(other)).id == keep
        assert article_record(session, str(other)).shown.version == 3
        assert [hit.article_id for hit in search(desk.archive, "council")] == [keep]
        assert search(desk.archive, "goals") == []
        views = session.execute(
            text(
                "SELECT v.version, a.version FROM article_versions AS v JOIN articles AS a "
                "ON a.id = v.article_id ORDER BY v.version"
            )
        )
        assert [tuple(row) for row in views] == [(1, 3), (2, 3), (3, 3)]
    assert_whole(desk.archive)


def test_a_merged_article_reads_as_the_last_version_that_is_still_shown(
    desk: Desk, editor: Editor
) -> None:
    desk.read("/crossing", "Crossing", GAME + " and on")
    desk.check("/crossing", Outcome.GONE)
    desk.read("/bridge", "Bridge", BRIDGE + " and a day", advert="again")
    editor.merge("/bridge", "/crossing")
    with desk.archive.reading() as session:
        record = article_record(session, desk.site + "crossing")
    assert (record.state, record.shown.version, record.versions) == (ArticleState.LIVE, 3, 4)
    assert record.shown.text == BRIDGE + " and a day"


def test_an_article_that_was_taken_away_lives_where_the_other_is_shown(
    desk: Desk, editor: Editor
) -> None:
    desk.check("/bridge", Outcome.GONE)
    gone = desk.article("/bridge")
    editor.merge("/bridge", "/crossing")
    assert desk.article("/bridge").state is ArticleState.LIVE
    editor.undo()
    assert desk.article("/bridge").state is ArticleState.GONE
    assert desk.article("/bridge").state_fetch_id is not None
    assert desk.article("/crossing").state is ArticleState.LIVE
    assert gone.current_version_id == desk.article("/bridge").current_version_id


@pytest.mark.parametrize(("keep", "other"), [("/bridge", "/crossing"), ("/crossing", "/bridge")])
def test_a_crawl_after_a_merge_makes_no_version_of_what_is_still_there(
    desk: Desk, editor: Editor, keep: str, other: str
) -> None:
    editor.merge(keep, other)
    for advert in "xy":
        same = desk.read("/bridge", "Bridge", BRIDGE + " and a day", advert=advert)
        other_same = desk.read("/crossing", "Crossing", GAME, advert=advert)
        assert same is not None
        assert other_same is not None
        assert {same.change, other_same.change} == {Change.UNCHANGED}
    edited = desk.read("/crossing", "Crossing", GAME + " at home")
    assert edited is not None
    assert edited.change is Change.NEW_VERSION
    assert [record.version for record in desk.history(keep)] == [1, 2, 3, 4]
    assert_whole(desk.archive)


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


def test_an_address_that_is_split_off_takes_the_versions_that_were_first_seen_there(
    desk: Desk, editor: Editor
) -> None:
    desk.read("/amp", "Bridge", BRIDGE + " on a phone", canonical_url=desk.site + "bridge")
    bridge = desk.article("/bridge")
    assert desk.article("/amp").id == bridge.id
    editor.split("/amp")
    assert desk.article("/amp").id != bridge.id
    assert desk.article("/amp").url == desk.site + "amp"
    assert [record.text for record in desk.history("/amp")] == [BRIDGE + " on a phone"]
    assert [record.text for record in desk.history("/bridge")] == [BRIDGE, BRIDGE + " and a day"]
    with desk.archive.reading() as session:
        assert article_record(session, desk.site + "bridge").shown.version == 2
        assert len(search(desk.archive, "phone")) == 1
    assert_whole(desk.archive)


def test_a_page_keeps_what_an_operator_decided_whatever_it_names_as_canonical(
    desk: Desk, editor: Editor
) -> None:
    canonical = desk.site + "bridge"
    desk.read("/amp", "Bridge", BRIDGE + " on a phone", canonical_url=canonical)
    editor.split("/amp")
    for advert in "xy":
        same = desk.read(
            "/amp", "Bridge", BRIDGE + " on a phone", advert=advert, canonical_url=canonical
        )
        assert same is not None
        assert same.change is Change.UNCHANGED
    desk.check("/bridge", Outcome.MOVED, redirect=desk.site + "amp")
    edited = desk.read("/amp", "Bridge", BRIDGE + " and a day", canonical_url=canonical)
    assert edited is not None
    assert edited.article_id == desk.article("/amp").id != desk.article("/bridge").id
    assert edited.change is Change.NEW_VERSION


def test_a_copy_that_never_said_anything_else_is_read_again_once_it_is_split_off(
    desk: Desk, editor: Editor
) -> None:
    text = BRIDGE + " and a day"
    desk.read("/amp", "Bridge", text, advert="amp", canonical_url=desk.site + "bridge")
    before = articles_of(desk.archive)
    editor.split("/amp")
    with desk.archive.reading() as session:
        due = session.get_one(Frontier, desk.address("/amp"))
        assert (due.digest, due.etag, due.due_at) == (None, None, desk.now)
        with pytest.raises(NotFound):
            find_article(session, desk.site + "amp")
        assert find_article(session, desk.site + "amp", unread=True)
    read = desk.read("/amp", "Bridge", text, advert="amp", canonical_url=desk.site + "bridge")
    assert read is not None
    assert read.change is Change.NEW_ARTICLE
    assert [record.text for record in desk.history("/amp")] == [text]
    same = desk.read("/bridge", "Bridge", text, advert="x")
    assert same is not None
    assert same.change is Change.UNCHANGED
    assert_whole(desk.archive)
    editor.undo()
    assert set(articles_of(desk.archive)) == set(before)
    assert [record.text for record in desk.history("/amp")] == [BRIDGE, text, text]
    assert_whole(desk.archive)


def test_an_article_keeps_a_url_of_its_own_when_its_first_is_split_off(
    desk: Desk, editor: Editor
) -> None:
    desk.read("/amp", "Bridge", BRIDGE + " on a phone", canonical_url=desk.site + "bridge")
    with desk.archive.writing() as session:
        find_article(session, desk.site + "bridge").url = desk.site + "amp"
    editor.split("/amp")
    assert desk.article("/bridge").url == desk.site + "bridge"
    editor.undo()
    assert desk.article("/bridge").url == desk.site + "amp"


def test_an_address_that_was_taken_away_is_an_article_that_was(desk: Desk, editor: Editor) -> None:
    desk.read("/amp", "Bridge", BRIDGE + " on a phone", canonical_url=desk.site + "bridge")
    desk.check("/amp", Outcome.GONE)
    assert desk.article("/bridge").state is ArticleState.LIVE
    editor.split("/amp")
    assert desk.article("/amp").state is ArticleState.GONE
    assert desk.article("/bridge").state is ArticleState.LIVE


def test_what_is_undecided_says_nothing_of_how_an_article_was_taken_away(
    desk: Desk, editor: Editor
) -> None:
    desk.read("/amp", "Bridge", BRIDGE + " on a phone", canonical_url=desk.site + "bridge")
    desk.check("/amp", Outcome.GONE)
    check = desk.prepare("/amp", Outcome.NOT_FOUND)
    with desk.archive.writing() as session:
        record_checks(session, [check])
        look = Look(check.fetch_id, check.address_id, check.fetched_at, "too few pages to tell")
        record_undecided(session, [look])
    editor.split("/amp")
    assert desk.article("/amp").state is ArticleState.GONE


REFUSALS: list[tuple[tuple[str, ...], type[ArchiveError], str]] = [
    (("merge", "/bridge", "/bridge"), Refused, "one article already"),
    (("merge", "/bridge", "/none"), NotFound, "no article"),
    (("merge", "/bridge", "99999"), NotFound, "no article 99999"),
    (("merge", "/bridge", "https://example.net/a"), Refused, "different sources"),
    (("split", "/bridge"), Refused, "the only address"),
    (("split", "/none"), NotFound, "no article at"),
    (("split", "1"), NotFound, "no article at"),
    (("split", "/main"), Refused, "first seen at https://example.org/main: split"),
    (("undo",), NotFound, "no decision is in force"),
    (("undo", "7"), NotFound, "no decision 7"),
]


@pytest.mark.parametrize(("command", "error", "says"), REFUSALS)
def test_what_is_refused_changes_nothing(
    desk: Desk, editor: Editor, command: tuple[str, ...], error: type[ArchiveError], says: str
) -> None:
    Desk(desk.archive, "https://example.net/", run_id=2).read("/a", "A", GAME)
    desk.read("/main", "Main", GAME)
    desk.read("/main-2", "Main", GAME, canonical_url=desk.site + "main", advert="2")
    before = articles_of(desk.archive)
    name, *arguments = command
    with pytest.raises(error, match=says):
        getattr(editor, name)(*(int(it) if name == "undo" else it for it in arguments))
    assert articles_of(desk.archive) == before


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


def test_an_address_that_still_leads_to_a_merged_article_follows_it(
    desk: Desk, editor: Editor
) -> None:
    crossing = desk.article("/crossing").id
    editor.merge("/bridge", "/crossing")
    late = desk.address("/late")
    with desk.archive.writing() as session:
        session.get_one(Address, late).article_id = crossing
    read = desk.read("/late", "Crossing", GAME + " late")
    assert read is not None
    assert read.article_id == desk.article("/bridge").id
    assert desk.article("/late").id == desk.article("/bridge").id
    assert_whole(desk.archive)


def crawl_during(desk: Desk, page: Captured, decide: Callable[[Session], object]) -> Recorded:
    """Record the page while a decision is made and not committed yet."""
    results: list[object] = []

    def crawl() -> None:
        with desk.archive.writing() as session:
            results.extend(record_articles(session, [page]))

    crawler = threading.Thread(target=crawl)
    with desk.archive.writing() as session:
        decide(session)
        crawler.start()
        crawler.join(timeout=0.5)
        assert crawler.is_alive()
    crawler.join(timeout=30)
    (recorded,) = results
    assert isinstance(recorded, Recorded)
    assert_whole(desk.archive)
    return recorded


def test_a_crawl_waits_for_a_merge_and_goes_by_it(postgresql_archive: Archive) -> None:
    desk = Desk(postgresql_archive)
    desk.read("/bridge", "Bridge", BRIDGE)
    desk.read("/crossing", "Crossing", GAME)
    check, _ = desk.check("/crossing", body=desk.body("Crossing", GAME + " at home"))
    bridge, crossing = desk.site + "bridge", desk.site + "crossing"
    recorded = crawl_during(
        desk,
        desk.captured(check),
        lambda session: merge(session, bridge, crossing, now=desk.now),
    )
    assert recorded.article_id == desk.article("/bridge").id
    assert titles(desk, "/bridge") == ["Bridge", "Crossing", "Crossing"]


def test_a_crawl_waits_for_a_split_and_goes_by_it(postgresql_archive: Archive) -> None:
    desk = Desk(postgresql_archive)
    desk.read("/bridge", "Bridge", BRIDGE)
    desk.read("/amp", "Bridge", BRIDGE + " on a phone", canonical_url=desk.site + "bridge")
    check, _ = desk.check("/amp", body=desk.body("Bridge", BRIDGE + " on two phones"))
    recorded = crawl_during(
        desk,
        desk.captured(check),
        lambda session: split(session, desk.site + "amp", now=desk.now),
    )
    assert recorded.article_id == desk.article("/amp").id != desk.article("/bridge").id
    assert len(desk.history("/amp")) == 2


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
    max_examples=50,
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


def move(desk: Desk, old: str, new: str) -> IdentityDecision | None:
    """See an article redirected to an address that is known to show one."""
    check, _ = desk.check(old, Outcome.MOVED, redirect=desk.site + new.removeprefix("/"))
    with desk.archive.writing() as session:
        return merge_moved(session, check.address_id, check.fetch_id, now=desk.now)


def test_an_article_that_was_not_read_yet_is_found_by_no_search(desk: Desk, editor: Editor) -> None:
    desk.read("/amp", "Bridge", BRIDGE + " and a day", canonical_url=desk.site + "bridge")
    editor.split("/amp")
    editor.merge("/amp", "/crossing")
    assert_whole(desk.archive)
    editor.undo()
    assert_whole(desk.archive)


def test_an_article_that_moved_to_where_it_is_known_already_is_one(desk: Desk) -> None:
    desk.read("/bridge-opens", "The bridge opens", BRIDGE + " and a night")
    decision = move(desk, "/bridge", "/bridge-opens")
    assert decision is not None
    assert decision.fetch_id is not None
    assert titles(desk, "/bridge-opens") == ["Bridge", "Bridge", "The bridge opens"]
    assert desk.article("/bridge").state is ArticleState.LIVE
    assert_whole(desk.archive)
    # It is seen again and again, and merged once.
    assert move(desk, "/bridge", "/bridge-opens") is None


def test_a_redirect_to_something_else_merges_nothing(desk: Desk) -> None:
    assert move(desk, "/bridge", "/crossing") is None
    assert desk.article("/bridge").id != desk.article("/crossing").id


def test_a_redirect_does_not_undo_a_decision(desk: Desk, editor: Editor) -> None:
    desk.read("/bridge-opens", "The bridge opens", BRIDGE + " and a night")
    assert move(desk, "/bridge", "/bridge-opens") is not None
    editor.undo()
    assert move(desk, "/bridge", "/bridge-opens") is None
    assert desk.article("/bridge").id != desk.article("/bridge-opens").id
