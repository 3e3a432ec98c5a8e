"""Pages put into the payload store before the transaction that refers to them begins: a store that
is slow holds up nobody who writes to the archive."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.ledger.key_pages import Compressed, KeyPages
from storage.ledger.payload_store import payload_store, put_objects
from storage.ledger.payloads import Staged, compressed_bodies, digest_of
from storage.ledger.store_lock import storing
from storage.ledger.store_owner import require_own
from storage.models import Payload


@dataclass(frozen=True, slots=True)
class Bodies:
    """Bodies by digest, as they are to be kept, and the source of each, where it is known."""

    bodies: Mapping[bytes, bytes]
    sources: Mapping[bytes, int]


@contextmanager
def staged(archive: Archive, find: Callable[[Session], Bodies]) -> Iterator[Staged | None]:
    """What of these bodies the payload store has now, for `store_payloads` in the block; None where
    the settings name no store. What the block then does not store is left to who collects orphans,
    who waits for the block. Raises StoreUnavailable."""
    store = payload_store()
    if store is None:
        yield None
        return
    with storing(archive):
        with archive.reading() as session:
            require_own(session, store)
            compressed, keys = _compressed(session, find(session))
        names = {digest: digest_of(it.data) for digest, it in compressed.items()}
        put_objects(store, {names[digest]: it.data for digest, it in compressed.items()})
        yield Staged(compressed, names, keys)


def _compressed(session: Session, given: Bodies) -> tuple[dict[bytes, Compressed], KeyPages]:
    digests = list(given.bodies)
    known = set(session.scalars(select(Payload.digest).where(Payload.digest.in_(digests))))
    new = {digest: body for digest, body in given.bodies.items() if digest not in known}
    sources = {digest: it for digest, it in given.sources.items() if digest in new}
    return compressed_bodies(session, new, sources)
