"""How many sitemaps a source may have: an index of indexes can name more without end."""

from collections.abc import Sequence

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from storage.frontier.addresses import address_key
from storage.frontier.enqueueing import Found
from storage.models import Address, AddressKind

MOST_SITEMAPS = 10_000
"""Of one source: one a day for 27 years."""
DEEPEST_SITEMAP = 4
"""Indexes of indexes that are followed; sitemaps.org has one index and the sitemaps it names."""

_CHUNK = 500  # keys a statement: SQLite takes 32,766 parameters


def within_bounds(
    session: Session, source_id: int, found: Sequence[Found]
) -> tuple[tuple[Found, ...], int]:
    """`found` without the sitemaps that are too many for the source, and how many those are."""
    keys = [address_key(item.url) for item in found if item.kind is AddressKind.SITEMAP]
    room = MOST_SITEMAPS - _sitemaps(session, source_id)
    if len(keys) <= room:
        return tuple(found), 0
    known = {
        key
        for start in range(0, len(keys), _CHUNK)
        for key in session.scalars(
            select(Address.key).where(Address.key.in_(keys[start : start + _CHUNK]))
        )
    }
    fresh = [key for key in dict.fromkeys(keys) if key not in known]
    surplus = set(fresh[max(0, room) :])
    kept = tuple(
        item
        for item in found
        if item.kind is not AddressKind.SITEMAP or address_key(item.url) not in surplus
    )
    return kept, len(surplus)


def _sitemaps(session: Session, source_id: int) -> int:
    # The literal is the index's.
    query = select(func.count()).where(
        Address.source_id == source_id, Address.kind == literal_column("'sitemap'")
    )
    return session.scalar(query) or 0
