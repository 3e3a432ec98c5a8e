"""Where a source lists its articles, and what each listing gave last."""

from storage.archive import Archive
from storage.listings import Listing, listings
from storage.models import AddressKind, Outcome
from tests.support.archiving import Desk

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
