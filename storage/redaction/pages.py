"""Stored pages redacted: each gets a new digest, and all that refers to it follows."""

import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from storage.ledger.headers import joined, store_headers
from storage.ledger.payloads import digest_of, load_payload, release_keys, store_payloads
from storage.models import (
    Fetch,
    Frontier,
    HeaderSet,
    KeyPage,
    Payload,
    Reading,
    RedactedPayload,
    Version,
)
from storage.redaction.erasing import Eraser

CHUNK: Final = 500  # values a statement: SQLite takes 32,766 parameters

Item = TypeVar("Item")

Moved = dict[bytes, bytes]
"""The digests that things have now, by those that they had."""


def parts(items: Collection[Item]) -> Iterator[list[Item]]:
    """In lists that a statement takes."""
    listed = list(items)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def redact_pages(
    session: Session,
    eraser: Eraser,
    digests: Collection[bytes],
    told: Callable[[int], None] = lambda pages: None,
) -> Moved:
    """Keep each of these pages as it may be kept; what moved. Their rows of before still stand."""
    moved: Moved = {}
    for digest in digests:
        row = session.execute(select(Payload.digest).where(Payload.digest == digest)).first()
        told(1)
        if row is None:
            continue
        body = load_payload(session, digest)
        kept = eraser.body(body, None if _is_utf8(body) else _charset(session, digest))
        if kept != body:
            moved[digest] = digest_of(kept)
            store_payloads(session, {moved[digest]: kept})
    new = sorted(set(moved.values()))
    known = {
        it
        for some in parts(new)
        for it in session.scalars(
            select(RedactedPayload.digest).where(
                RedactedPayload.digest.in_(some),
                RedactedPayload.redaction_id == eraser.redaction_id,
            )
        )
    }
    rows = [{"digest": it, "redaction_id": eraser.redaction_id} for it in new if it not in known]
    if rows:
        session.execute(insert(RedactedPayload), rows)
    return moved


def move_fetches(
    session: Session, eraser: Eraser, moved: Moved, address_ids: Collection[int]
) -> list[int]:
    """Let the fetches that brought these pages, wherever, refer to them as they are now; redact
    the headers of these and of all fetches of these addresses. Those that are other now."""
    ids: set[int] = set()
    for some in parts(moved):
        ids |= set(session.scalars(select(Fetch.id).where(Fetch.digest.in_(some))))
    for addresses in parts(address_ids):
        ids |= set(session.scalars(select(Fetch.id).where(Fetch.address_id.in_(addresses))))
    before: set[int] = set()
    changed: list[int] = []
    for some_ids in parts(sorted(ids)):
        for fetch in session.scalars(select(Fetch).where(Fetch.id.in_(some_ids))):
            before |= _redact_fetch(session, eraser, fetch, moved)
            if session.is_modified(fetch):
                changed.append(fetch.id)
        session.flush()
        session.expire_all()
    _drop_unused_headers(session, before)
    for old, new in moved.items():
        # Asked again, the page is to come whole: what says that it is the same is gone.
        session.execute(
            update(Frontier)
            .where(Frontier.digest == old)
            .values(digest=new, etag=None, last_modified=None)
        )
    return changed


def _redact_fetch(session: Session, eraser: Eraser, fetch: Fetch, moved: Moved) -> set[int]:
    """Redact one; the sets of headers that it had."""
    redacted = fetch.digest in moved
    had: set[int] = set()
    changes: dict[str, Any] = {}
    if redacted and fetch.digest is not None:
        changes["digest"] = moved[fetch.digest]
    if fetch.url is not None and (url := eraser.text(fetch.url)) != fetch.url:
        changes["url"] = url
    if fetch.error is not None and (error := eraser.text(fetch.error)) != fetch.error:
        changes["error"] = error
    for side in ("request", "response"):
        set_id = getattr(fetch, f"{side}_headers_id")
        if set_id is None:
            continue
        entries = session.scalar(select(HeaderSet.headers).where(HeaderSet.id == set_id)) or []
        headers = joined(entries, getattr(fetch, f"{side}_values"))
        kept = eraser.headers(headers, of_redacted=redacted)
        if kept != headers:
            had.add(set_id)
            changes[f"{side}_headers_id"] = store_headers(session, [kept])[kept.digest]
            changes[f"{side}_values"] = kept.values or None
    for name, value in changes.items():
        setattr(fetch, name, value)
    return had


def _drop_unused_headers(session: Session, ids: set[int]) -> None:
    for some in parts(sorted(ids)):
        used: set[int | None] = set()
        for column in (Fetch.request_headers_id, Fetch.response_headers_id):
            used |= set(session.scalars(select(column).where(column.in_(some)).distinct()))
        gone = [it for it in some if it not in used]
        session.execute(delete(HeaderSet).where(HeaderSet.id.in_(gone)))


def move_readings(session: Session, moved: Moved) -> None:
    """Let readings and versions of these pages refer to them as they are now. What a reading's page
    input was is no longer told: random bytes stand for it, the same for readings of the same."""
    instead: dict[bytes, bytes] = {}
    for some in parts(moved):
        rows = session.execute(
            select(Reading.id, Reading.input, Reading.digest).where(Reading.digest.in_(some))
        ).all()
        changes = [
            {
                "reading_id": row.id,
                "given": None if row.input is None else _random_for(row.input, instead),
                "page": moved[row.digest],
            }
            for row in rows
        ]
        _update_all(
            session,
            update(Reading)
            .where(Reading.id == bindparam("reading_id"))
            .values(input=bindparam("given"), digest=bindparam("page")),
            changes,
        )
    for old, new in moved.items():
        session.execute(update(Version).where(Version.digest == old).values(digest=new))


def drop_pages(session: Session, digests: Sequence[bytes]) -> None:
    """Delete pages to which nothing refers; no other is compressed against them any more."""
    for some in parts(digests):
        release_keys(session, Payload.key_digest.in_(some))
        session.execute(delete(KeyPage).where(KeyPage.digest.in_(some)))
        session.execute(delete(RedactedPayload).where(RedactedPayload.digest.in_(some)))
        session.execute(delete(Payload).where(Payload.digest.in_(some)))


def pages_of_readings(session: Session, *among: Any) -> set[bytes]:
    """The pages of readings, and of versions, that have one of these contents."""
    return set(session.scalars(select(Reading.digest).where(or_(*among)).distinct()))


def _update_all(session: Session, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(statement, list(rows))


def _random_for(given: bytes, instead: dict[bytes, bytes]) -> bytes:
    return instead.setdefault(given, secrets.token_bytes(len(given)))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _charset(session: Session, digest: bytes) -> str | None:
    """The charset that the headers of a version's page name."""
    row = session.execute(
        select(HeaderSet.headers, Fetch.response_values)
        .join(Fetch, Fetch.response_headers_id == HeaderSet.id)
        .join(Version, Version.fetch_id == Fetch.id)
        .where(Version.digest == digest)
        .limit(1)
    ).first()
    return None if row is None else joined(row.headers, row.response_values).charset
