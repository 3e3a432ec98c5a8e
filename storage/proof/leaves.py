"""Leaves: what a day's tree says of each fetch, version and content that was recorded on it.

A leaf's data is TAG, sixteen random bytes of salt, and the row as canonical JSON: keys in order, no
spaces, UTF-8. Its hash is RFC 9162's of that. Without the salt no hash tells of its row (128 bits,
as RFC 9901, section 9.3, asks of salts): it is destroyed with what a redaction takes away, and the
tree still holds.
"""

import json
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, aliased

from storage.ledger.headers import joined
from storage.models import Address, Content, Fetch, HeaderSet, Leaf, Reading, Unsealed, Version
from storage.proof.merkle import leaf_hash

TAG: Final = b"permalien leaf 1\n"
_SALT: Final = 16  # bytes

Document = dict[str, Any]
"""A row as its leaf tells of it."""


class Keys(Protocol):
    """A leaf, or what is to be one: one of the three names its row."""

    @property
    def fetch_id(self) -> int | None: ...
    @property
    def version_id(self) -> int | None: ...
    @property
    def content_digest(self) -> bytes | None: ...


def new_salt() -> bytes:
    return secrets.token_bytes(_SALT)


def canonical(document: Document) -> bytes:
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def hash_of(salt: bytes, document: Document) -> bytes:
    """The hash of the leaf of this row."""
    return leaf_hash(TAG + salt + canonical(document))


def content_document(digest: bytes) -> Document:
    """A content: its digest says all of it (storage.history.contents)."""
    return {"kind": "content", "digest": digest.hex()}


def fetch_documents(session: Session, ids: Collection[int]) -> dict[int, Document]:
    """What the leaves of those of these fetches say that are there, by id."""
    request, response = aliased(HeaderSet), aliased(HeaderSet)
    rows = session.execute(
        select(
            *Fetch.__table__.c,
            Address.key,
            request.headers.label("asked"),
            response.headers.label("came"),
        )
        .join(Address, Address.id == Fetch.address_id)
        .outerjoin(request, request.id == Fetch.request_headers_id)
        .outerjoin(response, response.id == Fetch.response_headers_id)
        .where(Fetch.id.in_(ids))
    )
    return {
        it.id: {
            "kind": "fetch",
            "id": it.id,
            "run": it.run_id,
            "url": it.url or f"https:{it.key}",
            "fetched_at": _instant(it.fetched_at),
            "status": it.status,
            "error": it.error,
            "milliseconds": it.milliseconds,
            "peer": it.peer,
            "request_headers": list(map(list, joined(it.asked or [], it.request_values))),
            "response_headers": list(map(list, joined(it.came or [], it.response_values))),
            "digest": None if it.digest is None else it.digest.hex(),
            "cut": it.cut,
        }
        for it in rows
    }


def version_documents(session: Session, ids: Collection[int]) -> dict[int, Document]:
    """What the leaves of those of these versions say that are there, by id."""
    rows = session.execute(
        select(Version, Reading.extractor, Reading.template, Reading.input)
        .join(Reading, Reading.id == Version.reading_id)
        .where(Version.id.in_(ids))
    )
    return {
        version.id: {
            "kind": "version",
            "identifier": version.identifier,
            "article": version.article_id,
            "number": version.number,
            "fetch": version.fetch_id,
            "first_seen_at": _instant(version.first_seen_at),
            "digest": version.digest.hex(),
            "extractor": extractor,
            "template": template,
            "input": None if given is None else given.hex(),
            "content": version.recorded_content.hex(),
        }
        for version, extractor, template, given in rows
    }


def documents_of(session: Session, leaves: Sequence[Keys]) -> list[Document | None]:
    """What the archive has today of each of these; None for what is there no more."""
    fetches = {it.fetch_id for it in leaves if it.fetch_id is not None}
    versions = {it.version_id for it in leaves if it.version_id is not None}
    digests = {it.content_digest for it in leaves if it.content_digest is not None}
    of_fetches = fetch_documents(session, fetches) if fetches else {}
    of_versions = version_documents(session, versions) if versions else {}
    query = select(Content.digest).where(Content.digest.in_(digests))
    contents = set(session.scalars(query)) if digests else set()

    def document(it: Keys) -> Document | None:
        if it.fetch_id is not None:
            return of_fetches.get(it.fetch_id)
        if it.version_id is not None:
            return of_versions.get(it.version_id)
        return content_document(it.content_digest) if it.content_digest in contents else None

    return [document(it) for it in leaves]


def forget(
    session: Session,
    *,
    fetches: Collection[int] = (),
    versions: Collection[int] = (),
    contents: Collection[bytes] = (),
) -> None:
    """Destroy what lets these be guessed of the log: the salts of their leaves, and the digests of
    contents. The hashes stay. What is in no tree yet will be in none."""
    for key, wanted in (("fetch_id", fetches), ("version_id", versions)):
        if wanted:
            session.execute(update(Leaf).where(getattr(Leaf, key).in_(wanted)).values(salt=None))
            session.execute(delete(Unsealed).where(getattr(Unsealed, key).in_(wanted)))
    if contents:
        gone = {"salt": None, "content_digest": None}
        session.execute(update(Leaf).where(Leaf.content_digest.in_(contents)).values(gone))
        session.execute(delete(Unsealed).where(Unsealed.content_digest.in_(contents)))


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
