"""Several runs share the sources, each its own."""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from crawler.sessions import scheduler as module
from crawler.sessions.scope import Scope
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.due import Due
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.sources import lease_sources, release_sources
from storage.ledger.runs import end_run, start_run
from storage.models import AddressKind, Frontier, RunEnd
from tests.support.scheduling import Runner, add, fetch, leases


def test_a_run_that_has_more_than_its_share_gives_some_back(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL", 0.05)
    for n in range(6):
        add(archive, f"{n}.example", pages=15)
    one, two = Runner(archive), Runner(archive)

    async def slowly(runner: Runner, due: Due) -> None:
        await asyncio.sleep(0.005)
        await fetch(runner, due)

    async def both() -> None:
        first = asyncio.create_task(one.to_the_end(slowly))
        while not one.given:
            await asyncio.sleep(0.01)
        await asyncio.gather(first, two.to_the_end(slowly))

    asyncio.run(asyncio.wait_for(both(), 120))
    for runner in (one, two):
        runner.close()
    assert len(one.urls) + len(two.urls) == len({*one.urls, *two.urls}) == 6 * 17
    assert min(len(one.urls), len(two.urls)) > 17
    assert sorted({*one.finished, *two.finished}) == [f"{n}.example" for n in range(6)]
    for runner in (one, two):
        # What one found at a source it judged, before the other had it.
        assert set(runner.finished) == {urlsplit(url).netloc for url in runner.urls}


def test_a_run_knows_how_many_are_under_way(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example", pages=3)
    with archive.writing() as session:
        other = start_run(session, software="test", settings={}, now=utc_now())
    seen: list[int] = []

    async def end_the_other(runner: Runner, due: Due) -> None:
        seen.append(runner.scheduler.runs)
        if len(seen) == 1:
            with archive.writing() as session:
                end_run(session, other, RunEnd.FINISHED, {}, utc_now())
        else:
            await asyncio.sleep(4 * module.POLL)
        await fetch(runner, due)

    asyncio.run(runner.to_the_end(end_the_other))
    assert (seen[0], seen[-1]) == (2, 1)


def test_a_run_says_what_it_waits_for_and_who_holds_it(
    archive: Archive, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    for host in ("example.org", "sport.example.org"):
        add(archive, host)
    with archive.writing() as session:
        other = start_run(session, software="test", settings={}, now=utc_now())
        held = lease_sources(session, other, now=utc_now(), limit=1, only=None)[0].name
    waiter = Runner(archive, Scope())

    async def run() -> None:
        waiting = asyncio.ensure_future(waiter.to_the_end())
        while len(caplog.messages) < 3:
            await asyncio.sleep(0.1)
        with archive.writing() as session:
            end_run(session, other, RunEnd.FINISHED, {}, utc_now())
        await waiting

    with caplog.at_level("INFO", "crawler.sessions.waiting"):
        asyncio.run(asyncio.wait_for(run(), 120))
    waiter.close()
    told = [it for it in caplog.messages if it.startswith("waiting for")]
    assert len(told) == 2
    assert any(it.startswith(f"waiting for {held}: run {other} (process ") for it in told)
    assert any(it.endswith(f"is crawling {held}, of the same domain") for it in told)
    assert len(waiter.urls) == 4


def test_what_is_found_after_both_runs_began_is_left_to_neither(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL", 0.05)
    for n in range(4):
        add(archive, f"{n}.example")
    one, two = Runner(archive), Runner(archive)

    async def find_more(runner: Runner, due: Due) -> None:
        await asyncio.sleep(0.05)
        if due.kind is AddressKind.FRONT:
            found = [Found(f"{due.url}2026/{n}.html", AddressKind.PAGE) for n in range(10)]
            with archive.writing() as session:
                enqueue(session, found, now=utc_now())
        await fetch(runner, due)

    async def both() -> None:
        await asyncio.gather(one.to_the_end(find_more), two.to_the_end(find_more))

    asyncio.run(asyncio.wait_for(both(), 120))
    for runner in (one, two):
        runner.close()
    assert len(one.urls) + len(two.urls) == len({*one.urls, *two.urls}) == 4 * 12


def test_a_run_ends_beside_one_that_goes_on(archive: Archive, runner: Runner) -> None:
    """It waits for what the other has then, in case that dies, and for nothing that comes later."""
    add(archive, "a.example")
    add(archive, "b.example")
    with archive.writing() as session:
        other = start_run(session, software="test", settings={}, now=utc_now())
        (held,) = lease_sources(session, other, now=utc_now(), limit=1, only=None)

    async def go_on() -> None:
        while not runner.finished:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        add(archive, "c.example")
        with archive.writing() as session:
            session.execute(
                update(Frontier)
                .where(Frontier.source_id == held.id)
                .values(due_at=utc_now() + timedelta(hours=1))
            )
            lease_sources(session, other, now=utc_now(), limit=1, only=None)
            release_sources(session, other, {held.id: None})

    async def both() -> None:
        await asyncio.gather(runner.to_the_end(), go_on())

    asyncio.run(asyncio.wait_for(both(), 120))
    assert len(runner.urls) == 2
    assert leases(archive)["c.example"] == other


def test_what_a_dead_run_held_is_taken_over(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example", pages=1)
    with archive.writing() as session:
        other = start_run(session, software="test", settings={}, now=utc_now())
        lease_sources(session, other, now=utc_now(), limit=1, only=None)

    async def bury() -> None:
        await asyncio.sleep(0.3)
        with archive.writing() as session:
            end_run(session, other, RunEnd.LOST, {}, utc_now())

    async def both() -> None:
        await asyncio.gather(runner.to_the_end(), bury())

    asyncio.run(asyncio.wait_for(both(), 120))
    assert len(runner.urls) == 3
