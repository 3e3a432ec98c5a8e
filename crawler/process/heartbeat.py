"""The heartbeat of a run: a thread and a connection of its own, so that it waits for nobody."""

import logging
import threading
import time
from types import TracebackType
from typing import Any, Self

from storage.database.archive import Archive
from storage.database.dialects import database_now
from storage.database.errors import ArchiveError, LeaseLost
from storage.ledger.runs import HEARTBEAT, beat

logger = logging.getLogger(__name__)

STUCK = 300.0
"""Seconds in which the event loop must have been seen to go round; else the run is no more alive
than if it had died."""


class Heartbeat:
    """Says from `with` to its end that a run is alive. `counts` are what it has done at the last
    tick; `lost` is the error of a run that was taken for dead all the same."""

    def __init__(self, archive: Archive, run_id: int) -> None:
        # What else the process writes must not keep it from a connection.
        self._archive = Archive(archive.url.render_as_string(hide_password=False))
        self._run_id = run_id
        self.counts: dict[str, Any] = {}
        self._ticked = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="heartbeat", daemon=True)
        self.lost: LeaseLost | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=1)
        self._archive.close()

    def tick(self, counts: dict[str, Any]) -> None:
        """The event loop goes round, and the run has done so much."""
        self.counts, self._ticked = counts, time.monotonic()

    def _work(self) -> None:
        while not self._ended.wait(HEARTBEAT.total_seconds()):
            if time.monotonic() - self._ticked > STUCK:
                logger.error("the crawl has not moved for %d seconds", STUCK)
                continue
            try:
                with self._archive.writing() as session:
                    beat(session, self._run_id, self.counts, database_now(session))
            except LeaseLost as error:
                self.lost = error
                return
            except ArchiveError as error:
                # The writer decides how long a database may be away.
                logger.warning("no heartbeat: %s", error)
