"""Sources as documents, a page at a time or one by its name."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.frontier.sources import find_source
from storage.models import Source
from storage.query.articles import source_records
from storage.query.document_types import CoverageDocument, ShownSourceDocument, SourceDocument
from storage.query.documents import coverage_document, shown_source_document, source_document
from storage.query.listings import listing_records
from storage.review.source_days import days_of_source


def source_page(session: Session, *, after: str, limit: int) -> tuple[list[SourceDocument], bool]:
    """At most `limit` sources by name, those that follow the name `after`, removed ones too; and
    whether there are more."""
    ids = session.scalars(
        select(Source.id).where(Source.name > after).order_by(Source.name).limit(limit + 1)
    ).all()
    records = source_records(session, ids[:limit])
    return [source_document(it) for it in records], len(ids) > limit


def source_of(session: Session, name: str) -> ShownSourceDocument:
    """The source of that name, host or address. Raises NotFound."""
    source = find_source(session, name)
    (record,) = source_records(session, [source.id])
    return shown_source_document(record, listing_records(session, source.id))


def coverage_of(session: Session, name: str, *, now: datetime, days: int) -> CoverageDocument:
    """How well the source was watched in the last `days` days. Raises NotFound."""
    source = find_source(session, name)
    return coverage_document(days_of_source(session, source, now=now, days=days))
