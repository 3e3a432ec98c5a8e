"""Payloads come back as they were, once a digest."""

import hashlib

import pytest
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.database.errors import NotFound
from storage.ledger.payloads import digest_of, load_payload, store_payloads
from storage.models import Payload


def test_a_digest_is_sha_256() -> None:
    assert digest_of(b"page") == hashlib.sha256(b"page").digest()


def test_a_payload_is_kept_once(archive: Archive) -> None:
    bodies = {digest_of(body): body for body in (b"", b"one", b"\0\xff" * 1000)}
    for _ in range(2):
        with archive.writing() as session:
            store_payloads(session, bodies)
    with archive.reading() as session:
        assert {digest: load_payload(session, digest) for digest in bodies} == bodies
        assert session.scalar(select(func.count()).select_from(Payload)) == len(bodies)
        sizes = session.execute(select(Payload.digest, Payload.size)).all()
        assert dict(sizes) == {digest: len(body) for digest, body in bodies.items()}


def test_a_payload_that_is_not_there(archive: Archive) -> None:
    with archive.reading() as session, pytest.raises(NotFound, match=r"no payload 0{64}$"):
        load_payload(session, bytes(32))
