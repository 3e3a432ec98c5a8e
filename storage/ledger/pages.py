"""Stored pages: what was fetched and kept, ready to be read, the first time or again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.errors import NotFound
from storage.ledger.headers import joined
from storage.ledger.payloads import load_payload
from storage.ledger.tdm_files import tdm_files_at
from storage.models import Address, Fetch, Frontier, HeaderSet


@dataclass(frozen=True, slots=True)
class PendingPage:
    """A page whose payload is in the archive and still to be extracted."""

    address_id: int
    source_id: int
    fetch_id: int
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A fetch with its payload. `headers` has the last value of each name, as sent; `url` is as
    asked; `tdm_file` is the site's tdmrep.json as it was known then."""

    url: str
    digest: bytes
    headers: dict[str, str]
    body: bytes
    fetched_at: datetime
    tdm_file: bytes | None = None


def load_page(session: Session, fetch_id: int) -> StoredPage:
    """The page that this fetch brought. Raises NotFound."""
    page = load_pages(session, [fetch_id]).get(fetch_id)
    if page is None:
        raise NotFound(f"no stored page of fetch {fetch_id}")
    return page


def load_pages(session: Session, fetch_ids: Sequence[int]) -> dict[int, StoredPage]:
    """The pages that these fetches brought, by the fetch; without those that are not there."""
    rows = session.execute(
        select(
            Fetch.id,
            Fetch.url,
            Address.key,
            Fetch.digest,
            Fetch.fetched_at,
            Fetch.response_values,
            HeaderSet.headers,
        )
        .join(Address, Address.id == Fetch.address_id)
        .outerjoin(HeaderSet, HeaderSet.id == Fetch.response_headers_id)
        .where(Fetch.id.in_(fetch_ids), Fetch.digest.is_not(None))
    ).all()
    at = {row.id: (row.url or f"https:{row.key}", row.fetched_at) for row in rows}
    tdm_files = tdm_files_at(session, at.values())
    pages = {}
    for row in rows:
        try:
            body = load_payload(session, row.digest)
        except NotFound:
            continue
        pages[row.id] = StoredPage(
            url=at[row.id][0],
            digest=row.digest,
            headers=joined(row.headers or [], row.response_values).by_name(),
            body=body,
            fetched_at=row.fetched_at,
            tdm_file=tdm_files.get(at[row.id]),
        )
    return pages


def pending_pages(session: Session, source_ids: Collection[int]) -> list[PendingPage]:
    """The pages of these sources that wait for extraction, the oldest first."""
    rows = session.execute(
        select(Frontier.address_id, Frontier.source_id, Fetch.id, Fetch.fetched_at)
        .join(Fetch, Fetch.id == Frontier.pending_fetch_id)
        .where(Frontier.source_id.in_(source_ids), Frontier.pending_fetch_id.is_not(None))
        .order_by(Frontier.pending_fetch_id)
    )
    return [PendingPage(*row) for row in rows]
