"""Stored pages hashed again: the bytes are those that their digest names."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import zstandard
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storage.database.errors import Damaged, NotFound
from storage.ledger.payloads import digest_of, load_payload
from storage.models import Payload
from storage.verification.check import BATCH, Check, Done, count
from storage.verification.report import Report
from storage.verification.scope import Scope

_ENCODING: Final = "zstd"


def _rows(session: Session, scope: Scope) -> int:
    return count(session, select(Payload.digest).where(scope.of_payloads()))


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    # Key pages first: what is compressed against one that is damaged is not to be blamed for it.
    for kind in (Payload.key_digest.is_(None), Payload.key_digest.is_not(None)):
        for rows in _some(session, scope, kind):
            for row in rows:
                if not report.doubts("payload", row.key_digest):
                    _check(session, report, row)
            done(len(rows))


def _some(session: Session, scope: Scope, kind: ColumnElement[bool]) -> Iterator[Sequence[Any]]:
    query = (
        select(Payload.digest, Payload.size, Payload.encoding, Payload.key_digest)
        .where(kind, scope.of_payloads())
        .order_by(Payload.digest)
    )
    if scope.sample is not None:  # it is picked anew at every look
        yield session.execute(query).all()
        return
    after = b""
    while rows := session.execute(query.where(Payload.digest > after).limit(BATCH)).all():
        yield rows
        after = rows[-1].digest


def _check(session: Session, report: Report, row: Any) -> None:
    expected = f"{row.size:,} bytes with SHA-256 {row.digest.hex()}"
    found = _measured(session, row)
    if found != expected:
        report.add("payload", row.digest, expected=expected, found=found)


def _measured(session: Session, row: Any) -> str:
    """What the bytes are."""
    if row.encoding != _ENCODING:
        return f"the encoding {row.encoding}"
    try:
        body = load_payload(session, row.digest)
    except zstandard.ZstdError as error:
        return f"bytes that can't be decompressed ({error})"
    except (NotFound, Damaged) as error:
        return str(error)
    return f"{len(body):,} bytes with SHA-256 {digest_of(body).hex()}"


CHECK: Final = Check("stored pages", 2.0, _rows, _run, always=True)
