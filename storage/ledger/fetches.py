"""Fetches: every request and what came back, made durable before anything is done with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.ledger.headers import Headers, store_headers
from storage.ledger.payloads import Staged, digest_of, store_payloads
from storage.models import Fetch, RedactedPayload


@dataclass(frozen=True)
class NewFetch:
    """One request and its answer.

    `url` is as it was asked, None for `https:` and the key of its address. `body` has its content
    encodings undone and is None where there is none; it is stored where `keep` says so, its digest
    always. `cut` says that it is only the beginning. `error` is why there was no answer.
    `known_digest` is of a body that is in the archive already, and not given again. `redactions`
    took something out of `body`.
    """

    id: int
    address_id: int
    run_id: int
    fetched_at: datetime
    url: str | None = None
    status: int | None = None
    error: str | None = None
    milliseconds: int | None = None
    peer: str | None = None
    request_headers: Headers = field(default=Headers(), repr=False)
    response_headers: Headers = field(default=Headers(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    keep: bool = True
    cut: bool = False
    known_digest: bytes | None = None
    redactions: tuple[int, ...] = ()

    @cached_property
    def digest(self) -> bytes | None:
        return self.known_digest if self.body is None else digest_of(self.body)


def record_fetches(
    session: Session, fetches: Sequence[NewFetch], staged: Staged | None = None
) -> None:
    """Put fetches on record that are not there yet, with their headers and bodies, of which some
    may be `staged` in the payload store (ledger.staging)."""
    if not fetches:
        return
    bodies, addresses = {}, {}
    for it in fetches:
        if it.keep and it.digest and it.body is not None:
            bodies[it.digest], addresses[it.digest] = it.body, it.address_id
    store_payloads(session, bodies, addresses, staged)
    redacted = [
        {"digest": it.digest, "redaction_id": redaction_id}
        for it in fetches
        if it.keep and it.digest
        for redaction_id in it.redactions
    ]
    if redacted:
        session.execute(insert_new(session, RedactedPayload), redacted)
    sets = store_headers(
        session,
        {it for fetch in fetches for it in (fetch.request_headers, fetch.response_headers) if it},
    )
    rows = [
        {
            "id": it.id,
            "address_id": it.address_id,
            "run_id": it.run_id,
            "url": it.url,
            "fetched_at": it.fetched_at,
            "status": it.status,
            "error": it.error,
            "milliseconds": it.milliseconds,
            "peer": it.peer,
            "request_headers_id": sets.get(it.request_headers.digest),
            "request_values": it.request_headers.values or None,
            "response_headers_id": sets.get(it.response_headers.digest),
            "response_values": it.response_headers.values or None,
            "digest": it.digest,
            "cut": it.cut,
        }
        for it in fetches
    ]
    session.execute(insert(Fetch), rows)


def recorded_fetches(session: Session, runs: dict[int, int]) -> dict[int, bytes | None]:
    """The digests of those of these fetches that are on record, by id; `runs` has the run of each.

    An id that another run gave out is left out, so that it fails on the primary key.
    """
    rows = session.execute(
        select(Fetch.id, Fetch.run_id, Fetch.digest).where(Fetch.id.in_(list(runs)))
    )
    return {row.id: row.digest for row in rows if row.run_id == runs[row.id]}
