"""A source's listings as an operator reads of them: every one, and what it gave last."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Address, AddressKind, Observation, Outcome


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
        select(func.max(Observation.id))
        .where(Observation.address_id == Address.id)
        .correlate(Address)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Address.kind,
            Address.url,
            Address.excluded,
            Observation.observed_at,
            Observation.outcome,
            Observation.status,
            Observation.detail,
        )
        .outerjoin(Observation, Observation.id == latest)
        .where(Address.source_id == source_id, Address.kind != AddressKind.PAGE)
        .order_by(Address.kind, Address.url)
    )
    return [ListingRecord(*row) for row in rows]
