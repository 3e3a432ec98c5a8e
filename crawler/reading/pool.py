"""The worker processes that read pages: one that hangs or kills its worker costs itself alone."""

import asyncio
import gc
import logging
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from typing import Any

from pebble import ProcessExpired, ProcessPool

from crawler.extraction import PageInput
from crawler.extraction.template.samples import PageSample
from crawler.reading.mistakes import Mistakes
from crawler.reading.own_function import read_own
from crawler.reading.worker import NoArticle, Read, Templates, clean, extract, learn, read
from storage.history.new_reading import NewReading
from storage.outcome import Outcome

logger = logging.getLogger(__name__)

TIMEOUT = 20.0  # seconds a page; extraction bounds itself to two, a loaded machine may need more
MEMORY = 2 * 2**30  # bytes of address space of a worker
_SETTLE = 0.3  # seconds; Pebble looks after its workers every tenth
_POOLS = 3  # tried for one page
PAGES_A_WORKER = 5_000  # after which a fresh process takes over, whatever it has accumulated


class NotLearned(Exception):
    """A worker could not learn from these pages. The message says why."""


class ReaderPool:
    """Worker processes, one a core unless `workers` says otherwise. Use it in an event loop."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or max(1, len(os.sched_getaffinity(0)))
        self._pool: ProcessPool | None = None
        self._mistakes = Mistakes()

    async def read(self, page: PageInput, templates: Templates) -> Read | NoArticle:
        """The worker's `read`; a page that costs its worker is unreadable.

        So is one that shows a mistake of ours, which would stop every later crawl at it too.
        Raises that mistake when many pages in a row show one: then it is not the pages.
        """
        result: Read | NoArticle = await self._page(read, page, templates)
        return result

    async def extract(self, page: PageInput, templates: Templates) -> NewReading | NoArticle:
        """The worker's `extract`, as `read` has it of pages that cost their worker."""
        result: NewReading | NoArticle = await self._page(extract, page, templates)
        return result

    async def own(self, page: PageInput, where: str) -> NewReading | NoArticle:
        """What the function of one's own at `where` makes of the page (reading.own_function), as
        `read` has it of pages that cost their worker."""
        result: NewReading | NoArticle = await self._page(read_own, page, where)
        return result

    async def _page(self, function: Callable[..., Any], page: PageInput, *arguments: Any) -> Any:
        try:
            result = await self._run(function, page, *arguments)
        except FutureTimeout:
            return _unreadable(page, f"not read within {TIMEOUT:.0f} seconds")
        except ProcessExpired as error:
            return _unreadable(page, f"killed its reader (exit {error.exitcode})")
        except MemoryError:
            return _unreadable(page, "needs too much memory")
        except BrokenProcessPool:
            raise
        except Exception as error:
            return self._mistakes.of(page, error)
        self._mistakes.in_a_row = 0
        return result

    async def clean(self, draft: bytes, templates: Templates) -> Read | NoArticle | None:
        """The worker's `clean`; None too where that fails, for reading the page tells why."""
        try:
            result: Read | NoArticle | None = await self._run(clean, draft, templates)
        except BrokenProcessPool:
            raise
        except Exception:
            logger.warning("a draft can't be used", exc_info=True)
            return None
        return result

    async def learn(
        self, templates: Templates, samples: Sequence[PageSample], decisions: Mapping[str, str]
    ) -> Templates:
        """The worker's `learn`. Raises NotLearned, whatever keeps it from that."""
        try:
            learned: Templates = await self._run(learn, templates, samples, decisions)
        except BrokenProcessPool:
            raise
        except Exception as error:
            raise NotLearned(f"{type(error).__name__} {error}".strip()) from error
        return learned

    def close(self) -> None:
        """Stop the workers; what they are reading is dropped."""
        if self._pool is None:
            return
        self._pool.stop()  # type: ignore[no-untyped-call]
        # Pebble lets go of what a worker needs to start before it ends the worker, which then
        # complains; so they are killed first, once Pebble no longer replaces them.
        time.sleep(_SETTLE)
        for worker in multiprocessing.active_children():
            worker.kill()
        self._pool.join()

    async def _run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        for _ in range(_POOLS):
            pool = self._pool
            if pool is None:
                pool = self._pool = _start(self.workers)
            try:
                return await asyncio.wrap_future(
                    pool.schedule(function, args=arguments, timeout=TIMEOUT)
                )
            except (BrokenProcessPool, RuntimeError):
                # The pool breaks when a worker is killed that reads nothing at that moment.
                if pool.active:
                    raise
                if self._pool is pool:
                    self.close()
                    self._pool = None
        raise BrokenProcessPool(f"{_POOLS} pools of readers broke one after the other")


def _unreadable(page: PageInput, why: str) -> NoArticle:
    logger.warning("%s can't be read: %s", page.url, why)
    return NoArticle(Outcome.UNREADABLE, why)


def _start(workers: int) -> ProcessPool:
    """Workers that are deaf to Ctrl-C and to SIGTERM.

    Both go to the whole process group, and a page whose worker they end would pass for
    unreadable; the crawl decides when its workers stop. Threads and processes inherit what is
    blocked, so that workers are deaf from their first moment, later ones too.
    """
    pool = ProcessPool(
        max_workers=workers,
        max_tasks=PAGES_A_WORKER,
        initializer=_prepare,
        context=multiprocessing.get_context("spawn"),
    )
    # It lets the signals through again, for the thread that starts it first.
    resource_tracker.ensure_running()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        if not pool.active:
            raise BrokenProcessPool("the readers did not start")
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return pool


def _prepare() -> None:
    """Bound the memory, and look for garbage seldom: a page makes thousands of objects and next to
    no cycles, and looking through them took a tenth of the time."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
