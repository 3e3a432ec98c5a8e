"""The scheduler gives out what is due, and who gets it when."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from crawler.sessions import scheduler as module
from crawler.sessions.scheduler import (
    MOST_IN_FLIGHT,
)
from crawler.sessions.scope import Scope
from storage.database import clock
from storage.database.archive import Archive
from storage.database.clock import hold_clock, utc_now
from storage.database.errors import ArchiveUnavailable
from storage.frontier.due import Due
from storage.frontier.enqueueing import Found, enqueue
from storage.models import AddressKind, Frontier, Outcome, Source
from tests.support.held_writer import Held
from tests.support.scheduling import LISTS, Runner, add, fetch, leases


def test_everything_that_is_due_is_given_out_once(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example", pages=60)
    add(archive, "b.example", pages=3)
    asyncio.run(runner.to_the_end())
    assert len(runner.urls) == len(set(runner.urls)) == 60 + 3 + 4
    assert sorted(runner.finished) == ["a.example", "b.example"]
    assert leases(archive) == {"a.example": None, "b.example": None}
    assert runner.scheduler.known == len(runner.urls)


def test_sources_take_turns(archive: Archive, runner: Runner) -> None:
    for host in ("a.example", "b.example"):
        add(archive, host, pages=10)
    asyncio.run(runner.to_the_end())
    hosts = [url.split("/")[2] for url in runner.urls[:8]]
    assert hosts in (["a.example", "b.example"] * 4, ["b.example", "a.example"] * 4)


def test_one_request_of_a_source_at_a_time(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example", pages=5)
    asked: set[int] = set()

    async def later(runner: Runner, due: Due) -> None:
        async def answer() -> None:
            await asyncio.sleep(0.01)
            asked.discard(due.source_id)
            await fetch(runner, due)

        assert due.source_id not in asked
        asked.add(due.source_id)
        tasks.append(asyncio.get_running_loop().create_task(answer()))

    tasks: list[asyncio.Task[None]] = []
    asyncio.run(runner.to_the_end(later))
    assert len(runner.urls) == 7


def test_the_next_page_is_asked_for_while_the_last_is_read(
    archive: Archive, runner: Runner
) -> None:
    add(archive, "a.example", pages=MOST_IN_FLIGHT + 5)
    reading: list[Due] = []

    async def answered_only(runner: Runner, due: Due) -> None:
        runner.scheduler.answered(due.source_id, due.address_id, unanswered=False)
        reading.append(due)
        if len(reading) == MOST_IN_FLIGHT:
            # No more is given out before something is settled.
            for it in reading:
                asyncio.get_running_loop().call_later(0.2, runner.check, it, Outcome.GONE)
            reading.clear()
        elif len(runner.given) > MOST_IN_FLIGHT:
            runner.check(reading.pop(), Outcome.GONE)

    asyncio.run(runner.to_the_end(answered_only))
    assert len(set(runner.urls)) == MOST_IN_FLIGHT + 7


def test_only_some_sources_and_kinds(archive: Archive) -> None:
    wanted = add(archive, "a.example", pages=2)
    add(archive, "b.example", pages=2)
    runner = Runner(archive, Scope(frozenset({wanted}), LISTS))
    asyncio.run(runner.to_the_end())
    runner.close()
    assert sorted(runner.urls) == ["https://a.example/", "https://a.example/robots.txt"]


def test_a_failed_page_does_not_keep_a_run_of_other_kinds_waiting(archive: Archive) -> None:
    source_id = add(archive, "a.example", pages=1)
    first = Runner(archive, Scope(frozenset({source_id}), frozenset({AddressKind.PAGE})))

    async def fail(runner: Runner, item: Due) -> None:
        runner.scheduler.answered(item.source_id, item.address_id, unanswered=False)
        runner.check(item, Outcome.FAILED)
        runner.scheduler.stop()

    asyncio.run(first.to_the_end(fail))
    first.close()
    runner = Runner(archive, Scope(frozenset({source_id}), LISTS))
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 120))
    runner.close()
    assert len(runner.urls) == 2


def test_a_large_source_has_its_share_of_time_while_others_wait(
    archive: Archive, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("MOST_SOURCES", 1), ("SHARE", 0.1), ("POLL", 0.02), ("BATCH", 5)):
        monkeypatch.setattr(module, name, value)
    add(archive, "large.example", pages=40)
    add(archive, "small.example", pages=2)

    async def slowly(runner: Runner, due: Due) -> None:
        await asyncio.sleep(0.02)
        await fetch(runner, due)

    asyncio.run(asyncio.wait_for(runner.to_the_end(slowly), 120))
    hosts = [urlsplit(url).netloc for url in runner.urls]
    assert len(hosts) == len(set(runner.urls)) == 42 + 4
    assert hosts.index("small.example") < 30
    assert runner.finished.count("large.example") > 1


def test_no_more_is_asked_of_a_source_than_the_scope_says(archive: Archive) -> None:
    ids = frozenset({add(archive, "a.example", pages=9), add(archive, "b.example")})
    runner = Runner(archive, Scope(ids, most=4))
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 120))
    runner.close()
    assert len(runner.urls) == 4 + 2
    assert runner.scheduler.cut == {"a.example"}


def test_no_source_is_asked_without_end_within_an_hour(
    archive: Archive, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_AN_HOUR", 5)
    add(archive, "a.example", pages=9)
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 120))
    assert len(runner.urls) == 5
    with archive.reading() as session:
        paused = session.scalars(select(Source.paused_until)).one()
    assert paused is not None
    assert paused > utc_now() + timedelta(minutes=50)


@pytest.mark.parametrize(("seconds", "looks"), [(None, 1), (3600.0, 2)])
def test_what_falls_due_meanwhile_is_for_a_run_that_goes_on(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, seconds: float | None, looks: int
) -> None:
    monkeypatch.setattr(module, "POLL", 0.05)
    add(archive, "a.example")
    add(archive, "b.example", pages=10)
    runner = Runner(archive, Scope(seconds=seconds))

    async def fall_due_again(runner: Runner, due: Due) -> None:
        await asyncio.sleep(0.05)
        await fetch(runner, due)
        if runner.finished and len(runner.urls) == 8:
            with archive.writing() as session:
                soon = utc_now() - timedelta(seconds=1)
                source = session.scalars(select(Source).where(Source.name == "a.example")).one()
                front = session.scalars(
                    select(Frontier).where(Frontier.source_id == source.id)
                ).first()
                assert front is not None
                # As time would, and not as a finding does.
                front.due_at = source.next_due_at = soon
                if source.id in runner.scheduler._rested:
                    runner.scheduler._rested[source.id] = soon

    async def run() -> None:
        crawling = asyncio.get_running_loop().create_task(runner.to_the_end(fall_due_again))
        while not crawling.done() and runner.finished.count("a.example") < looks:
            await asyncio.wait({crawling}, timeout=0.02)
        if seconds is not None:
            runner.scheduler.stop()
        await crawling

    asyncio.run(asyncio.wait_for(run(), 120))
    runner.close()
    assert runner.finished.count("a.example") == looks


def test_what_is_found_of_a_source_that_was_done_brings_it_back(
    archive: Archive, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL", 0.02)
    add(archive, "a.example")
    add(archive, "b.example", pages=5)

    async def find(runner: Runner, due: Due) -> None:
        await asyncio.sleep(0.05)
        if due.url == "https://b.example/2026/4.html":
            assert "a.example" in runner.finished
            with archive.writing() as session:
                found = [Found("https://a.example/2026/new.html", AddressKind.PAGE)]
                enqueue(session, found, now=utc_now())
        await fetch(runner, due)

    asyncio.run(asyncio.wait_for(runner.to_the_end(find), 120))
    assert "https://a.example/2026/new.html" in runner.urls


def test_what_the_judgement_wants_is_looked_at_first(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example", pages=2)

    async def ask_once(source: Source, may_ask: bool) -> Sequence[Due]:
        assert may_ask
        runner.finished.append(source.name)
        first = runner.given[0]
        assert isinstance(first, Due)
        return [first] if len(runner.finished) == 1 else ()

    runner.scheduler._finish = ask_once
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 120))
    assert len(runner.urls) == 5
    assert runner.urls[-1] == runner.urls[0]
    assert len(runner.finished) == 2


def test_a_source_that_can_not_be_judged_is_set_aside(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example", pages=2)
    add(archive, "b.example", pages=2)

    async def stumble(source: Source, may_ask: bool) -> Sequence[Due]:
        if source.name == "a.example":
            raise ValueError("no such page")
        return ()

    runner.scheduler._finish = stumble
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 120))
    assert len(runner.urls) == 8
    assert set(leases(archive).values()) == {None}
    with archive.reading() as session:
        paused = session.scalars(select(Source.name).where(Source.paused_until > utc_now())).all()
    assert paused == ["a.example"]


def test_a_clock_that_was_a_year_ahead_for_one_crawl_is_mended(
    archive: Archive, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    add(archive, "a.example", pages=3)
    in_a_year = utc_now() + timedelta(days=365)
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=in_a_year, checked_at=in_a_year))
        session.execute(update(Source).values(next_due_at=in_a_year, paused_until=in_a_year))
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 120))
    assert len(runner.urls) == 5
    assert "as after a wrong clock" in caplog.text


def test_a_stopped_scheduler_gives_out_nothing_and_holds_nothing(
    archive: Archive, runner: Runner
) -> None:
    add(archive, "a.example", pages=10)

    async def stop(runner: Runner, due: Due) -> None:
        runner.scheduler.stop()
        await fetch(runner, due)

    asyncio.run(runner.to_the_end(stop))
    assert len(runner.urls) == 1
    assert leases(archive) == {"a.example": None}
    assert runner.finished == []


def test_a_finish_that_fails_is_raised(archive: Archive, runner: Runner) -> None:
    add(archive, "a.example")

    async def fail(_: Source, __: bool) -> Sequence[Due]:
        raise ArchiveUnavailable("away")

    runner.scheduler._finish = fail
    with pytest.raises(ArchiveUnavailable, match="away"):
        asyncio.run(asyncio.wait_for(runner.to_the_end(), 120))


def test_more_sources_are_taken_while_others_are_finished(
    archive: Archive, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SOURCES", 2)
    monkeypatch.setattr(module, "_HAND", 1)
    monkeypatch.setattr(module, "POLL", 60.0)
    for host in ("a.example", "b.example", "c.example", "d.example", "e.example"):
        add(archive, host)
    held = []

    async def until_a_third_is_at_work(source: Source, may_ask: bool) -> Sequence[Due]:
        held.append(len(runner.scheduler._leased))
        while len({urlsplit(url).netloc for url in runner.urls}) < 3:
            await asyncio.sleep(0.01)
        return ()

    async def fetch_in_a_moment(runner: Runner, due: Due) -> None:
        asyncio.get_running_loop().call_later(0.1, asyncio.ensure_future, fetch(runner, due))

    runner.scheduler._finish = until_a_third_is_at_work
    asyncio.run(asyncio.wait_for(runner.to_the_end(fetch_in_a_moment), 120))
    assert max(held) <= 4
    assert set(leases(archive).values()) == {None}


def test_what_is_due_is_read_while_the_writer_is_busy(
    archive: Archive, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 1)
    monkeypatch.setattr(module, "POLL", 3600.0)  # a look for sources waits for the writer
    add(archive, "example.org", pages=2)

    async def take_three() -> list[str]:
        items = aiter(runner.scheduler)
        first = await anext(items)
        held = Held(runner.writer)
        taken = [first]
        try:
            for _ in range(2):
                runner.scheduler.answered(
                    taken[-1].source_id, taken[-1].address_id, unanswered=False
                )
                taken.append(await asyncio.wait_for(anext(items), 60))
        finally:
            held.let_go()
        return [item.url for item in taken if isinstance(item, Due)]

    assert len(set(asyncio.run(take_three()))) == 3


def test_it_is_idle_only_while_it_waits_for_a_time(
    archive: Archive, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_clock", None)
    add(archive, "a.example")
    hold_clock(utc_now())
    busy: list[bool] = []

    async def fail_once(runner: Runner, due: Due) -> None:
        async def settle() -> None:
            for _ in range(10):
                await asyncio.sleep(0.01)
                busy.append(runner.scheduler.idle)
            outcome = Outcome.FAILED if len(runner.given) == 1 else Outcome.NOT_FOUND
            runner.scheduler.answered(due.source_id, due.address_id, unanswered=False)
            runner.check(due, outcome)

        settling.append(asyncio.get_running_loop().create_task(settle()))

    async def run() -> None:
        crawling = asyncio.get_running_loop().create_task(runner.to_the_end(fail_once))
        while not crawling.done():
            await asyncio.wait({crawling}, timeout=0.01)
            if runner.scheduler.idle:
                hold_clock(utc_now() + timedelta(seconds=1))
        await crawling

    settling: list[asyncio.Task[None]] = []
    began = utc_now()
    asyncio.run(asyncio.wait_for(run(), 120))
    assert len(runner.urls) == 3
    assert not any(busy)
    assert timedelta(seconds=5) <= utc_now() - began < timedelta(seconds=60)
    assert not runner.scheduler.idle
