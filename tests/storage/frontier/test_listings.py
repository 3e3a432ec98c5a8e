"""Where a source lists its articles, and what each listing gave last."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from storage.database.archive import Archive
from storage.frontier.enqueueing import Found
from storage.frontier.listings import Listing, listings, other_articles, said_modified
from storage.models import Address, AddressKind, Frontier, Outcome
from storage.query.articles import article_record
from storage.search.options import Options
from tests.support.archiving import START, Desk
from tests.support.searching import search

SITE = "https://example.org/"


def listing(desk: Desk) -> Listing:
    with desk.archive.reading() as session:
        (found,) = listings(session, [desk.source.id])
        return found


def test_a_site_that_was_never_asked(archive: Archive) -> None:
    desk = Desk(archive)
    desk.address("/feed", AddressKind.FEED)
    assert listing(desk) == Listing("example.org", SITE)


def test_what_answered_and_what_did_not(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/", Outcome.FAILED, kind=AddressKind.FRONT)
    desk.check("/rss", body=b"<rss/>", kind=AddressKind.FEED)
    desk.check("/rss", Outcome.UNCHANGED, kind=AddressKind.FEED)
    desk.check("/atom", Outcome.NOT_FOUND, kind=AddressKind.FEED)
    desk.check("/sitemap.xml", body=b"<urlset/>", kind=AddressKind.SITEMAP)
    desk.read("/a", "Title", "One two three")
    found = listing(desk)
    assert (found.reached, found.error) == (True, "failed")
    assert found.found == [
        (AddressKind.FEED, SITE + "rss", ""),
        (AddressKind.SITEMAP, SITE + "sitemap.xml", ""),
    ]
    assert found.as_document()["found"][0] == {"kind": "feed", "url": SITE + "rss", "detail": ""}


def test_a_front_page_that_answers_is_reached(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/", Outcome.BLOCKED, kind=AddressKind.FRONT)
    desk.check("/", body=b"<html>", kind=AddressKind.FRONT)
    found = listing(desk)
    assert (found.reached, found.error, found.found) == (True, None, [])


def test_sources_come_by_name(archive: Archive) -> None:
    desks = [Desk(archive, f"https://{name}.example/") for name in "ba"]
    with archive.reading() as session:
        found = listings(session, [desk.source.id for desk in desks])
        assert listings(session, []) == []
    assert [one.source for one in found] == ["a.example", "b.example"]


HOUR = timedelta(hours=1)


def list_page(
    desk: Desk,
    path: str,
    *,
    at: datetime | None = None,
    listing: AddressKind = AddressKind.FEED,
    **said: str,
) -> None:
    """A listing of the site says this of a page."""
    hints: dict[str, Any] = {**said}
    if at is not None:
        hints |= {"published_at": at.isoformat(), "published_in": listing.value}
    found = Found(f"{SITE}{path}", AddressKind.PAGE, published_at=at, hints=hints or None)
    desk.check(f"/{listing.value}", found=(found,), kind=listing)


def hints(desk: Desk, path: str) -> dict[str, Any] | None:
    address_id = desk.address(path)
    with desk.archive.reading() as session:
        return session.get_one(Address, address_id).hints


def test_an_article_without_a_date_has_that_of_the_feed_that_listed_it(archive: Archive) -> None:
    desk = Desk(archive)
    listed = START - 2 * HOUR
    desk.read("/a", "Title", "The bridge is closed")
    list_page(desk, "a", at=listed)
    assert [version.published_at for version in desk.history("/a")] == [listed]
    with archive.reading() as session:
        assert article_record(session, f"{SITE}a").shown.published_at == listed
        (hit,) = search(archive, "bridge", Options(since=listed, until=listed + HOUR))
        assert hit.published_at == listed
        assert search(archive, "bridge", Options(since=listed + HOUR)) == []
        for view in ("articles", "article_versions"):
            (shown,) = session.scalars(text(f"SELECT published_at FROM {view}"))
            assert str(shown).startswith("2026-03-01 06:00:00")


def test_what_the_page_says_comes_first(archive: Archive) -> None:
    desk = Desk(archive)
    list_page(desk, "a", at=START - HOUR)
    check, _ = desk.check("/a", body=desk.body("Title", "The bridge is closed"))
    page = desk.captured(check)
    own = START - 3 * HOUR
    desk.record_page(replace(page, reading=replace(page.reading, published_at=own)))
    assert [version.published_at for version in desk.history("/a")] == [own]
    assert [hit.published_at for hit in search(archive, "bridge")] == [own]


def test_of_an_article_s_addresses_the_earliest_date_counts(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "The bridge is closed")
    desk.read("/amp/a", "Title", "The bridge is closed", canonical_url=f"{SITE}a")
    list_page(desk, "a", at=START)
    list_page(desk, "amp/a", at=START - HOUR)
    assert [version.published_at for version in desk.history("/a")] == [START - HOUR]


def test_a_page_is_looked_at_again_by_the_age_its_feed_gives_it(archive: Archive) -> None:
    desk = Desk(archive)
    due_at = {}
    for path, age in (("new", HOUR), ("old", timedelta(days=300))):
        list_page(desk, path, at=START - age)
        desk.read(f"/{path}", path, f"The bridge is closed, {path}")
        address_id = desk.address(f"/{path}")
        with archive.reading() as session:
            due_at[path] = session.get_one(Frontier, address_id).due_at - desk.now
    assert due_at["new"] < due_at["old"] / 5


def test_what_was_said_first_stays_but_a_feed_knows_more_than_a_link(archive: Archive) -> None:
    desk = Desk(archive)
    list_page(desk, "a", listing=AddressKind.FRONT, title="Read on")
    assert hints(desk, "/a") == {"title": "Read on"}
    list_page(desk, "a", at=START, title="The bridge is closed", guid="1")
    said = {
        "title": "The bridge is closed",
        "guid": "1",
        "published_at": START.isoformat(),
        "published_in": "feed",
    }
    assert hints(desk, "/a") == said
    list_page(desk, "a", at=START + HOUR, listing=AddressKind.SITEMAP, title="Closed")
    assert hints(desk, "/a") == said


def test_what_a_feed_says_of_a_link_is_said_of_where_it_leads(archive: Archive) -> None:
    desk = Desk(archive)
    list_page(desk, "short", at=START, title="The bridge", guid="1")
    desk.check("/short", Outcome.MOVED, redirect=f"{SITE}r")
    desk.check("/r", Outcome.MOVED, redirect=f"{SITE}bridge")
    desk.read("/bridge", "Title", "The bridge is closed")
    assert [version.published_at for version in desk.history("/bridge")] == [START]
    said = {"title": "The bridge", "published_at": START.isoformat(), "published_in": "feed"}
    assert hints(desk, "/bridge") == said
    with archive.reading() as session:
        assert article_record(session, f"{SITE}short").url == f"{SITE}bridge"
    # Of an article that has moved, the new page's date is its own.
    list_page(desk, "old", at=START - HOUR)
    desk.read("/old", "Title", "Something else")
    desk.check("/old", Outcome.MOVED, redirect=f"{SITE}bridge")
    assert [version.published_at for version in desk.history("/bridge")] == [START]


@pytest.mark.parametrize("order", [1, -1])
def test_the_best_date_counts_whatever_the_order(archive: Archive, order: int) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "The bridge is closed")
    midnight = START.replace(hour=0)
    for at in (midnight, START - HOUR, START)[::order]:
        list_page(desk, "a", at=at)
    assert [version.published_at for version in desk.history("/a")] == [START - HOUR]


@pytest.mark.parametrize("listed_before", [True, False])
def test_nothing_is_published_in_the_future(archive: Archive, listed_before: bool) -> None:
    desk = Desk(archive)
    if listed_before:
        list_page(desk, "a", title="Title")
    list_page(desk, "a", at=desk.now + timedelta(days=400))
    desk.read("/a", "Title", "The bridge is closed")
    assert [version.published_at for version in desk.history("/a")] == [None]
    list_page(desk, "a", at=desk.now + HOUR)
    assert [version.published_at for version in desk.history("/a")] != [None]


def test_the_latest_time_of_change_is_kept(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "The bridge is closed")
    for minutes in (60, 120):
        at = desk.now + timedelta(minutes=minutes)
        said = {"modified_at": at.isoformat(), "modified_in": "sitemap"}
        found = Found(f"{SITE}a", AddressKind.PAGE, modified_at=at, hints={"title": "x", **said})
        desk.check("/sitemap", found=(found,), kind=AddressKind.SITEMAP, minutes=minutes)
        assert hints(desk, "/a") == {"title": "x", **said}


def test_more_addresses_than_a_statement_takes_may_be_asked_about(archive: Archive) -> None:
    with archive.reading() as session:
        assert said_modified(session, range(1, 100_000)) == {}
        assert other_articles(session, 1, without=set(range(100_000)), limit=50) == []
