"""The stored bytes of a page, with what is known of the fetch that brought them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.errors import Damaged, NotFound, Refused
from storage.database.identifiers import parse_identifier
from storage.history.lookup import find_article, find_version
from storage.history.retractions import Retraction, retraction_of
from storage.ledger.findings import of_fetch
from storage.ledger.headers import Headers, joined
from storage.ledger.payloads import load_payload
from storage.ledger.spans import Span
from storage.models import (
    Address,
    Fetch,
    Finding,
    HeaderSet,
    Payload,
    Reuse,
    Source,
    Version,
)
from storage.query.rights import may_show


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page as it was fetched. `body` has its content encodings undone, and `sha256` is its
    digest; `cut` says that only its beginning was kept. `headers` are the answer's, in order, None
    for a value that is withheld. `retraction` is why the version that it was asked for is none,
    None where it stands or none was."""

    fetch_id: int
    url: str
    fetched_at: datetime
    status: int | None
    headers: Headers
    sha256: str
    cut: bool
    body: bytes
    retraction: Retraction | None = None


def page_record(session: Session, name: str) -> PageRecord:
    """The page of a version (its identifier), of a fetch (its id), or of an article's current
    version. Raises NotFound, Refused where the source's setting lets no page be shown, and Damaged
    where the bytes are not those that were stored."""
    fetch_id = _fetch_of(session, name)
    row = session.execute(
        select(Fetch, Address.key, HeaderSet.headers, Payload.digest)
        .join(Address, Address.id == Fetch.address_id)
        .outerjoin(HeaderSet, HeaderSet.id == Fetch.response_headers_id)
        .outerjoin(Payload, Payload.digest == Fetch.digest)
        .where(Fetch.id == fetch_id)
    ).one()
    fetch, key, headers, digest = row
    _require_shown(session, fetch_id)
    if digest is None:
        raise NotFound(f"fetch {fetch_id} brought no page that is kept")
    body = load_payload(session, digest)
    if hashlib.sha256(body).digest() != digest:
        raise Damaged(f"the bytes of payload {digest.hex()}")
    return PageRecord(
        fetch_id=fetch.id,
        url=fetch.url or f"https:{key}",
        fetched_at=fetch.fetched_at,
        status=fetch.status,
        headers=joined(headers or [], fetch.response_values),
        sha256=digest.hex(),
        cut=fetch.cut,
        body=body,
        retraction=_retraction(session, name),
    )


def _retraction(session: Session, name: str) -> Retraction | None:
    if parse_identifier(name) is None:
        return None
    return retraction_of(session, find_version(session, name).version_id)


def _require_shown(session: Session, fetch_id: int) -> None:
    setting, source, identifier = session.execute(
        select(Source.may_show, Source.name, Version.identifier)
        .join(Address, Address.source_id == Source.id)
        .join(Fetch, Fetch.address_id == Address.id)
        .outerjoin(Finding, of_fetch(Span(fetch_id, fetch_id)))
        .outerjoin(Version, Version.id == Finding.version_id)
        .where(Fetch.id == fetch_id)
    ).one()
    if setting is Reuse.AS_STATED and identifier is not None:
        setting = may_show(session, [identifier])[identifier]
    if setting is not Reuse.ALL:
        raise Refused(
            f"this page of {source} may not be shown: see `permalien sources show {source}`, and "
            "`permalien sources edit --may-show`"
        )


def _fetch_of(session: Session, name: str) -> int:
    if name.isdecimal() and len(name) < 20 and int(name) < 2**63:
        known = session.scalar(select(Fetch.id).where(Fetch.id == int(name)))
        if known is not None:
            return known
        if len(name) > 15:
            raise NotFound(f"no fetch {name} in the archive: the view `fetches` has their ids")
    if parse_identifier(name) is not None:
        version_id: int | None = find_version(session, name).version_id
    else:
        version_id = find_article(session, name).current_version_id
    return session.scalars(select(Version.fetch_id).where(Version.id == version_id)).one()
