"""The archive at a glance."""

import os
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from storage.database.archive import Archive
from storage.frontier.enqueueing import Found, enqueue
from storage.ledger.runs import _process_started as process_started
from storage.ledger.runs import beat, end_run, start_run
from storage.models import AddressKind, Article, Frontier, Outcome, Run, RunEnd, Source
from storage.review.status import MOST, Late, Status, status
from tests.support.archiving import START, Desk
from tests.support.databases import query_plans

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at(archive: Archive, time: Any = START, **options: Any) -> Status:
    with archive.reading() as session:
        return status(session, now=time, **options)


def change(desk: Desk, **values: object) -> None:
    with desk.archive.writing() as session:
        session.execute(update(Source).where(Source.id == desk.source.id).values(**values))


def test_an_empty_archive(archive: Archive) -> None:
    seen = at(archive)
    assert (seen.sources, seen.articles, seen.due, seen.due_sources) == (0, 0, 0, 0)
    assert (seen.late, seen.failing, seen.lost, seen.runs) == ([], [], [], [])
    assert not seen.needs_a_person


def test_what_the_archive_holds_and_what_is_due(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "First title", "One two three")
    desk.read("/a", "Second title", "One two three four")
    desk.check("/b", Outcome.GONE)
    change(desk, next_due_at=START + HOUR)
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=START + HOUR))
    before, after = at(archive), at(archive, START + HOUR)
    assert (before.sources, before.articles, before.versions, before.observations) == (1, 1, 2, 3)
    assert (before.due, before.due_sources) == (0, 0)
    assert (after.due, after.due_sources) == (2, 1)
    assert before.estimated == []
    change(desk, enabled=False)
    assert (at(archive, START + HOUR).due, at(archive, START + HOUR).due_sources) == (0, 0)


def test_sources_that_need_a_browser_where_none_was(archive: Archive) -> None:
    desk = Desk(archive)
    assert at(archive).without_browser == 0
    change(desk, browser_need="likely")
    assert (at(archive).without_browser, at(archive).needs_a_person) == (1, False)
    change(desk, browser="never")
    assert at(archive).without_browser == 0


def test_many_rows_are_estimated_on_postgresql(new_archive: Archive) -> None:
    desk = Desk(new_archive)
    desk.read("/a", "Title", "One two three")
    with new_archive.writing() as session:
        session.execute(
            text(
                """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)
                INSERT INTO "fetch" (id, address_id, run_id, fetched_at)
                SELECT o.id + n.i, o.address_id, o.run_id, o.fetched_at
                FROM n, (SELECT * FROM "fetch" LIMIT 1) AS o"""
            )
        )
        session.execute(text("ANALYZE"))
    seen = at(new_archive)
    assert seen.observations == pytest.approx(150_001, rel=0.02)
    on_postgresql = new_archive.engine.dialect.name == "postgresql"
    assert seen.estimated == (["observations"] if on_postgresql else [])
    assert (seen.articles, seen.versions) == (1, 1)


def test_neither_the_frontier_nor_the_ledger_is_read_from_end_to_end(new_archive: Archive) -> None:
    desk = Desk(new_archive)
    pages = [Found(f"https://example.org/{number}", AddressKind.PAGE) for number in range(5000)]
    with new_archive.writing() as session:
        enqueue(session, pages, now=START + DAY)
        session.execute(update(Source).values(next_due_at=START))
    for _ in range(3):
        desk.check("/feed", Outcome.FAILED, kind=AddressKind.FEED)
    with new_archive.writing() as session:
        session.execute(text("ANALYZE"))
    plans = "\n".join(query_plans(new_archive, lambda: at(new_archive, START + HOUR)))
    # whichever the database likes better, of what is known of the rows
    assert re.search("ix_frontier_failing|ix_frontier_source_id_attempts_checked_at", plans)
    assert "ix_frontier_source_id_due_at" in plans
    assert "SCAN frontier\n" not in plans
    assert "Seq Scan on frontier" not in plans


@pytest.mark.parametrize(
    ("cadence", "overdue", "late"),
    [
        (60, HOUR, False),
        (60, HOUR + MINUTE, True),
        (3600, 4 * HOUR, False),
        (3600, 4 * HOUR + MINUTE, True),
        (7 * 86_400, 27 * DAY, False),
    ],
)
def test_a_source_is_late_after_four_cadences_and_an_hour(
    archive: Archive, cadence: int, overdue: timedelta, late: bool
) -> None:
    desk = Desk(archive)
    change(desk, cadence=cadence, next_due_at=START, good_at=START - DAY)
    seen = at(archive, START + overdue)
    assert seen.late == ([Late("example.org", START, START - DAY)] if late else [])
    assert (seen.late_total, seen.needs_a_person) == (int(late), late)


def test_a_source_is_not_late_while_it_is_paused_or_crawled(archive: Archive) -> None:
    desk, now = Desk(archive), START + DAY
    change(desk, next_due_at=START)
    assert at(archive, now).late_total == 1
    change(desk, paused_until=now + MINUTE)
    assert at(archive, now).late_total == 0
    change(desk, paused_until=now)
    assert at(archive, now).late_total == 1
    with archive.writing() as session:
        run_id = start_run(session, software="1", settings={}, now=now)
    change(desk, lease_run_id=run_id)
    assert at(archive, now).late_total == 0
    # A run that is silent holds nothing, though nobody has buried it yet.
    assert at(archive, now + 2 * MINUTE).late_total == 1
    assert at(archive, now + 2 * MINUTE, system=now).late_total == 0
    with archive.writing() as session:
        beat(session, run_id, {}, now + 2 * MINUTE)
    assert at(archive, now + 2 * MINUTE).late_total == 0
    change(desk, lease_run_id=None, enabled=False)
    assert at(archive, now).late_total == 0
    change(desk, enabled=True, next_due_at=None)
    assert at(archive, now).late_total == 0


def test_the_longest_late_come_first_and_the_others_are_counted(archive: Archive) -> None:
    with archive.writing() as session:
        session.add_all(
            Source(
                name=f"{number}.example",
                url=f"https://{number}.example/",
                added_at=START,
                next_due_at=START - number * MINUTE,
            )
            for number in range(MOST + 5)
        )
    seen = at(archive, START + DAY)
    assert (seen.late_total, len(seen.late)) == (MOST + 5, MOST)
    assert [it.source for it in seen.late[:2]] == [f"{MOST + 4}.example", f"{MOST + 3}.example"]


def test_what_lists_articles_and_keeps_failing(archive: Archive) -> None:
    desk = Desk(archive)
    change(desk, good_at=START - DAY)
    for number in range(3):
        desk.check("/feed", Outcome.FAILED, kind=AddressKind.FEED)
        desk.check("/page", Outcome.FAILED)
        if number:
            desk.check("/sitemap.xml", Outcome.BLOCKED, kind=AddressKind.SITEMAP)
    seen = at(archive)
    assert [(it.source, it.url, it.good_at) for it in seen.failing] == [
        ("example.org", "https://example.org/feed", START - DAY)
    ]
    assert (seen.failing_total, seen.needs_a_person) == (1, True)
    desk.check("/sitemap.xml", Outcome.BLOCKED, kind=AddressKind.SITEMAP)
    assert at(archive).failing_total == 2
    desk.check("/feed", body=b"<rss/>", kind=AddressKind.FEED)
    assert [it.url for it in at(archive).failing] == ["https://example.org/sitemap.xml"]


def test_the_latest_runs_and_those_that_died(archive: Archive) -> None:
    with archive.writing() as session:
        for number, (how, ended) in enumerate(
            [
                (RunEnd.LOST, START - 2 * DAY),
                (RunEnd.LOST, START - HOUR),
                (RunEnd.FINISHED, START - HOUR),
                (RunEnd.FAILED, START),
            ]
        ):
            run_id = start_run(session, software=str(number), settings={}, now=ended - HOUR)
            end_run(session, run_id, how, {}, ended)
    seen = at(archive, runs=3)
    assert [run.software for run in seen.runs] == ["3", "2", "1"]
    assert [run.software for run in seen.lost] == ["1"]
    assert (seen.lost_total, seen.needs_a_person) == (1, False)


def test_a_run_that_was_killed_has_died_before_any_other_run_says_so(archive: Archive) -> None:
    with archive.writing() as session:
        silent = start_run(session, software="silent", settings={}, now=START)
        killed = start_run(session, software="killed", settings={}, now=START)
        start_run(session, software="alive", settings={}, now=START)
        session.execute(update(Run).where(Run.id != silent).values(heartbeat_at=START + HOUR))
        session.execute(update(Run).where(Run.id == killed).values(process_started=not_of_now()))
    seen = at(archive, START + HOUR)
    how = {run.software: run.ended for run in seen.runs}
    assert how == {"silent": RunEnd.LOST, "killed": RunEnd.LOST, "alive": None}
    assert [run.software for run in seen.lost] == ["killed", "silent"]
    assert seen.lost_total == 2


def not_of_now() -> str:
    """The mark of a process of this machine that has ended."""
    namespace, _, _ = (process_started(os.getpid()) or "").rpartition(":")
    return f"{namespace}:0"


def test_what_stopped_a_run(archive: Archive) -> None:
    with archive.writing() as session:
        run_id = start_run(session, software="1", settings={}, now=START)
        end_run(session, run_id, RunEnd.FAILED, {"error": "the disk is full"}, START)
    assert [run.error for run in at(archive).runs] == ["the disk is full"]


def test_sources_that_no_run_has_come_to_the_end_of_lately(archive: Archive) -> None:
    desk = Desk(archive)
    assert at(archive, START + DAY).stale == 0
    assert at(archive, START + DAY + MINUTE).stale == 1
    change(desk, good_at=START + HOUR)
    assert at(archive, START + DAY + MINUTE).stale == 0
    change(desk, good_at=START, cadence=86_400)
    assert at(archive, START + 4 * DAY).stale == 0
    assert at(archive, START + 4 * DAY + MINUTE).stale == 1
    change(desk, enabled=False)
    assert at(archive, START + 5 * DAY).stale == 0


def test_an_article_without_a_version_is_none(archive: Archive) -> None:
    desk = Desk(archive)
    with archive.writing() as session:
        session.add(
            Article(source_id=desk.source.id, url="https://example.org/a", first_seen_at=START)
        )
    assert at(archive).articles == 0
