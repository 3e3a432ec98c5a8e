"""Readers on a Dask cluster, of one machine or many (https://distributed.dask.org).

Pages go to its workers and readings come back; who writes to the archive is the one process that
asks, so that workers need no way to the database. A worker that dies costs nothing: Dask gives its
pages to another.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from distributed import Client
from distributed.client import FutureCancelledError
from distributed.comm.core import CommClosedError
from distributed.scheduler import KilledWorker

from crawler.extraction import EXTRACTOR_VERSION, PageInput
from crawler.reading.errors import ClusterGone
from crawler.reading.mistakes import Mistakes
from crawler.reading.own_function import read_own
from crawler.reading.worker import NoArticle, Templates, extract
from storage.history.new_reading import NewReading
from storage.outcome import Outcome

PATIENCE: Final = 60  # seconds for a scheduler, and a worker there, to be found


@asynccontextmanager
async def connected(address: str) -> AsyncIterator["DaskReaders"]:
    """The readers of the cluster whose scheduler is at this address. Raises ClusterGone."""
    try:
        client = await Client(  # type: ignore[no-untyped-call]
            address, asynchronous=True, timeout=PATIENCE, set_as_default=False
        )
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterGone(f"no Dask scheduler at {address}: {error}") from error
    try:
        try:
            await client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise ClusterGone(f"no worker at {address} within {PATIENCE} seconds") from error
        yield DaskReaders(client, address)
    finally:
        await client.close(timeout=2)


class DaskReaders:
    """Who reads pages on that cluster; `workers` are the threads it had at the beginning."""

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._address = address
        self._mistakes = Mistakes()
        known = client.scheduler_info(n_workers=-1)["workers"].values()
        self.workers = sum(it["nthreads"] for it in known)

    async def extract(self, page: PageInput, templates: Templates) -> NewReading | NoArticle:
        """The reading of the page. A page that costs three workers, one after the other, is
        unreadable. Raises ClusterGone, also where a worker has another extractor."""
        result = await self._page(extract, page, templates)
        if isinstance(result, NewReading) and result.extractor != EXTRACTOR_VERSION:
            raise ClusterGone(
                f"a worker at {self._address} has extractor {result.extractor}, and not "
                f"{EXTRACTOR_VERSION}: install the same Permalien there"
            )
        return result

    async def own(self, page: PageInput, where: str) -> NewReading | NoArticle:
        """What the function of one's own at `where` makes of the page. Raises ClusterGone."""
        return await self._page(read_own, page, where)

    async def _page(
        self, function: Callable[..., Any], page: PageInput, argument: object
    ) -> NewReading | NoArticle:
        future = self._client.submit(function, page, argument, pure=False)
        try:
            result: NewReading | NoArticle = await future
        except KilledWorker:
            return NoArticle(Outcome.UNREADABLE, "killed its reader")
        except (FutureCancelledError, CommClosedError) as error:
            raise ClusterGone(
                f"the Dask scheduler at {self._address} is gone; run it again to go on"
            ) from error
        except Exception as error:
            return self._mistakes.of(page, error)
        self._mistakes.in_a_row = 0
        return result
