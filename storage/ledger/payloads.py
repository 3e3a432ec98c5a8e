"""Payloads: the bytes of pages, once a digest, compressed against a key page of their source.

Everyone stores and loads by this module, wherever the bytes are.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new, share_lock
from storage.database.errors import Damaged, NotFound
from storage.ledger.compression import compress, decompress, prepared_keys
from storage.ledger.key_pages import Compressed, KeyPages
from storage.ledger.payload_store import get_object, payload_store, put_objects
from storage.ledger.store_lock import LOCK
from storage.ledger.store_owner import require_own
from storage.models import Address, Payload


@dataclass(frozen=True, slots=True)
class Staged:
    """Bodies that are in the payload store already, by digest: what became of them, the names of
    their objects, and the key pages that they were compressed with."""

    compressed: Mapping[bytes, Compressed]
    names: Mapping[bytes, bytes]
    keys: KeyPages


def digest_of(body: bytes) -> bytes:
    """SHA-256 of the bytes, 32 bytes long: the payload's name."""
    return hashlib.sha256(body).digest()


def store_payloads(
    session: Session,
    bodies: Mapping[bytes, bytes],
    addresses: Mapping[bytes, int] | None = None,
    staged: Staged | None = None,
) -> None:
    """Keep each body under its digest; a digest that is there already costs nothing.

    `addresses` has the address that a body is of, by digest: with it the body is compressed against
    a key page of its source, without it alone. What is `staged` (ledger.staging) is in the payload
    store already.
    """
    known = set(session.scalars(select(Payload.digest).where(Payload.digest.in_(list(bodies)))))
    new = {digest: body for digest, body in bodies.items() if digest not in known}
    if not new:
        return
    if staged is not None and _still_holds(session, staged, bodies, new):
        ready = {digest: it for digest, it in staged.compressed.items() if digest in new}
        _insert(session, new, ready, {it: _in_store(staged.names[it]) for it in ready})
        staged.keys.save(session)
        return
    sources = _sources(session, {it: of for it, of in (addresses or {}).items() if it in new})
    compressed, keys = compressed_bodies(session, new, sources)
    data = {digest: it.data for digest, it in compressed.items()}
    _insert(session, new, compressed, put_data(session, data, is_locked=staged is not None))
    keys.save(session)


def compressed_bodies(
    session: Session, bodies: Mapping[bytes, bytes], sources: Mapping[bytes, int]
) -> tuple[dict[bytes, Compressed], KeyPages]:
    """Bodies by digest as they are to be stored, each against a key page of its source where that
    is known; and the key pages, to be saved once they are."""
    keys = KeyPages(session, set(sources.values()), lambda digest: load_payload(session, digest))
    compressed = {
        digest: keys.compress(sources.get(digest), digest, body) for digest, body in bodies.items()
    }
    return compressed, keys


def _still_holds(
    session: Session, staged: Staged, bodies: Mapping[bytes, bytes], new: Mapping[bytes, bytes]
) -> bool:
    """Whether what is staged is what is to be stored now, against keys that are still plain."""
    if not (new.keys() <= staged.compressed.keys() <= bodies.keys()):
        return False
    ready = {digest: staged.compressed[digest] for digest in new}
    plain = {digest for digest, it in ready.items() if it.key is None}
    keys = {it.key for it in ready.values() if it.key is not None} - plain
    there = select(Payload.digest).where(Payload.digest.in_(keys), Payload.key_digest.is_(None))
    return not keys or set(session.scalars(there)) == keys


def _insert(
    session: Session,
    bodies: Mapping[bytes, bytes],
    compressed: Mapping[bytes, Compressed],
    places: Mapping[bytes, dict[str, bytes | None]],
) -> None:
    rows = [
        {
            "digest": digest,
            "size": len(bodies[digest]),
            "encoding": "zstd",
            "key_digest": it.key,
            **places[digest],
        }
        for digest, it in compressed.items()
    ]
    session.execute(insert_new(session, Payload), rows)  # in this order: a key before what needs it


def load_payload(session: Session, digest: bytes) -> bytes:
    """The body of that digest. Raises NotFound, Damaged where its key page or its object in the
    payload store is not what it was, and StoreUnavailable; that the body is what it was is for the
    caller to check."""
    row = session.execute(
        select(Payload.data, Payload.key_digest, Payload.object_digest).where(
            Payload.digest == digest
        )
    ).one_or_none()
    if row is None:
        raise NotFound(f"no payload {digest.hex()}")
    data = row.data if row.object_digest is None else get_object(row.object_digest)
    if row.key_digest is None:
        return decompress(data)
    key = prepared_keys.get(row.key_digest, lambda: _load_key(session, row.key_digest))
    return decompress(data, key)


def put_data(
    session: Session,
    compressed: Mapping[bytes, bytes],
    *,
    into_database: bool = False,
    is_locked: bool = False,
) -> dict[bytes, dict[str, bytes | None]]:
    """What rows of Payload are to say of where these bytes are, by digest of the payload: in the
    payload store of the settings, where they are durable now, or in the rows themselves.
    `is_locked`: nobody collects orphans before this transaction ends (ledger.store_lock)."""
    store = None if into_database else payload_store()
    if store is None:
        return {it: {"data": data, "object_digest": None} for it, data in compressed.items()}
    require_own(session, store)
    if not is_locked:
        share_lock(session, LOCK)
    names = {digest: digest_of(data) for digest, data in compressed.items()}
    put_objects(store, {names[digest]: data for digest, data in compressed.items()})
    return {digest: _in_store(name) for digest, name in names.items()}


def _in_store(name: bytes) -> dict[str, bytes | None]:
    return {"data": b"", "object_digest": name}


def release_keys(session: Session, needing: ColumnElement[bool]) -> int:
    """Compress those of these payloads alone that need a key page, so that it can go; how many.

    `needing` is a condition on Payload. Before a key page is removed or changed, release all that
    need it.
    """
    some = select(Payload.digest).where(Payload.key_digest.is_not(None), needing)
    digests = session.scalars(some).all()
    for digest in digests:
        data = compress(load_payload(session, digest))
        place = put_data(session, {digest: data})[digest]
        session.execute(
            update(Payload).where(Payload.digest == digest).values(key_digest=None, **place)
        )
    return len(digests)


def _load_key(session: Session, digest: bytes) -> bytes:
    body = load_payload(session, digest)
    if digest_of(body) != digest:
        raise Damaged(f"the bytes of key page {digest.hex()}")
    return body


def _sources(session: Session, addresses: Mapping[bytes, int]) -> dict[bytes, int]:
    """The source of each digest."""
    if not addresses:
        return {}
    ids = set(addresses.values())
    rows = session.execute(select(Address.id, Address.source_id).where(Address.id.in_(ids)))
    sources = dict(rows.all())
    return {digest: sources[it] for digest, it in addresses.items() if it in sources}
