"""A site that is enrolled has its entrances due."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage.database.archive import Archive
from storage.frontier.addresses import InvalidURL
from storage.frontier.due import due_addresses
from storage.frontier.enrolment import enrol
from storage.frontier.revisits import EditStats
from storage.models import Address, AddressKind, Frontier, Outcome, Source
from tests.support.archiving import START, Desk

DAY = timedelta(days=1)


def test_a_new_site_is_due_at_its_front_page(archive: Archive) -> None:
    with archive.writing() as session:
        source = enrol(session, "https://example.org/news/?utm_source=x", now=START, delay=2)
        due = due_addresses(
            session, source.id, now=START, limit=10, without=(), kinds=None, site=EditStats(0, 0)
        )
    assert [(item.url, item.kind) for item in due] == [
        ("https://example.org/robots.txt", AddressKind.ROBOTS),
        ("https://example.org/", AddressKind.FRONT),
        ("https://example.org/news/", AddressKind.SECTION),
    ]
    with archive.reading() as session:
        kept = session.get_one(Source, source.id)
        assert (kept.delay, kept.next_due_at) == (2, START)


def test_enrolling_again_makes_all_but_articles_due(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    desk.check("/feed", body=b"<rss/>", kind=AddressKind.FEED)
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=START + 9 * DAY))
        source = enrol(session, "https://example.org/", now=START + DAY)
        due = due_addresses(
            session,
            source.id,
            now=START + DAY,
            limit=10,
            without=(),
            kinds=None,
            site=EditStats(0, 0),
        )
        assert session.scalars(select(Source.id)).all() == [desk.source.id]
    assert {item.url.removeprefix("https://example.org/") for item in due} == {
        "",
        "robots.txt",
        "feed",
    }


def kinds(archive: Archive) -> dict[str, AddressKind]:
    with archive.reading() as session:
        rows = session.execute(select(Address.url, Address.kind)).all()
    return {url.removeprefix("https://example.org"): kind for url, kind in rows}


def test_a_section_and_then_the_front_page(archive: Archive) -> None:
    desk = Desk(archive, "https://example.org/news")
    desk.check("/news", kind=AddressKind.FRONT)
    desk.check("/", kind=AddressKind.SECTION)
    with archive.writing() as session:
        source = enrol(session, "https://example.org/", now=START)
        assert (source.id, source.url) == (desk.source.id, "https://example.org/")
    assert kinds(archive) == {
        "/": AddressKind.FRONT,
        "/news": AddressKind.SECTION,
        "/robots.txt": AddressKind.ROBOTS,
    }


def test_what_was_taken_for_a_page_is_a_feed_where_somebody_says_so(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/news.xml", Outcome.NOT_ARTICLE)
    desk.read("/a", "Title", "One two three")
    with archive.writing() as session:
        for path in ("news.xml", "a"):
            enrol(session, f"https://example.org/{path}", now=START, kind=AddressKind.FEED)
    assert kinds(archive)["/news.xml"] is AddressKind.FEED
    assert kinds(archive)["/a"] is AddressKind.PAGE


def test_no_site_without_an_address(archive: Archive) -> None:
    with pytest.raises(InvalidURL), archive.writing() as session:
        enrol(session, "no address", now=START)


def test_settings_that_are_given_change_and_the_others_stay(archive: Archive) -> None:
    with archive.writing() as session:
        enrol(session, "https://example.org/", now=START, cadence=60)
        source = enrol(session, "https://example.org/", now=START, delay=3)
        assert (source.cadence, source.delay) == (60, 3)
        source = enrol(session, "https://example.org/", now=START, cadence=3600)
        assert (source.cadence, source.delay) == (3600, 3)
