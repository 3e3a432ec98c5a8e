"""What is known, and what is due."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from storage.database.archive import Archive
from storage.frontier.addresses import address_key
from storage.frontier.due import (
    Due,
    Found,
    controls,
    due_addresses,
    enqueue,
    make_due,
    next_retry,
    recheck,
)
from storage.frontier.revisits import EditStats
from storage.frontier.sources import add_source
from storage.models import Address, AddressKind, Frontier, Outcome, Source
from tests.support.archiving import START, Desk
from tests.support.databases import query_plan

SITE = "https://example.org/"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def page(path: str, **values: object) -> Found:
    return Found(f"{SITE}{path}", AddressKind.PAGE, **values)  # type: ignore[arg-type]


def put(archive: Archive, *found: Found, now: object = START) -> int:
    with archive.writing() as session:
        return enqueue(session, found, now=now).total()  # type: ignore[arg-type]


def due(desk: Desk, **values: object) -> list[Due]:
    arguments = {"now": desk.now, "limit": 100, "without": (), "kinds": None, **values}
    arguments.setdefault("site", EditStats(0, 0))
    with desk.archive.reading() as session:
        return due_addresses(session, desk.source.id, **arguments)  # type: ignore[arg-type]


def paths(found: list[Due]) -> list[str]:
    return [item.url.removeprefix(SITE) for item in found]


def source_of(archive: Archive, url: str) -> str | None:
    with archive.reading() as session:
        return session.scalar(
            select(Source.name)
            .join(Address, Address.source_id == Source.id)
            .where(Address.key == address_key(url))
        )


def next_due(desk: Desk) -> object:
    with desk.archive.reading() as session:
        return session.get_one(Source, desk.source.id).next_due_at


def test_an_address_is_known_once_however_it_is_spelt(archive: Archive) -> None:
    desk = Desk(archive)
    one, other = Found("http://example.org/a?y=1&x=2", AddressKind.PAGE), page("a?x=2&y=1")
    assert put(archive, one, other, page("b")) == 2
    assert put(archive, other) == 0
    assert paths(due(desk)) == ["http://example.org/a?y=1&x=2", "b"]


def test_the_first_guid_of_an_address_stays_whenever_it_is_named(archive: Archive) -> None:
    desk = Desk(archive)
    put(archive, page("a", hints={"guid": "1"}), page("b", hints={"title": "B"}), page("c"))
    named = [page(name, hints={"guid": guid}) for name, guid in (("a", "x"), ("b", "2"))]
    assert put(archive, *named) == 0
    put(archive, page("b", hints={"guid": "x"}), page("c", hints={"guid": "長" * 2048}))
    with archive.reading() as session:
        guids = {
            path: session.get_one(Address, desk.address(path)).guid for path in ("a", "b", "c")
        }
    assert guids == {"a": "1", "b": "2", "c": None}


def test_an_address_goes_to_the_most_specific_source(archive: Archive) -> None:
    with archive.writing() as session:
        for site in (SITE, "https://sport.example.org/", "https://example.org:8443/"):
            add_source(session, site, now=START)
    homes = {
        "https://www.example.org/1": "example.org",
        "https://news.example.org/2": "example.org",
        "https://live.sport.example.org/3": "sport.example.org",
        "https://example.org:8443/4": "example.org:8443",
        "https://news.example.org:8443/5": None,
        "https://example.net/6": None,
        "https://notexample.org/7": None,
        "https://192.0.2.1/8": None,
    }
    found = [Found(url, AddressKind.PAGE) for url in homes]
    assert put(archive, *found) == 4
    assert {url: source_of(archive, url) for url in homes} == homes


def test_more_hosts_than_a_statement_takes(archive: Archive) -> None:
    desk = Desk(archive)
    hosts = [
        Found(f"https://{'.'.join(f'a{i}x{j}' for j in range(20))}.example/", AddressKind.PAGE)
        for i in range(1_700)
    ]
    assert put(archive, *hosts, page("a")) == 1
    assert paths(due(desk)) == ["a"]


def test_more_addresses_than_a_statement_takes(archive: Archive) -> None:
    desk = Desk(archive)
    found = [page(str(number)) for number in range(1_200)]
    assert put(archive, *found) == 1_200
    assert put(archive, *found) == 0
    assert len(due(desk, limit=2_000)) == 1_200


@pytest.mark.parametrize(
    ("modified", "is_due"),
    [(-HOUR, False), (HOUR, True), (2 * HOUR, True), (3 * HOUR, False)],
    ids=["before the last check", "since", "just now", "in the future"],
)
def test_a_modification_since_the_last_check_brings_forward(
    archive: Archive, modified: timedelta, is_due: bool
) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=START + DAY))
        session.execute(update(Source).values(next_due_at=START + DAY))
    now = desk.now + 2 * HOUR
    put(archive, page("a", modified_at=desk.now + modified), now=now)
    assert bool(due(desk, now=now)) is is_due
    assert next_due(desk) == (now if is_due else START + DAY)


@pytest.mark.parametrize(
    ("kind", "wait"), [(AddressKind.PAGE, MINUTE), (AddressKind.SITEMAP, 15 * MINUTE)]
)
def test_what_was_looked_at_a_moment_ago_is_not_brought_forward_to_now(
    archive: Archive, kind: AddressKind, wait: timedelta
) -> None:
    """Two sitemaps that name each other, always just modified, are no loop."""
    desk = Desk(archive)
    desk.check("/a", body=b"body", kind=kind)
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=START + DAY, pending_fetch_id=None))
        session.execute(update(Source).values(next_due_at=START + DAY))
    now = desk.now + timedelta(seconds=2)
    item = replace(page("a", modified_at=now), kind=kind)
    put(archive, item, now=now)
    assert due(desk, now=now) == []
    assert next_due(desk) == desk.now + wait
    assert len(due(desk, now=desk.now + wait)) == 1


def test_a_section_that_is_listed_as_a_page_is_one(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/a", body=b"page", kind=AddressKind.SECTION)
    assert due(desk) == []
    put(archive, page("a"), now=desk.now)
    (item,) = due(desk)
    assert item.kind is AddressKind.PAGE


def test_a_canonical_address_that_is_found_later_is_fetched(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a?page=amp", "Title", "One two three", canonical_url=SITE + "a")
    assert paths(due(desk)) == []
    put(archive, page("a"), now=desk.now)
    assert paths(due(desk)) == ["a"]


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
def test_a_recheck_is_of_articles_and_of_what_lists_them(archive: Archive, articles: bool) -> None:
    desk = Desk(archive)
    other = Desk(archive, "https://example.net/", now=START + DAY)
    for each in (desk, other):
        each.read("/a", "Title", "One two three")
        each.judge("/no-article", Outcome.NOT_ARTICLE)
        each.check("/feed", body=b"<rss/>", kind=AddressKind.FEED)
    now = desk.now
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=now + DAY))
        recheck(session, [desk.source.id], now=now, articles=articles)
    assert sorted(paths(due(desk, now=now))) == (["a", "feed"] if articles else ["feed"])
    assert due(other, now=now) == []
    assert next_due(desk) == START


def test_the_next_retry(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/a", Outcome.FAILED)
    put(archive, page("b"))
    with archive.reading() as session:
        source_id, soon = desk.source.id, timedelta(seconds=5)
        assert next_retry(session, source_id, before=desk.now + 2 * soon) == desk.now + soon
        assert next_retry(session, source_id, before=desk.now + soon / 2) is None


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
