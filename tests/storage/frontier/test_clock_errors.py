"""A clock was a year ahead for one crawl, and is right again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.clock_errors import mend_due_times, mend_sources
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.enrolment import enrol
from storage.frontier.sources import lease_sources, pause_source, release_sources
from storage.ledger.runs import start_run
from storage.models import AddressKind, Frontier, Source

SITE, YEAR = "https://example.org", timedelta(days=365)


def crawled(archive: Archive, at: datetime) -> int:
    """A source with two pages, crawled at that time."""
    with archive.writing() as session:
        source_id = enrol(session, f"{SITE}/", now=at).id
        found = [Found(f"{SITE}/2026/{name}.html", AddressKind.PAGE) for name in "ab"]
        enqueue(session, found, now=at)
        run_id = start_run(session, software="test", settings={}, now=at)
        assert lease_sources(session, run_id, now=at, limit=1, only=None)
        for row in session.scalars(select(Frontier)):
            row.due_at, row.checked_at = at + timedelta(days=2), at
        session.flush()
        release_sources(session, run_id, {source_id: None})
        return source_id


def test_what_is_due_further_ahead_than_any_schedule_sets_is_due_now_and_told(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    now = utc_now()
    source_id = crawled(archive, now + YEAR)
    with archive.writing() as session:
        pause_source(session, source_id, now + YEAR)
    with archive.writing() as session:
        assert mend_due_times(session, now) == 4
        assert mend_due_times(session, now) == 0
    assert "example.org had 4 addresses due further ahead than any schedule sets" in caplog.text
    with archive.reading() as session:
        source = session.get_one(Source, source_id)
        assert (source.next_due_at, source.paused_until) == (now, None)
        assert session.scalars(select(func.max(Frontier.due_at))).one() == now


def test_what_a_schedule_may_set_stays(archive: Archive) -> None:
    now = utc_now()
    source_id = crawled(archive, now)
    with archive.writing() as session:
        for row in session.scalars(select(Frontier)):
            row.due_at = now + timedelta(days=30)
        source = session.get_one(Source, source_id)
        source.next_due_at, source.paused_until = now + timedelta(days=30), now + timedelta(days=7)
        session.flush()
        assert mend_due_times(session, now) == 0
        assert mend_sources(session, [source], now) == 0
        assert source.paused_until is not None


def test_a_page_a_year_ahead_is_found_among_those_that_are_not(archive: Archive) -> None:
    now = utc_now()
    source_id = crawled(archive, now)
    with archive.writing() as session:
        session.scalars(select(Frontier)).all()[0].due_at = now + YEAR
        session.flush()
        assert mend_due_times(session, now) == 0
        assert mend_sources(session, [session.get_one(Source, source_id)], now) == 1
