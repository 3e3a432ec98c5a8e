"""The archive's writer: one thread that writes in batches, so that an event loop never waits.

Whatever has been submitted while a transaction was under way goes into the next one together.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.archive import Archive
from storage.errors import ArchiveUnavailable, may_pass

MAX_BATCH = 64  # items a transaction
PATIENCE = 60.0  # seconds that a database may be away before the writer gives up
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds between two tries

Item = TypeVar("Item")
Result = TypeVar("Result")
Operation = Callable[[Session, Sequence[Item]], Sequence[Result]]


@dataclass(slots=True)
class _Job:
    operation: Operation[Any, Any]
    item: Any
    future: Future[Any]


class Writer:
    """Runs operations in order in a thread of its own; each result is given once it is durable.

    An operation takes a session and a sequence of items and returns a result an item, in order.
    It may be called again for the same items after a lost connection, so it is idempotent. When a
    batch fails for another reason its items are tried one by one, so that one bad item costs
    itself alone.
    """

    def __init__(self, archive: Archive, *, patience: float = PATIENCE) -> None:
        self._archive = archive
        self._patience = patience
        self._gave_up: ArchiveUnavailable | None = None
        self._closed = False
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="archive-writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation[Item, Result], item: Item) -> Future[Result]:
        """The result of `operation` for `item`, after its transaction was committed.

        The future raises what the operation raised, or ArchiveUnavailable: then the database
        stayed away for longer than the writer's patience, and so will every later one. Raises
        RuntimeError after `close`.
        """
        if self._closed:
            raise RuntimeError("the writer is closed")
        future: Future[Result] = Future()
        self._jobs.put(_Job(operation, item, future))
        return future

    def call(self, function: Callable[[Session], Result]) -> Future[Result]:
        """The result of `function(session)` in the writer's order, after its commit."""
        return self.submit(lambda session, items: [function(session)], None)

    def close(self) -> None:
        """Finish what was submitted, then stop."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            batch = [job]
            stop = False
            while len(batch) < MAX_BATCH and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    stop = True
                    break
                batch.append(following)
            self._write(batch)
            if stop:
                return

    def _write(self, batch: list[_Job]) -> None:
        """Run what nobody has cancelled; from here on nobody can."""
        batch = [job for job in batch if job.future.set_running_or_notify_cancel()]
        self._run(batch)

    def _run(self, batch: list[_Job]) -> None:
        try:
            results = self._patiently(batch)
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, ArchiveUnavailable):
                for job in batch:
                    self._run([job])
            else:
                for job in batch:
                    job.future.set_exception(error)
        else:
            for job, result in zip(batch, results, strict=True):
                job.future.set_result(result)

    def _patiently(self, batch: list[_Job]) -> list[Any]:
        """One transaction, tried again while its failure may pass."""
        if self._gave_up is not None:
            raise self._gave_up
        deadline = time.monotonic() + self._patience
        pause = _FIRST_PAUSE
        while True:
            try:
                return self._transaction(batch)
            except ArchiveUnavailable as error:
                cause = error.__cause__
                passing = isinstance(cause, DBAPIError) and may_pass(cause)
                if not passing or time.monotonic() + pause > deadline:
                    self._gave_up = error
                    raise
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _transaction(self, batch: list[_Job]) -> list[Any]:
        results: list[Any] = []
        with self._archive.writing() as session:
            start = 0
            while start < len(batch):
                operation = batch[start].operation
                end = start + 1
                while end < len(batch) and batch[end].operation == operation:
                    end += 1
                given = operation(session, [job.item for job in batch[start:end]])
                if len(given) != end - start:
                    raise ValueError(f"{operation} gave {len(given)} results for {end - start}")
                results += given
                start = end
        return results
