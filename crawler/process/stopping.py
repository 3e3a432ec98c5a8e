"""A stop that is kept: told to stop, a crawl ends within seconds, whatever it is doing.

Nothing is lost by it: what a crawl has acknowledged is in the archive, and the next crawl goes on
from there, as it would after a kill.
"""

import contextlib
import logging
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess

logger = logging.getLogger(__name__)

GRACE = 2.0  # seconds in which what is under way may come to its end
_LAST_WORDS = 3.0  # seconds for putting the end on record and telling of it
INTERRUPTED = 130  # as a shell reports a program that Ctrl-C ended


class Deadline:
    """From `begin` the process has GRACE seconds, then `last_words` are called and it ends.

    `last_words` give the exit code; a process that is done before calls `lift`.
    """

    def __init__(self, last_words: Callable[[], int]) -> None:
        self._last_words = last_words
        self._lifted = threading.Event()
        self._begun = False
        self._ending = threading.Lock()

    def begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        threading.Thread(target=self._count_down, name="deadline", daemon=True).start()

    def lift(self) -> None:
        """Never returns where the end has begun."""
        self._ending.acquire()
        self._lifted.set()
        self._ending.release()

    def _count_down(self) -> None:
        if self._lifted.wait(GRACE):
            return
        with self._ending:
            if self._lifted.is_set():
                return
            last = threading.Timer(_LAST_WORDS, os._exit, (INTERRUPTED,))
            last.daemon = True
            last.start()
            code = INTERRUPTED
            try:
                code = self._last_words()
            except Exception:
                logger.exception("the end of the crawl is not on record")
            for worker in multiprocessing.active_children():
                worker.kill()
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


class StoppingProcess(AsyncCrawlerProcess):
    """Scrapy's process, which begins the deadline when SIGINT or SIGTERM comes."""

    def __init__(self, settings: Any, deadline: Deadline) -> None:
        super().__init__(settings)
        self._deadline = deadline

    def _signal_shutdown(self, signum: int, frame: Any) -> None:
        self._deadline.begin()
        super()._signal_shutdown(signum, frame)
