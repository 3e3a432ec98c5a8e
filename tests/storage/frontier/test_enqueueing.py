"""What becomes known, and due."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage.database.archive import Archive
from storage.frontier.addresses import address_key
from storage.frontier.enqueueing import Found
from storage.frontier.sources import add_source
from storage.models import Address, AddressKind, Frontier, Source
from tests.support.archiving import START, Desk
from tests.support.frontier import DAY, HOUR, MINUTE, SITE, due, next_due, page, paths, put


def source_of(archive: Archive, url: str) -> str | None:
    with archive.reading() as session:
        return session.scalar(
            select(Source.name)
            .join(Address, Address.source_id == Source.id)
            .where(Address.key == address_key(url))
        )


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
