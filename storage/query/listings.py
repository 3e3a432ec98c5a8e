"""A source's listings as an operator reads of them: every one, and what it gave last."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from storage.ledger.findings import of_fetch, outcome_of_fetch, reason_of_fetch
from storage.models import Address, AddressKind, Fetch, Finding, Outcome


@dataclass(frozen=True, slots=True)
class ListingRecord:
    """A front page, section, feed, sitemap or robots.txt; `checked_at` and what follows are of the
    last look at it, None before the first. `excluded` is one that an operator dropped."""

    kind: AddressKind
    url: str
    excluded: bool
    checked_at: datetime | None
    outcome: Outcome | None
    status: int | None
    detail: str | None


def listing_records(session: Session, source_id: int) -> list[ListingRecord]:
    """Every listing of the source, by kind and URL."""
    latest = (
        select(func.max(Fetch.id))
        .where(Fetch.address_id == Address.id)
        .correlate(Address)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Address.kind,
            Address.url,
            Address.excluded,
            Fetch.fetched_at,
            case((Fetch.id.is_not(None), outcome_of_fetch())),
            Fetch.status,
            reason_of_fetch(),
        )
        .outerjoin(Fetch, Fetch.id == latest)
        .outerjoin(Finding, of_fetch())
        .where(Address.source_id == source_id, Address.kind != AddressKind.PAGE)
        .order_by(Address.kind, Address.url)
    )
    return [ListingRecord(*row) for row in rows]
