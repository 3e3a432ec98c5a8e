import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from crawler.extraction.page_input import PageInput
from crawler.reading import pool as reader_pool
from crawler.reading.mistakes import MOST
from crawler.reading.pool import NotLearned, ReaderPool
from crawler.reading.worker import NoArticle, Read, Templates
from storage.models import Outcome
from tests.support.hostile_answers import ARTICLE
from tests.support.readers import shared_pool

BODY = ARTICLE.encode()
URL = "https://example.org/2026/11/24/the-soup-stays.html"


@pytest.fixture(autouse=True)
def no_other_readers() -> None:
    """What the tests here look for are their own."""
    shared_pool().close()


@pytest.fixture
def pool() -> Iterator[ReaderPool]:
    pool = ReaderPool(workers=1)
    yield pool
    pool.close()


async def read(pool: ReaderPool, body: bytes = BODY) -> Read | NoArticle:
    return await pool.read(PageInput(body, URL, {"Content-Type": "text/html"}), Templates())


def worker_ids() -> list[int]:
    """The pids of this process's readers."""
    return [
        pid
        for pid in map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
        if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


async def until(condition: Callable[[], object], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await test()

    asyncio.run(whole())


def test_reads_a_page(pool: ReaderPool) -> None:
    async def test() -> None:
        result = await read(pool)
        assert isinstance(result, Read)
        assert result.reading.title == "The soup stays"
        assert isinstance(await read(pool, b""), NoArticle)

    run(test)


def test_a_page_that_hangs_costs_itself_alone(
    pool: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_pool, "TIMEOUT", 0.5)
    monkeypatch.setattr(reader_pool, "read", hang)

    async def test() -> None:
        result = await read(pool)
        assert isinstance(result, NoArticle)
        assert result.outcome is Outcome.UNREADABLE
        assert "not read within" in result.detail
        monkeypatch.undo()
        assert isinstance(await read(pool), Read)

    run(test)


def test_a_page_that_kills_its_worker_costs_itself_alone(
    pool: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_pool, "read", die)

    async def test() -> None:
        result = await read(pool)
        assert result == NoArticle(Outcome.UNREADABLE, "killed its reader (exit -9)")
        monkeypatch.undo()
        assert isinstance(await read(pool), Read)

    run(test)


def test_a_page_that_needs_too_much_memory_costs_itself_alone(
    pool: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_pool, "read", swell)

    async def test() -> None:
        assert await read(pool) == NoArticle(Outcome.UNREADABLE, "needs too much memory")

    run(test)


def test_a_mistake_of_ours_costs_the_page_that_shows_it(
    pool: ReaderPool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        for _ in range(3):
            monkeypatch.setattr(reader_pool, "read", err)
            for _ in range(MOST - 1):
                result = await read(pool)
                assert result == NoArticle(Outcome.UNREADABLE, "mistake: KeyError: 'oops'")
            monkeypatch.undo()
            assert isinstance(await read(pool), Read)
        assert URL in caplog.text
        monkeypatch.setattr(reader_pool, "read", err)
        for _ in range(MOST - 1):
            await read(pool)
        with pytest.raises(KeyError, match="oops"):
            await read(pool)

    run(test)


def test_an_idle_worker_may_be_killed(pool: ReaderPool) -> None:
    async def test() -> None:
        assert isinstance(await read(pool), Read)
        (worker,) = worker_ids()
        os.kill(worker, signal.SIGKILL)
        await until(lambda: worker not in worker_ids())
        assert isinstance(await read(pool), Read)

    run(test)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_workers_are_deaf_to_what_stops_a_crawl(pool: ReaderPool, number: signal.Signals) -> None:
    async def test() -> None:
        reading = asyncio.create_task(read(pool))
        await until(worker_ids)
        (worker,) = worker_ids()
        os.kill(worker, number)
        assert isinstance(await reading, Read)
        os.kill(worker, number)
        assert isinstance(await read(pool), Read)
        assert worker_ids() == [worker]

    run(test)


def test_learning_that_fails_is_told(pool: ReaderPool, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        for trouble in (die, err):
            monkeypatch.setattr(reader_pool, "learn", trouble)
            with pytest.raises(NotLearned):
                await pool.learn(Templates(), [], {})

    run(test)


def test_nothing_is_started_for_nothing() -> None:
    pool = ReaderPool(workers=1)
    assert worker_ids() == []
    pool.close()


def hang(*_: object) -> None:
    time.sleep(60)


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def err(*_: object) -> None:
    raise KeyError("oops")


def swell(*_: object) -> None:
    bytearray(4 * reader_pool.MEMORY)
