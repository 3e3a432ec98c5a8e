"""Payloads: the bytes of pages, once a digest, compressed with zstd (RFC 8878)."""

import hashlib

import zstandard
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.database.errors import NotFound
from storage.models import Payload

LEVEL = 3
LARGEST = 64 * 2**20  # bytes of one payload, compressed or not


def digest_of(body: bytes) -> bytes:
    """SHA-256 of the bytes, 32 bytes long: the payload's name."""
    return hashlib.sha256(body).digest()


def compress(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=LEVEL).compress(data)


def decompress(data: bytes) -> bytes:
    """The bytes that were compressed; raises zstandard.ZstdError beyond LARGEST."""
    # A frame that names its size is given as much memory as it asks for, whatever max_output_size.
    if zstandard.frame_content_size(data) > LARGEST:
        raise zstandard.ZstdError(f"larger than {LARGEST:,} bytes")
    return zstandard.ZstdDecompressor().decompress(data, max_output_size=LARGEST)


def store_payloads(session: Session, bodies: dict[bytes, bytes]) -> None:
    """Keep each body under its digest; a digest that is there already costs nothing."""
    known = set(session.scalars(select(Payload.digest).where(Payload.digest.in_(list(bodies)))))
    rows = [
        {"digest": digest, "size": len(body), "encoding": "zstd", "data": compress(body)}
        for digest, body in bodies.items()
        if digest not in known
    ]
    if rows:
        session.execute(insert_new(session, Payload), rows)


def load_payload(session: Session, digest: bytes) -> bytes:
    """The body of that digest. Raises NotFound."""
    data = session.scalar(select(Payload.data).where(Payload.digest == digest))
    if data is None:
        raise NotFound(f"no payload {digest.hex()}")
    return decompress(data)
