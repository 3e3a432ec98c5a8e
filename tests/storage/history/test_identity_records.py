"""Why an article's addresses are one article, as it is told."""

from datetime import timedelta

from storage.database.archive import Archive
from storage.frontier.enqueueing import Found
from storage.history.identity_decisions import merge, split
from storage.history.identity_records import (
    IdentityRecord,
    Relation,
    Tie,
    decision_record,
    identity_record,
)
from storage.history.identity_undoing import undo
from storage.history.lookup import find_article
from storage.models import AddressKind, IdentityChange, IdentityDecision, Outcome
from tests.support.archiving import START, Desk

SITE = "https://example.org/"
TEXT = "The council has voted for the new bridge over the river after a long night"
MINUTE = timedelta(minutes=1)


def told(desk: Desk, name: str) -> IdentityRecord:
    with desk.archive.reading() as session:
        return identity_record(session, find_article(session, name, unread=True))


def test_each_address_tells_what_ties_it_to_the_others(archive: Archive) -> None:
    desk = Desk(archive)
    entry = {"guid": "tag:1"}
    for path in ("a", "b"):
        found = (Found(SITE + path, AddressKind.PAGE, hints=entry),)
        desk.check("/feed", kind=AddressKind.FEED, body=path.encode(), found=found, minutes=0)
    desk.read("/a", "Bridge", TEXT)
    desk.read("/amp", "Bridge", TEXT, canonical_url=SITE + "a")
    desk.read("/b", "Bridge", TEXT, advert="b")
    desk.check("/a", Outcome.MOVED, redirect=SITE + "c")
    desk.read("/c", "Bridge", TEXT, advert="c")
    record = told(desk, SITE + "a")
    assert (record.source, record.url, record.versions) == ("example.org", SITE + "a", 1)
    seen = {one.url.removeprefix(SITE): one for one in record.addresses}
    assert {name: one.first_seen_at for name, one in seen.items()} == {
        "a": START + 10 * MINUTE,
        "b": START + 30 * MINUTE,
        "amp": START + 20 * MINUTE,
        "c": START + 50 * MINUTE,
    }
    assert [seen[name].guid for name in ("a", "b", "amp")] == ["tag:1", "tag:1", None]
    assert seen["a"].ties == [
        Tie(Relation.SAME_GUID, SITE + "b", START + 10 * MINUTE),
        Tie(Relation.NAMED_CANONICAL_BY, SITE + "amp", START + 20 * MINUTE),
        Tie(Relation.REDIRECTS_TO, SITE + "c", START + 40 * MINUTE),
    ]
    assert seen["b"].ties == [Tie(Relation.SAME_GUID, SITE + "a", START + 10 * MINUTE)]
    assert seen["amp"].ties == [Tie(Relation.NAMES_CANONICAL, SITE + "a", START + 20 * MINUTE)]
    assert seen["c"].ties == [Tie(Relation.REDIRECTED_FROM, SITE + "a", START + 40 * MINUTE)]


def test_the_current_address_is_the_one_that_redirects_lead_to(archive: Archive) -> None:
    desk = Desk(archive)

    def move(path: str, target: str) -> str:
        desk.check(path, Outcome.MOVED, redirect=SITE + target)
        desk.read(f"/{target}", "Bridge", TEXT)
        record = told(desk, SITE + "a")
        assert record.url == SITE + "a"
        return record.current_url.removeprefix(SITE)

    desk.read("/a", "Bridge", TEXT)
    assert told(desk, SITE + "a").current_url == SITE + "a"
    assert [move("/a", "b"), move("/b", "c"), move("/a", "d")] == ["b", "c", "d"]
    assert move("/d", "a") == "a"  # back where it was, in a circle


def test_a_redirect_to_what_is_no_address_of_the_article_is_not_followed(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Bridge", TEXT)
    desk.check("/a", Outcome.MOVED, redirect=SITE + "never-read")
    assert told(desk, SITE + "a").current_url == SITE + "a"


def test_what_ties_an_address_to_another_article_is_left_out(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Bridge", TEXT)
    desk.read("/b", "Football", "Three goals before the break", canonical_url=SITE + "a")
    assert [one.ties for one in told(desk, SITE + "b").addresses] == [[]]


def test_decisions_in_force_are_told_of_all_that_was_merged(archive: Archive) -> None:
    desk = Desk(archive)
    for name in "abc":
        desk.read(f"/{name}", f"Title {name}", f"{TEXT}, {name}")
    with archive.writing() as session:
        first = merge(session, SITE + "b", SITE + "c", now=START).id
        second = merge(session, SITE + "a", SITE + "b", now=START + MINUTE).id
    record = told(desk, SITE + "c")
    assert record.id == desk.article("/a").id
    assert [one.decisions for one in record.addresses] == [[], [second], [first, second]]
    assert [(one.id, one.change, one.urls) for one in record.decisions] == [
        (first, IdentityChange.MERGE, [SITE + "c"]),
        (second, IdentityChange.MERGE, [SITE + "b", SITE + "c"]),
    ]
    with archive.writing() as session:
        undo(session, None, now=START + 2 * MINUTE)
    assert [one.id for one in told(desk, SITE + "c").decisions] == [first]
    assert told(desk, SITE + "a").decisions == []
    with archive.reading() as session:
        undone = decision_record(session, session.get_one(IdentityDecision, second))
    assert (undone.decided_at, undone.undone_at) == (START + MINUTE, START + 2 * MINUTE)


def test_a_split_is_told_of_both(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Bridge", TEXT)
    desk.read("/b", "Bridge", TEXT, canonical_url=SITE + "a")
    with archive.writing() as session:
        decision = split(session, SITE + "b", now=desk.now).id
    old, new = told(desk, SITE + "a"), told(desk, SITE + "b")
    assert [one.id for one in old.decisions] == [one.id for one in new.decisions] == [decision]
    assert (old.versions, new.versions) == (1, 0)
    assert [one.decisions for one in new.addresses] == [[decision]]
    assert [one.ties for one in new.addresses] == [[]]
