"""Stored pages: what was fetched, ready to be read."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from storage.database.archive import Archive
from storage.database.errors import NotFound
from storage.frontier.enqueueing import Found, enqueue
from storage.ledger.headers import Headers
from storage.ledger.pages import load_page, pending_pages
from storage.ledger.payloads import digest_of
from storage.models import AddressKind, Outcome
from tests.support.archiving import START, Desk
from tests.support.databases import query_plan


def test_a_capture_comes_back_as_it_was_sent(archive: Archive) -> None:
    desk = Desk(archive)
    headers = Headers.of([("Content-Type", "text/plain"), ("X-Many", "1"), ("X-Many", "2")])
    check = replace(desk.prepare("/a", body=b"\x00\xff"), headers=headers)
    desk.record(check)
    with archive.reading() as session:
        capture = load_page(session, check.fetch_id)
    assert (capture.url, capture.body) == ("https://example.org/a", b"\x00\xff")
    assert capture.digest == digest_of(b"\x00\xff")
    assert capture.headers == {"Content-Type": "text/plain", "X-Many": "2"}


def test_a_check_without_a_page_has_no_capture(archive: Archive) -> None:
    desk = Desk(archive)
    check, _ = desk.check("/a", Outcome.FAILED)
    for fetch_id in (check.fetch_id, 7):
        with archive.reading() as session, pytest.raises(NotFound, match=f"{fetch_id}$"):
            load_page(session, fetch_id)


def test_what_is_still_to_be_read_the_oldest_first(archive: Archive) -> None:
    desk, other = Desk(archive), Desk(archive, "https://example.net/", run_id=2)
    other.check("/a", body=b"theirs")
    checks = [desk.check(f"/{name}", body=name.encode())[0] for name in "cab"]
    desk.read("/read", "Title", "One two three")
    desk.judge("/judged", Outcome.NOT_ARTICLE)
    with archive.reading() as session:
        pending = pending_pages(session, [desk.source.id])
    assert [(one.fetch_id, one.address_id, one.fetched_at) for one in pending] == [
        (check.fetch_id, check.address_id, check.fetched_at) for check in checks
    ]
    assert {one.source_id for one in pending} == {desk.source.id}


def test_what_is_still_to_be_read_comes_from_one_index(new_archive: Archive) -> None:
    desk = Desk(new_archive)
    desk.check("/a", body=b"page")
    others = [Found(f"https://example.org/{n}", AddressKind.PAGE) for n in range(3_000)]
    with new_archive.writing() as session:
        enqueue(session, others, now=START)
        session.execute(text("ANALYZE"))

    def ask() -> None:
        with new_archive.reading() as session:
            assert len(pending_pages(session, [desk.source.id])) == 1

    assert "ix_frontier_pending" in query_plan(new_archive, ask)
