"""The archive's writer: one thread that writes in batches, so that an event loop never waits.

What has been submitted while a transaction was under way, and a moment after, goes into the next
one together: a statement for many rows costs little more than one for a row.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.database.errors import ArchiveUnavailable, StoreUnavailable, may_pass

MAX_BATCH = 64  # items a transaction
MAX_ROWS = 2_000  # of theirs, and
MAX_BYTES = 16 * 2**20  # so that none takes long; one item that has more goes alone
READERS = 2  # reads at a time, beside the writes
LINGER = 0.05  # seconds that an item waits for more to go with, unless somebody waits for a `call`
PATIENCE = 60.0  # seconds that a database may be away before the writer gives up
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds between two tries

Item = TypeVar("Item")
Result = TypeVar("Result")
Ready = TypeVar("Ready")


@dataclass(frozen=True, slots=True)
class Prepared(Generic[Item, Result, Ready]):
    """An operation whose `prepare` does before the transaction what needs no lock of the
    database's, and may be slow; what it holds is let go after the commit."""

    prepare: Callable[[Archive, Sequence[Item]], AbstractContextManager[Ready]]
    write: Callable[[Session, Sequence[Item], Ready], Sequence[Result]]


Operation = Callable[[Session, Sequence[Item]], Sequence[Result]] | Prepared[Item, Result, Any]


@dataclass(slots=True)
class _Job:
    operation: Operation[Any, Any]
    item: Any
    future: Future[Any]
    linger: float
    rows: int
    size: int


class Writer:
    """Runs operations in a thread of its own; each result is given once it is durable.

    An operation takes a session and a sequence of items and returns a result an item, in order.
    It may be called again for the same items after a lost connection, so it is idempotent. When a
    batch fails for another reason its items are tried one by one, so that one bad item costs
    itself alone. Items of one operation are run in the order they were submitted; two operations
    are in order only if the second was submitted after the first one's result.
    """

    def __init__(self, archive: Archive, *, patience: float | None = None) -> None:
        self._archive = archive
        self._patience = PATIENCE if patience is None else patience
        self._gave_up: ArchiveUnavailable | None = None
        self._closed = False
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="archive-writer", daemon=True)
        self._thread.start()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="archive-reader")

    def submit(
        self,
        operation: Operation[Item, Result],
        item: Item,
        *,
        rows: int = 1,
        size: int = 0,
        linger: float | None = None,
    ) -> Future[Result]:
        """The result of `operation` for `item`, after its transaction was committed.

        `rows` and `size` say about how many rows and bytes it writes, `linger` how many seconds it
        may wait for more to go with, where that is not LINGER.
        The future raises what the operation raised, or ArchiveUnavailable: then the database
        stayed away for longer than the writer's patience, and so will every later one. Raises
        RuntimeError after `close`.
        """
        waits = LINGER if linger is None else linger
        return self._put(operation, item, linger=waits, rows=rows, size=size)

    def call(self, function: Callable[[Session], Result], *, rows: int = 1) -> Future[Result]:
        """The result of `function(session)` after its commit, with as little delay as can be."""
        return self._put(lambda session, items: [function(session)], None, linger=0.0, rows=rows)

    def read(self, function: Callable[[Session], Result]) -> Future[Result]:
        """The result of `function(session)`, which only reads, on a connection of its own: it waits
        for no write, and no write for it. Sees what was durable when it began."""
        if self._closed:
            raise RuntimeError("the writer is closed")
        return self._readers.submit(self._read, function)

    def close(self) -> None:
        """Finish what was submitted, then stop."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        self._readers.shutdown()

    def _put(
        self,
        operation: Operation[Item, Result],
        item: Item,
        *,
        linger: float,
        rows: int = 1,
        size: int = 0,
    ) -> Future[Result]:
        if self._closed:
            raise RuntimeError("the writer is closed")
        future: Future[Result] = Future()
        self._jobs.put(_Job(operation, item, future, linger, rows, size))
        return future

    def _work(self) -> None:
        going_on = True
        while going_on and (job := self._jobs.get()) is not None:
            batch, going_on = self._collect(job)
            self._write(batch)

    def _collect(self, job: _Job) -> tuple[list[_Job], bool]:
        """The job and those that come soon after, and whether there may be more to come."""
        batch = [job]
        deadline = time.monotonic() + job.linger
        while _has_room(batch):
            wait = 0.0 if self._closed else max(0.0, deadline - time.monotonic())
            try:
                following = self._jobs.get(timeout=wait) if wait else self._jobs.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return batch, False
            batch.append(following)
            deadline = min(deadline, time.monotonic() + following.linger)
        return batch, True

    def _write(self, batch: list[_Job]) -> None:
        """Run what nobody has cancelled; from here on nobody can."""
        batch = [job for job in batch if job.future.set_running_or_notify_cancel()]
        self._run(batch)

    def _run(self, batch: list[_Job]) -> None:
        try:
            results = self._patiently(lambda: self._transaction(batch))
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

    def _read(self, function: Callable[[Session], Result]) -> Result:
        def ask() -> Result:
            with self._archive.reading() as session:
                return function(session)

        return self._patiently(ask)

    def _patiently(self, transaction: Callable[[], Result]) -> Result:
        """One transaction, tried again while its failure may pass."""
        if self._gave_up is not None:
            raise self._gave_up
        deadline = time.monotonic() + self._patience
        pause = _FIRST_PAUSE
        while True:
            try:
                return transaction()
            except ArchiveUnavailable as error:
                cause = error.__cause__
                passing = isinstance(error, StoreUnavailable) or (
                    isinstance(cause, DBAPIError) and may_pass(cause)
                )
                if not passing or time.monotonic() + pause > deadline:
                    self._gave_up = error
                    raise
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _transaction(self, batch: list[_Job]) -> list[Any]:
        results: list[Any] = [None] * len(batch)
        groups: dict[Operation[Any, Any], list[int]] = {}
        for at, job in enumerate(batch):
            groups.setdefault(job.operation, []).append(at)
        with ExitStack() as stack:
            writes = {
                operation: self._prepared(stack, operation, [batch[at].item for at in places])
                for operation, places in groups.items()
            }
            session = stack.enter_context(self._archive.writing())
            for operation, places in groups.items():
                given = writes[operation](session)
                if len(given) != len(places):
                    raise ValueError(f"{operation} gave {len(given)} results for {len(places)}")
                for at, result in zip(places, given, strict=True):
                    results[at] = result
        return results

    def _prepared(
        self, stack: ExitStack, operation: Operation[Any, Any], items: Sequence[Any]
    ) -> Callable[[Session], Sequence[Any]]:
        """What is left to do in the transaction; what was prepared is held until after it."""
        if isinstance(operation, Prepared):
            ready = stack.enter_context(operation.prepare(self._archive, items))
            return lambda session: operation.write(session, items, ready)
        return lambda session: operation(session, items)


def _has_room(batch: Sequence[_Job]) -> bool:
    rows, size = sum(job.rows for job in batch), sum(job.size for job in batch)
    return len(batch) < MAX_BATCH and rows < MAX_ROWS and size < MAX_BYTES
