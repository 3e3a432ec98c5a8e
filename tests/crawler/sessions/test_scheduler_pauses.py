"""A scheduler leaves alone who asks for it, and who does not answer."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from crawler.sessions.scheduler import (
    OUTAGE,
    OUTAGE_PAUSE,
)
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.due import Due
from storage.models import Outcome, Source
from tests.support.scheduling import Runner, add, fetch, leases


def test_nothing_is_given_out_of_a_source_that_is_paused(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example", pages=3)
    until = utc_now() + timedelta(seconds=1)

    async def pause_first(runner: Runner, due: Due) -> None:
        if len(runner.given) == 1:
            runner.scheduler.pause(due.source_id, until)
        else:
            assert utc_now() >= until
        await fetch(runner, due)

    asyncio.run(runner.to_the_end(pause_first))
    assert len(runner.urls) == 5


def test_a_source_that_is_paused_for_long_is_given_back(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example", pages=3)

    async def pause(runner: Runner, due: Due) -> None:
        until = utc_now() + timedelta(hours=1)
        runner.scheduler.pause(due.source_id, until)
        runner.scheduler.answered(due.source_id, due.address_id, unanswered=False)
        runner.check(due, Outcome.FAILED, retry_at=until)

    asyncio.run(asyncio.wait_for(runner.to_the_end(pause), 120))
    assert len(runner.urls) == 1
    assert leases(archive) == {"a.example": None}


def test_a_whole_domain_is_left_alone_where_one_of_its_sources_asks_for_it(
    archive: Archive, runner: Runner
) -> None:
    for host in ("example.org", "sport.example.org", "example.com"):
        add(archive, host, pages=3)
    until = utc_now() + timedelta(hours=1)

    async def refused(runner: Runner, due: Due) -> None:
        if "example.org" in due.url:
            runner.scheduler.leave_alone(due.source_id, until)
        await fetch(runner, due)

    asyncio.run(asyncio.wait_for(runner.to_the_end(refused), 120))
    assert sum("example.org" in url for url in runner.urls) == 1
    assert sum("example.com" in url for url in runner.urls) == 5
    with archive.reading() as session:
        paused = session.scalars(select(Source.name).where(Source.paused_until == until)).all()
    assert sorted(paused) == ["example.org", "sport.example.org"]


def test_a_host_in_an_outage_is_backed_off(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example", pages=20)

    async def unanswered(runner: Runner, due: Due) -> None:
        runner.scheduler.answered(due.source_id, due.address_id, unanswered=True)
        runner.check(due, Outcome.FAILED)

    asyncio.run(asyncio.wait_for(runner.to_the_end(unanswered), 120))
    assert len(runner.urls) == OUTAGE
    with archive.reading() as session:
        paused = session.scalars(select(Source.paused_until)).one()
    assert paused is not None
    assert paused > utc_now() + OUTAGE_PAUSE / 2


def test_one_answer_is_no_outage(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example", pages=3 * OUTAGE)

    async def now_and_then(runner: Runner, due: Due) -> None:
        silent = len(runner.given) % OUTAGE != 0
        runner.scheduler.answered(due.source_id, due.address_id, unanswered=silent)
        runner.check(due, Outcome.GONE)

    asyncio.run(runner.to_the_end(now_and_then))
    assert len(runner.urls) == 3 * OUTAGE + 2
