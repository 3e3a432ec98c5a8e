"""Readers that the tests of a process share: starting them takes longer than a test's pages."""

import atexit
from functools import cache

from crawler.reading.pool import ReaderPool


@cache
def shared_pool() -> ReaderPool:
    """For tests that do nothing to the processes themselves."""
    pool = ReaderPool(workers=1)
    atexit.register(pool.close)
    return pool
