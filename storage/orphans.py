"""Objects of the payload store that no row refers to: left by a transaction that did not commit,
or by payloads that were compressed anew, moved or removed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import schema
from storage.database.archive import Archive
from storage.database.errors import BadSetting, StoreUnavailable
from storage.database.settings import PAYLOADS_VARIABLE
from storage.ledger.payload_store import payload_store
from storage.ledger.store_lock import none_storing
from storage.ledger.store_owner import require_own
from storage.models import Payload

_BATCH: Final = 200  # objects a transaction: writers wait for it


@dataclass(slots=True)
class Collected:
    """Objects there are, those that no row refers to and are older than the grace time, and those
    that are younger."""

    objects: int = 0
    orphans: int = 0
    young: int = 0


def collect(
    archive: Archive,
    *,
    grace: timedelta,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda objects: None,
) -> Collected:
    """Delete the orphans that were written longer ago than `grace`; with `dry_run` count them.

    No transaction that stores objects is under way while it is asked which have a row and the
    others are deleted, so that none goes that is about to get one. Raises BadSetting where the
    settings name no store or another archive's, and StoreUnavailable.
    """
    schema.require_current(archive)
    store = payload_store()
    if store is None:
        raise BadSetting(f"no payload store is set: {PAYLOADS_VARIABLE}")
    collected, before = Collected(), datetime.now(UTC) - grace
    old: list[bytes] = []

    def settle() -> None:
        with none_storing(archive) as session:
            require_own(session, store, anew=True)
            orphans = set(old) - _referred(session, old)
            if not dry_run:
                store.delete(orphans)
        collected.orphans += len(orphans)
        old.clear()
        progress(collected.objects)

    with none_storing(archive):
        pass  # what those were about to store who began before this call is listed, or has a row
    try:
        for digest, written_at in store.list():
            collected.objects += 1
            if written_at > before:
                collected.young += 1
                continue
            old.append(digest)
            if len(old) >= _BATCH:
                settle()
        settle()
        if not dry_run:
            store.sweep(before)
    except OSError as error:
        raise StoreUnavailable(f"payload store: {error.strerror or error}") from error
    return collected


def _referred(session: Session, digests: list[bytes]) -> set[bytes]:
    found = session.scalars(select(Payload.object_digest).where(Payload.object_digest.in_(digests)))
    return {it for it in found if it is not None}
