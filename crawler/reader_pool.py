"""The worker processes that read pages: one that hangs or kills its worker costs itself alone."""

import asyncio
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from pebble import ProcessExpired, ProcessPool

from crawler.reading import NoArticle, Profile, Read, learn, read
from storage.models import Outcome

TIMEOUT = 20.0  # seconds a page; extraction bounds itself to two, a loaded machine may need more
MEMORY = 2 * 2**30  # bytes of address space of a worker
PAGES_A_WORKER = 5_000  # after which a fresh process takes over, whatever it has accumulated


class ReaderPool:
    """Worker processes, one a core unless `workers` says otherwise. Use it in an event loop."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or max(1, len(os.sched_getaffinity(0)))
        self._pool = ProcessPool(
            max_workers=self.workers,
            max_tasks=PAGES_A_WORKER,
            initializer=_prepare_worker,
            context=multiprocessing.get_context("spawn"),
        )

    async def read(
        self, body: bytes, digest: bytes, url: str, headers: Mapping[str, str], profile: Profile
    ) -> Read | NoArticle:
        """crawler.reading.read in a worker; a page that costs its worker is unreadable."""
        try:
            result: Read | NoArticle = await self._run(
                read, body, digest, url, dict(headers), profile
            )
        except FutureTimeout:
            return NoArticle(Outcome.UNREADABLE, f"not read within {TIMEOUT:.0f} seconds")
        except ProcessExpired as error:
            return NoArticle(Outcome.UNREADABLE, f"killed its reader (exit {error.exitcode})")
        except MemoryError:
            return NoArticle(Outcome.UNREADABLE, "needs too much memory")
        return result

    async def learn(
        self, outlines: Sequence[Sequence[str]], decisions: Mapping[str, str]
    ) -> Profile:
        """crawler.reading.learn in a worker."""
        profile: Profile = await self._run(learn, outlines, decisions)
        return profile

    def close(self) -> None:
        """Stop the workers; what they are reading is dropped."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    async def _run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.wrap_future(
            self._pool.schedule(function, args=arguments, timeout=TIMEOUT)
        )


def _prepare_worker() -> None:
    # Ctrl-C and a service manager's SIGTERM go to the whole group, and a page whose worker they
    # end would pass for unreadable. The crawl decides when its workers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
