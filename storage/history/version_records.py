"""The versions of an article, each as its best reading gives it. Read-only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from storage.frontier.listings import published_as_listed
from storage.models import Article, Extraction, Version, VersionState


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """One version of an article, read through its preferred extraction. Times are UTC.

    `published_at` is as the page says, or else as the feed or sitemap did that listed it.
    """

    version: int
    title: str
    text: str
    authors: list[str]
    published_at: datetime | None
    modified_at: datetime | None
    language: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    paragraphs: list[list[str]]
    removed: list[list[str]]
    details: dict[str, Any]
    digest: bytes
    extractor: str
    profile: str


def history(session: Session, article_id: int) -> list[VersionRecord]:
    """Every version of the article, the first one first."""
    return versions_of(session, article_id)


def versions_of(
    session: Session, article_id: int, *wanted: ColumnElement[bool]
) -> list[VersionRecord]:
    query: Select[Version, VersionState, Extraction, datetime | None] = (
        select(Version, VersionState, Extraction, published_as_listed())
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Extraction, Extraction.id == VersionState.extraction_id)
        .join(Article, Article.id == VersionState.article_id)
        .where(VersionState.article_id == article_id, *wanted)
        .order_by(VersionState.number)
    )
    return [
        VersionRecord(
            version=state.number,
            title=extraction.title,
            text=extraction.text,
            authors=extraction.authors,
            published_at=extraction.published_at or listed_at,
            modified_at=extraction.modified_at,
            language=extraction.language,
            first_seen_at=version.first_seen_at,
            last_seen_at=state.last_seen_at,
            paragraphs=extraction.paragraphs,
            removed=extraction.removed,
            details=extraction.details,
            digest=extraction.digest,
            extractor=extraction.extractor,
            profile=extraction.profile,
        )
        for version, state, extraction, listed_at in session.execute(query)
    ]
