"""Articles merged and split by an operator."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.database.errors import ArchiveError, NotFound, Refused
from storage.history.captured_pages import Captured, Change, Recorded
from storage.history.checks import record_checks
from storage.history.identity_decisions import merge, merge_moved, split
from storage.history.looks import Look, record_undecided
from storage.history.lookup import find_article
from storage.history.versioning import record_articles
from storage.models import (
    Address,
    ArticleState,
    Frontier,
    IdentityDecision,
    Outcome,
)
from storage.query.articles import article_record
from tests.support.archiving import Desk
from tests.support.identity import BRIDGE, GAME, Editor, articles_of, assert_whole, titles
from tests.support.searching import search


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
