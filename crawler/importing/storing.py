"""Captures of a file put on record, their bodies in the payload store before the transaction."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.database.writer import Prepared
from storage.history.imports import NewCapture, StoredCapture, bodies_of_captures, store_captures
from storage.ledger.payloads import Staged
from storage.ledger.staging import staged

Captures = Sequence[NewCapture]


def storing(run_id: int, now: datetime) -> Prepared[Captures, list[StoredCapture], Staged | None]:
    """An operation of the writer's, for some captures at a time."""

    def prepare(
        archive: Archive, batches: Sequence[Captures]
    ) -> AbstractContextManager[Staged | None]:
        captures = [capture for batch in batches for capture in batch]
        return staged(archive, lambda session: bodies_of_captures(session, captures))

    def write(
        session: Session, batches: Sequence[Captures], ready: Staged | None
    ) -> list[list[StoredCapture]]:
        return [store_captures(session, run_id, it, now=now, staged=ready) for it in batches]

    return Prepared(prepare, write)
