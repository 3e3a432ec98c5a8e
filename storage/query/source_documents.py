"""Sources as documents: with their listings, and as whoever reads the archive may see them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.errors import Refused
from storage.frontier.sources import find_source
from storage.models import Reuse, Source
from storage.query.articles import SourceRecord, source_records
from storage.query.document_types import CoverageDocument
from storage.query.documents import coverage_document
from storage.query.listings import ListingRecord, listing_records
from storage.review.source_days import days_of_source


@dataclass(frozen=True, slots=True)
class ShownSource(SourceRecord):
    """A source with its front page, sections, feeds, sitemaps and robots.txt."""

    listings: list[ListingRecord]

    @classmethod
    def of(cls, record: SourceRecord, listings: list[ListingRecord]) -> "ShownSource":
        values: dict[str, Any] = {it.name: getattr(record, it.name) for it in fields(record)}
        return cls(**values, listings=listings)


# For whoever reads the archive: of sources of which something may be shown, without what their
# operator noted.


def source_page(session: Session, *, after: str, limit: int) -> tuple[Sequence[SourceRecord], bool]:
    """At most `limit` sources by name, those that follow the name `after`, removed ones too; and
    whether there are more."""
    shown = select(Source.id).where(Source.name > after, Source.may_show != Reuse.NONE)
    ids = session.scalars(shown.order_by(Source.name).limit(limit + 1)).all()
    records = source_records(session, ids[:limit])
    return [replace(it, notes=None) for it in records], len(ids) > limit


def source_of(session: Session, name: str) -> ShownSource:
    """The source of that name, host or address. Raises NotFound, and Refused."""
    source = _showable(session, name)
    (record,) = source_records(session, [source.id])
    return ShownSource.of(replace(record, notes=None), listing_records(session, source.id))


def coverage_of(session: Session, name: str, *, now: datetime, days: int) -> CoverageDocument:
    """How well the source was watched in the last `days` days. Raises NotFound, and Refused."""
    source = _showable(session, name)
    return coverage_document(days_of_source(session, source, now=now, days=days))


def _showable(session: Session, name: str) -> Source:
    source = find_source(session, name)
    if source.may_show is Reuse.NONE:
        raise Refused("nothing of this source may be shown")
    return source
