"""What is known of a source's pages, by which they are told from one another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from storage.database.archive import Archive
from storage.frontier.enqueueing import Found, enqueue
from storage.history.captured_pages import Captured
from storage.history.dismissals import Dismissal, record_dismissals
from storage.history.site_pages import known_pages, shown_beside
from storage.history.versioning import record_articles
from storage.models import AddressKind
from tests.support.archiving import Desk

NOON = datetime(2026, 1, 3, 12, tzinfo=timezone(timedelta(hours=2)))


def take(desk: Desk, path: str, title: str, text: str) -> None:
    """Read a page as a crawl does: it is sampled too."""
    check, _ = desk.check(path, body=desk.body(title, text))
    page = desk.captured(check)
    reading = replace(
        page.reading,
        authors=["Ana Ruiz"],
        published_at=NOON,
        published_offset=120,
        removed=[["link", "Another title"]],
        details={"section": "Politics", "description": "In short", "kind": "live-blog"},
    )
    with desk.archive.writing() as session:
        record_articles(
            session,
            [Captured(page.fetch_id, page.address_id, page.fetched_at, reading, sample="{}")],
        )


def test_pages_are_known_with_what_tells_them(archive: Archive) -> None:
    desk = Desk(archive)
    take(desk, "/a", "One", "First line\nSecond line")
    take(desk, "/b", "Two", "Other words")
    other = Desk(archive, "https://other.example/", run_id=2)
    take(other, "/a", "Three", "Another site's")
    hints = {"guid": "b", "published_in": "feed"}
    with archive.writing() as session:
        found = Found("https://example.org/b", AddressKind.PAGE, hints=hints)
        enqueue(session, [found], now=desk.now)
    with archive.reading() as session:
        one, two = known_pages(session, desk.source.id)
        assert shown_beside(session, [one]) == {one.article_id: ["Another title"]}
    assert (one.url, one.title, one.listed, two.listed) == (
        "https://example.org/a",
        "One",
        False,
        True,
    )
    assert (one.kind, one.section, one.summary) == ("live-blog", "Politics", "In short")
    assert list(one.paragraphs) == ["First line", "Second line"]
    assert one.authors == ["Ana Ruiz"]
    assert one.published_at is not None
    # in the zone that the page gave: its midnight is a day and no time
    assert (one.published_at, one.published_at.hour) == (NOON.astimezone(UTC), 12)


def test_dismissed_articles_are_known_though_their_pages_are_sampled_no_more(
    archive: Archive,
) -> None:
    desk = Desk(archive)
    desk.read("/a", "One", "Read again, and not sampled")
    with archive.writing() as session:
        assert known_pages(session, desk.source.id) == []
        it = Dismissal(desk.article("/a").id, "static", "it has no date")
        record_dismissals(session, [it], desk.now)
        (page,) = known_pages(session, desk.source.id)
    assert page.dismissed_as == "static: it has no date"
