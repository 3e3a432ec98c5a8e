import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from crawler.sessions import scheduler as module
from crawler.sessions.scheduler import (
    MOST_IN_FLIGHT,
    OUTAGE,
    OUTAGE_PAUSE,
    POLL,
    Scheduler,
)
from crawler.sessions.scope import Scope
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import ArchiveUnavailable
from storage.database.writer import Writer
from storage.frontier.checks import Check
from storage.frontier.due import Due
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.enrolment import enrol
from storage.frontier.sources import lease_sources, release_source
from storage.history.checks import record_checks
from storage.ledger.fetch_ids import FetchIds
from storage.ledger.pages import PendingPage
from storage.ledger.runs import end_run, start_run
from storage.models import AddressKind, Frontier, Outcome, RunEnd, Source
from tests.support.held_writer import Held

Item = Due | PendingPage
LISTS = frozenset({AddressKind.ROBOTS, AddressKind.FRONT})


class Runner:
    """A run that settles what its scheduler gives out, and keeps what it was."""

    def __init__(
        self,
        archive: Archive,
        scope: Scope | None = None,
    ) -> None:
        self.archive = archive
        with archive.writing() as session:
            self.run_id = start_run(session, software="test", settings={}, now=utc_now())
        self.ids = FetchIds(self.run_id)
        self.writer = Writer(archive)
        self.finished: list[str] = []
        self.given: list[Item] = []
        self.scheduler = Scheduler(self.writer, self.run_id, scope or Scope(), finish=self._finish)

    async def _finish(self, source: Source, may_ask: bool) -> Sequence[Due]:
        self.finished.append(source.name)
        return ()

    async def to_the_end(
        self, react: Callable[["Runner", Due], Awaitable[None]] | None = None
    ) -> None:
        """Take everything; each address is fetched, unless `react` does something else."""
        async for item in self.scheduler:
            self.given.append(item)
            assert isinstance(item, Due)
            await (react or fetch)(self, item)
        await self.scheduler.close()

    def check(self, due: Due, outcome: Outcome, *, retry_at: datetime | None = None) -> None:
        """Put the check on record and settle it."""
        now = utc_now()
        check = Check(
            fetch_id=self.ids.next(),
            run_id=self.run_id,
            address_id=due.address_id,
            source_id=due.source_id,
            url=due.url,
            kind=due.kind,
            fetched_at=now,
            outcome=outcome,
            retry_at=retry_at,
        )
        self.writer.submit(record_checks, check).result()
        self.scheduler.settled(due.source_id, due.address_id)

    @property
    def urls(self) -> list[str]:
        return [item.url for item in self.given if isinstance(item, Due)]

    def close(self) -> None:
        self.writer.close()


async def fetch(runner: Runner, due: Due) -> None:
    runner.scheduler.answered(due.source_id, due.address_id, unanswered=False)
    runner.check(due, Outcome.NOT_FOUND)


@pytest.fixture
def runner(archive: Archive) -> Iterator[Runner]:
    runner = Runner(archive)
    yield runner
    runner.close()


def add(archive: Archive, host: str, pages: int = 0) -> int:
    """A source with so many pages due; its front page and robots.txt are too."""
    now = utc_now()
    with archive.writing() as session:
        source = enrol(session, f"https://{host}/", now=now)
        found = [Found(f"https://{host}/2026/{n}.html", AddressKind.PAGE) for n in range(pages)]
        enqueue(session, found, now=now)
        return source.id


def leases(archive: Archive) -> dict[str, int | None]:
    with archive.reading() as session:
        return {it.name: it.lease_run_id for it in session.scalars(select(Source))}


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
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 20))
    runner.close()
    assert len(runner.urls) == 2


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

    asyncio.run(asyncio.wait_for(runner.to_the_end(pause), 20))
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

    asyncio.run(asyncio.wait_for(runner.to_the_end(refused), 20))
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

    asyncio.run(asyncio.wait_for(runner.to_the_end(unanswered), 20))
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

    asyncio.run(asyncio.wait_for(both(), 60))
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
            await asyncio.sleep(POLL)
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
        asyncio.run(asyncio.wait_for(run(), 30))
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

    asyncio.run(asyncio.wait_for(both(), 60))
    for runner in (one, two):
        runner.close()
    assert len(one.urls) + len(two.urls) == len({*one.urls, *two.urls}) == 4 * 12


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

    asyncio.run(asyncio.wait_for(runner.to_the_end(slowly), 60))
    hosts = [urlsplit(url).netloc for url in runner.urls]
    assert len(hosts) == len(set(runner.urls)) == 42 + 4
    assert hosts.index("small.example") < 30
    assert runner.finished.count("large.example") > 1


def test_no_more_is_asked_of_a_source_than_the_scope_says(archive: Archive) -> None:
    ids = frozenset({add(archive, "a.example", pages=9), add(archive, "b.example")})
    runner = Runner(archive, Scope(ids, most=4))
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 20))
    runner.close()
    assert len(runner.urls) == 4 + 2
    assert runner.scheduler.cut == {"a.example"}


def test_no_source_is_asked_without_end_within_an_hour(
    archive: Archive, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_AN_HOUR", 5)
    add(archive, "a.example", pages=9)
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 20))
    assert len(runner.urls) == 5
    with archive.reading() as session:
        paused = session.scalars(select(Source.paused_until)).one()
    assert paused is not None
    assert paused > utc_now() + timedelta(minutes=50)


@pytest.mark.parametrize(("seconds", "looks"), [(None, 1), (3.0, 2)])
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

    began = time.monotonic()
    asyncio.run(asyncio.wait_for(runner.to_the_end(fall_due_again), 20))
    runner.close()
    assert runner.finished.count("a.example") == looks
    assert time.monotonic() - began < 10


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

    asyncio.run(asyncio.wait_for(runner.to_the_end(find), 20))
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
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 20))
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
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 20))
    assert len(runner.urls) == 8
    assert set(leases(archive).values()) == {None}
    with archive.reading() as session:
        paused = session.scalars(select(Source.name).where(Source.paused_until > utc_now())).all()
    assert paused == ["a.example"]


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
            release_source(session, other, held.id)

    async def both() -> None:
        await asyncio.gather(runner.to_the_end(), go_on())

    asyncio.run(asyncio.wait_for(both(), 30))
    assert len(runner.urls) == 2
    assert leases(archive)["c.example"] == other


def test_a_clock_that_was_a_year_ahead_for_one_crawl_is_mended(
    archive: Archive, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    add(archive, "a.example", pages=3)
    in_a_year = utc_now() + timedelta(days=365)
    with archive.writing() as session:
        session.execute(update(Frontier).values(due_at=in_a_year, checked_at=in_a_year))
        session.execute(update(Source).values(next_due_at=in_a_year, paused_until=in_a_year))
    asyncio.run(asyncio.wait_for(runner.to_the_end(), 20))
    assert len(runner.urls) == 5
    assert "as after a wrong clock" in caplog.text


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

    asyncio.run(asyncio.wait_for(both(), 20))
    assert len(runner.urls) == 3


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
        asyncio.run(asyncio.wait_for(runner.to_the_end(), 20))


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
    asyncio.run(asyncio.wait_for(runner.to_the_end(fetch_in_a_moment), 20))
    assert max(held) <= 4
    assert set(leases(archive).values()) == {None}


def test_what_is_due_is_read_while_the_writer_is_busy(
    archive: Archive, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 1)
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
                taken.append(await asyncio.wait_for(anext(items), 5))
        finally:
            held.let_go()
        return [item.url for item in taken if isinstance(item, Due)]

    assert len(set(asyncio.run(take_three()))) == 3
