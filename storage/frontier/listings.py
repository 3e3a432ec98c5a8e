"""Where a source lists its articles: front page, feeds and sitemaps, what each gave last, and what
they say of articles.

What is said of an address is kept with it (Address.hints): `title`, `guid`, `listed_url`,
`published_at` and `modified_at` in ISO 8601 with the zone that was given, and in `published_in` and
`modified_in` the kind of listing that said so.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from storage.ledger.findings import of_fetch, outcome_of_fetch, reason_of_fetch
from storage.models import Address, AddressKind, Article, Fetch, Finding, Outcome, Source

MODIFIED_HINTS = ("modified_at", "modified_in")
_OF_THE_ADDRESS = ("guid", "listed_url")
_CHUNK = 500  # addresses a statement: SQLite takes 32,766 parameters


@dataclass(slots=True)
class Listing:
    """A source's listings. `found` is (kind, url, detail) of feeds and sitemaps that answered;
    `error` what its front page gave instead of a page."""

    source: str
    url: str
    reached: bool = False
    error: str | None = None
    found: list[tuple[AddressKind, str, str]] = field(default_factory=list)

    def as_document(self) -> dict[str, Any]:
        """As --json prints it."""
        return {
            "source": self.source,
            "url": self.url,
            "reached": self.reached,
            "error": self.error,
            "found": [
                {"kind": kind.value, "url": url, "detail": detail}
                for kind, url, detail in self.found
            ],
        }


def listings(session: Session, source_ids: Sequence[int]) -> list[Listing]:
    """The listings of each source, by the name of the source."""
    sources = session.scalars(
        select(Source).where(Source.id.in_(source_ids)).order_by(Source.name)
    ).all()
    by_id = {source.id: Listing(source.name, source.url) for source in sources}
    latest = (
        select(func.max(Fetch.id))
        .where(Fetch.address_id == Address.id)
        .correlate(Address)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Address.source_id,
            Address.kind,
            Address.url,
            outcome_of_fetch(),
            reason_of_fetch(),
        )
        .join(Fetch, Fetch.id == latest)
        .outerjoin(Finding, of_fetch())
        .where(
            Address.source_id.in_(source_ids),
            Address.kind.not_in([AddressKind.PAGE, AddressKind.SECTION]),
        )
        .order_by(Address.kind, Address.url)
    )
    for source_id, kind, url, outcome, detail in rows:
        listing = by_id[source_id]
        answered = outcome in (Outcome.FETCHED, Outcome.UNCHANGED)
        if kind in (AddressKind.FEED, AddressKind.SITEMAP):
            if answered:
                listing.reached = True
                listing.found.append((kind, url, detail or ""))
        elif answered:
            listing.reached = True
        elif kind is AddressKind.FRONT:
            listing.error = ": ".join(part for part in (outcome.value, detail) if part)
    return list(by_id.values())


def published_as_listed() -> ScalarSelect[datetime | None]:
    """When an article was published by what feeds and sitemaps say of its addresses, the earliest
    time; None where they do not say. A subquery of one that selects from Article."""
    return (
        select(func.min(Address.published_at))
        .where(Address.article_id == Article.id)
        .correlate(Article)
        .scalar_subquery()
    )


def modified_at(hints: dict[str, Any] | None) -> datetime | None:
    """When listings say that the page was last modified."""
    said = (hints or {}).get("modified_at")
    return datetime.fromisoformat(said).astimezone(UTC) if isinstance(said, str) else None


def said_modified(session: Session, address_ids: Sequence[int]) -> dict[int, datetime]:
    """When listings say that these addresses' pages were last modified, where they do."""
    by_kind = modified_by_kind(session, address_ids).values()
    return {address_id: at for said in by_kind for address_id, at in said.items()}


def modified_by_kind(
    session: Session, address_ids: Sequence[int]
) -> dict[str, dict[int, datetime]]:
    """The same by the kind of listing that said so."""
    said: dict[str, dict[int, datetime]] = {}
    for start in range(0, len(address_ids), _CHUNK):
        some = Address.id.in_(address_ids[start : start + _CHUNK])
        for address_id, hints in session.execute(select(Address.id, Address.hints).where(some)):
            at = modified_at(hints)
            if at is not None:
                said.setdefault(str((hints or {}).get("modified_in")), {})[address_id] = at
    return said


def other_articles(session: Session, source_id: int, *, without: Set[int], limit: int) -> list[int]:
    """Addresses of a source that show articles, by id, those that became known last first."""
    latest = session.scalars(
        select(Address.id)
        .where(Address.source_id == source_id, Address.article_id.is_not(None))
        .order_by(Address.id.desc())
        .limit(limit + len(without))
    )
    return [address_id for address_id in latest if address_id not in without][:limit]


def without_identity(hints: dict[str, Any] | None) -> dict[str, Any] | None:
    """The hints that hold as well of another address of the same page, None for none."""
    kept = {name: it for name, it in (hints or {}).items() if name not in _OF_THE_ADDRESS}
    return kept or None


def hints_of(session: Session, article_id: int) -> list[dict[str, Any]]:
    """What listings said of each of the article's addresses, in the order these became known."""
    rows = session.scalars(
        select(Address.hints)
        .where(Address.article_id == article_id, Address.hints.is_not(None))
        .order_by(Address.id)
    )
    return [hints for hints in rows if hints is not None]
