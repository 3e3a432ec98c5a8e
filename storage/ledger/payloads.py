"""Payloads: the bytes of pages, once a digest, compressed against a key page of their source."""

import hashlib
from collections.abc import Mapping

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.database.errors import Damaged, NotFound
from storage.ledger.compression import compress, decompress, prepared_keys
from storage.ledger.key_pages import KeyPages
from storage.models import Address, Payload


def digest_of(body: bytes) -> bytes:
    """SHA-256 of the bytes, 32 bytes long: the payload's name."""
    return hashlib.sha256(body).digest()


def store_payloads(
    session: Session,
    bodies: Mapping[bytes, bytes],
    addresses: Mapping[bytes, int] | None = None,
) -> None:
    """Keep each body under its digest; a digest that is there already costs nothing.

    `addresses` has the address that a body is of, by digest: with it the body is compressed against
    a key page of its source, without it alone.
    """
    known = set(session.scalars(select(Payload.digest).where(Payload.digest.in_(list(bodies)))))
    new = {digest: body for digest, body in bodies.items() if digest not in known}
    if not new:
        return
    sources = _sources(session, {it: of for it, of in (addresses or {}).items() if it in new})
    keys = KeyPages(session, set(sources.values()), lambda digest: load_payload(session, digest))
    rows = []
    for digest, body in new.items():
        compressed = keys.compress(sources.get(digest), digest, body)
        rows.append(
            {
                "digest": digest,
                "size": len(body),
                "encoding": "zstd",
                "data": compressed.data,
                "key_digest": compressed.key,
            }
        )
    session.execute(insert_new(session, Payload), rows)  # in this order: a key before what needs it
    keys.save()


def load_payload(session: Session, digest: bytes) -> bytes:
    """The body of that digest. Raises NotFound, and Damaged where its key page is not what it was;
    that the body is what it was is for the caller to check."""
    row = session.execute(
        select(Payload.data, Payload.key_digest).where(Payload.digest == digest)
    ).one_or_none()
    if row is None:
        raise NotFound(f"no payload {digest.hex()}")
    if row.key_digest is None:
        return decompress(row.data)
    key = prepared_keys.get(row.key_digest, lambda: _load_key(session, row.key_digest))
    return decompress(row.data, key)


def release_keys(session: Session, needing: ColumnElement[bool]) -> int:
    """Compress those of these payloads alone that need a key page, so that it can go; how many.

    `needing` is a condition on Payload. Before a key page is removed or changed, release all that
    need it.
    """
    some = select(Payload.digest).where(Payload.key_digest.is_not(None), needing)
    digests = session.scalars(some).all()
    for digest in digests:
        body = load_payload(session, digest)
        session.execute(
            update(Payload)
            .where(Payload.digest == digest)
            .values(data=compress(body), key_digest=None)
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
