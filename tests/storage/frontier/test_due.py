"""What is due, and which comes first."""

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from storage.database.archive import Archive
from storage.frontier.due import controls, make_due, next_retries, recheck
from storage.frontier.enqueueing import Found
from storage.models import AddressKind, Frontier, Outcome, Source
from tests.support.archiving import START, Desk
from tests.support.databases import query_plan
from tests.support.frontier import DAY, HOUR, SITE, due, next_due, page, paths, put


def test_the_longest_due_comes_first(archive: Archive) -> None:
    desk = Desk(archive)
    for hours, path in ((2, "b"), (0, "c"), (1, "a"), (1, "d")):
        put(archive, page(path), now=START + hours * HOUR)
    assert paths(due(desk, now=START + HOUR)) == ["c", "a", "d"]
    first = desk.address("/c")
    assert paths(due(desk, now=START + HOUR, without={first})) == ["a", "d"]


def test_where_more_is_due_than_can_be_asked_for_the_likeliest_to_bring_something_comes_first(
    archive: Archive,
) -> None:
    desk = Desk(archive)
    for number in range(30):
        desk.read(f"/quiet{number}", "Title", f"One two {number}", minutes=0)
    for wording in ("One", "Two", "Three"):
        desk.read("/edited", "Title", wording, minutes=0)
    now = desk.now + 2 * DAY
    put(archive, page("old"), now=now - HOUR)
    put(archive, page("new"), page("front", hops=1), now=now)
    put(archive, Found(SITE + "feed", AddressKind.FEED), now=now)
    found = paths(due(desk, now=now, limit=10))
    assert found[:2] == ["quiet0", "quiet1"]  # one in five is of the longest due
    assert found[2] == "feed"
    assert found[3:6] == ["front", "new", "old"]
    assert found[6] == "edited"


def test_only_the_kinds_that_are_asked_for(archive: Archive) -> None:
    desk = Desk(archive)
    put(archive, page("a"), Found(SITE + "feed", AddressKind.FEED))
    assert paths(due(desk, kinds={AddressKind.FEED})) == ["feed"]
    assert due(desk, kinds=set()) == []


def test_what_waits_to_be_read_is_not_fetched_again(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/a", body=b"page")
    assert due(desk, now=START + 100 * DAY) == []


def test_making_due_wakes_the_source(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    address_id = desk.address("/a")
    with archive.writing() as session:
        session.execute(update(Source).values(next_due_at=None))
        make_due(session, [address_id], now=desk.now)
    assert paths(due(desk)) == ["a"]
    assert next_due(desk) == desk.now


@pytest.mark.parametrize("articles", [True, False])
def test_a_recheck_is_of_articles_of_what_walls_hid_and_of_what_lists_them(
    archive: Archive, articles: bool
) -> None:
    desk = Desk(archive)
    other = Desk(archive, "https://example.net/", now=START + DAY)
    for each in (desk, other):
        each.read("/a", "Title", "One two three")
        each.judge("/no-article", Outcome.NOT_ARTICLE)
        each.judge("/walled", Outcome.PAYWALL)
        each.check("/feed", body=b"<rss/>", kind=AddressKind.FEED)
    now = desk.now
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=now + DAY))
        recheck(session, [desk.source.id], now=now, articles=articles)
    assert sorted(paths(due(desk, now=now))) == (["a", "feed", "walled"] if articles else ["feed"])
    assert due(other, now=now) == []
    assert next_due(desk) == START


def test_the_next_retry(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/a", Outcome.FAILED)
    put(archive, page("b"))
    with archive.reading() as session:
        source_id, soon = desk.source.id, timedelta(seconds=5)
        retries = next_retries(session, [source_id, 0], before=desk.now + 2 * soon)
        assert retries == {source_id: desk.now + soon}
        assert next_retries(session, [source_id], before=desk.now + soon / 2) == {}


def test_what_is_due_comes_from_one_index(new_archive: Archive) -> None:
    desk = Desk(new_archive)
    put(new_archive, *(page(str(number)) for number in range(3_000)), now=START + DAY)
    put(new_archive, page("first"))
    with new_archive.writing() as session:
        session.execute(text("ANALYZE"))
    assert paths(due(desk)) == ["first"]
    plan = query_plan(new_archive, lambda: due(desk))
    assert "ix_frontier_source_id_due_at" in plan
    assert "SCAN frontier" not in plan
    assert "Seq Scan on frontier" not in plan


@pytest.fixture
def shown(archive: Archive) -> Desk:
    """Forty articles that are not due, and three that are."""
    desk = Desk(archive)
    for number in range(43):
        desk.read(f"/{number}", f"Title {number}", f"The words of page {number} " * 9)
    late = [desk.address(f"/{number}") for number in range(40, 43)]
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=desk.now + DAY))
        session.execute(
            update(Frontier).where(Frontier.address_id.in_(late)).values(due_at=desk.now)
        )
    return desk


def picked(desk: Desk, seed: int, count: int = 4, without: tuple[int, ...] = ()) -> list[int]:
    with desk.archive.reading() as session:
        found = controls(session, desk.source.id, count, without=without, now=desk.now, seed=seed)
    return [item.address_id for item in found]


def test_control_pages_are_picked_at_random_and_alike_for_one_seed(shown: Desk) -> None:
    draws = [picked(shown, seed) for seed in range(60)]
    assert picked(shown, 7) == draws[7]
    assert all(len(set(draw)) == 4 for draw in draws)
    due_now = {shown.address(f"/{number}") for number in range(40, 43)}
    others = {shown.address(f"/{number}") for number in range(40)}
    assert {number for draw in draws for number in draw} == others, "each is picked some time"
    assert due_now.isdisjoint(others)


def test_control_pages_are_none_that_were_looked_at(shown: Desk) -> None:
    left = [shown.address(f"/{number}") for number in (3, 30)]
    looked_at = tuple(shown.address(f"/{n}") for n in range(40) if n not in (3, 30))
    assert set(picked(shown, 1, without=looked_at)) <= set(left)
    assert picked(shown, 1, count=4, without=tuple(left) + looked_at) == []


def test_a_source_that_shows_no_article_has_no_control_pages(archive: Archive) -> None:
    assert picked(Desk(archive), 1) == []
