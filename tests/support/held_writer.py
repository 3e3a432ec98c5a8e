"""A writer that is kept busy, for tests of what waits for it and what does not."""

import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from storage.database.writer import Writer

PATIENCE = 120.0  # seconds: the machine may be busy with other tests


class Held:
    """An operation that keeps the writer busy until it is let go, and notes what comes next."""

    def __init__(self, writer: Writer) -> None:
        self.batches: list[list[Any]] = []
        self._free = threading.Event()
        self._reached = threading.Event()
        self._first = writer.call(self._hold)
        assert self._reached.wait(PATIENCE)

    def _hold(self, session: Session) -> None:
        self._reached.set()
        assert self._free.wait(PATIENCE)

    def let_go(self) -> None:
        self._free.set()
        self._first.result(PATIENCE)

    def note(self, session: Session, items: Sequence[Any]) -> list[Any]:
        self.batches.append(list(items))
        return list(items)
