"""The versions of an article, each as its best reading gives it. Read-only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from storage.frontier.listings import published_as_listed
from storage.models import Article, Reading, Version, VersionState


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """One version of an article, read through its best reading. Times are UTC.

    `published_at` is as the page says, or else as the feed or sitemap did that listed it;
    `page_published_at` as the page says. `partial` is a text that a wall cuts short. `retracted_at`
    is when it was found to be no edit, None for one that stands.
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
    template: str
    version_id: int
    identifier: str
    fetch_id: int
    page_published_at: datetime | None
    partial: bool
    retracted_at: datetime | None = None


def history(session: Session, article_id: int, *, retracted: bool = False) -> list[VersionRecord]:
    """Every version of the article that stands, the first one first; with `retracted` the others
    too."""
    stands = () if retracted else (VersionState.retracted_at.is_(None),)
    return versions_of(session, article_id, *stands)


def versions_of(
    session: Session, article_id: int, *wanted: ColumnElement[bool]
) -> list[VersionRecord]:
    query: Select[Version, VersionState, Reading, datetime | None] = (
        select(Version, VersionState, Reading, published_as_listed())
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Article, Article.id == VersionState.article_id)
        .where(VersionState.article_id == article_id, *wanted)
        .order_by(VersionState.number)
    )
    return [
        VersionRecord(
            version=state.number,
            title=said.title,
            text=said.text,
            authors=said.authors,
            published_at=said.published_at or listed_at,
            modified_at=said.modified_at,
            language=said.language,
            first_seen_at=version.first_seen_at,
            last_seen_at=state.last_seen_at,
            paragraphs=said.paragraphs,
            removed=reading.detail.removed,
            details=reading.detail.details,
            digest=version.digest,
            extractor=reading.extractor,
            template=reading.template,
            version_id=version.id,
            identifier=version.identifier,
            fetch_id=version.fetch_id,
            page_published_at=said.published_at,
            partial=said.partial,
            retracted_at=state.retracted_at,
        )
        for version, state, reading, listed_at in session.execute(query)
        for said in (reading.content,)
    ]
