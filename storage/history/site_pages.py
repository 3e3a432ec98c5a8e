"""What is known of a source's pages that were taken for articles: those fetched last, and those
that were dismissed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import (
    Address,
    Article,
    Content,
    PageSample,
    Reading,
    ReadingDetail,
    Version,
    VersionState,
)
from storage.templates.samples import SAMPLE

MOST_DISMISSED: Final = 100
"""Dismissed articles of a source that are looked at again, those dismissed last."""

_LISTED_BY: Final = frozenset({"guid", "published_in"})


@dataclass(frozen=True, slots=True)
class KnownPage:
    """An article in its current version, as it is read best.

    `dismissed_as` begins with the kind of page that it proved to be, None of an article.
    `published_at` is in the zone that the page gave; `listed` is whether a feed or a news sitemap
    named it.
    """

    article_id: int
    version_id: int
    fetch_id: int
    url: str
    dismissed_as: str | None
    kind: str
    title: str
    paragraphs: Sequence[str]
    summary: str | None
    section: str | None
    authors: Sequence[str]
    published_at: datetime | None
    listed: bool
    detail: bytes


def known_pages(session: Session, source_id: int) -> list[KnownPage]:
    """The source's articles whose pages were fetched last, and those that were dismissed."""
    latest = (
        select(Address.article_id)
        .join(PageSample, PageSample.address_id == Address.id)
        .where(PageSample.source_id == source_id)
        .order_by(PageSample.fetched_at.desc())
        .limit(SAMPLE)
    )
    dismissed = (
        select(Article.id)
        .where(Article.source_id == source_id, Article.dismissed_as.is_not(None))
        .order_by(Article.id.desc())
        .limit(MOST_DISMISSED)
    )
    found = session.scalars(select(latest.subquery()).union(select(dismissed.subquery())))
    return _known(session, sorted(it for it in found if it is not None))


def shown_beside(session: Session, pages: Sequence[KnownPage]) -> dict[int, list[str]]:
    """What these pages show beside their texts, by article."""
    rows = session.execute(
        select(ReadingDetail.digest, ReadingDetail.removed).where(
            ReadingDetail.digest.in_({page.detail for page in pages})
        )
    )
    removed = {digest: [text for _, text in pairs] for digest, pairs in rows}
    return {page.article_id: removed.get(page.detail, []) for page in pages}


def _known(session: Session, article_ids: Sequence[int]) -> list[KnownPage]:
    listed = _listed(session, article_ids)
    details = ReadingDetail.details
    rows = session.execute(
        select(
            Article.id,
            Article.url,
            Article.dismissed_as,
            Version.id.label("version_id"),
            Version.fetch_id,
            Content,
            details["kind"].as_string().label("kind"),
            details["description"].as_string().label("summary"),
            details["section"].as_string().label("section"),
            ReadingDetail.digest,
        )
        .join(Version, Version.id == Article.current_version_id)
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Content, Content.digest == Reading.content_digest)
        .join(ReadingDetail, ReadingDetail.digest == Reading.detail_digest)
        .where(Article.id.in_(article_ids))
        .order_by(Article.id)
    )
    return [_page(row, listed=row.id in listed) for row in rows]


def _page(row: Any, *, listed: bool) -> KnownPage:
    content: Content = row.Content
    return KnownPage(
        article_id=row.id,
        version_id=row.version_id,
        fetch_id=row.fetch_id,
        url=row.url,
        dismissed_as=row.dismissed_as,
        kind=row.kind or "article",
        title=content.title,
        paragraphs=[text for _, text in content.paragraphs],
        summary=row.summary,
        section=row.section,
        authors=content.authors,
        published_at=_as_given(content),
        listed=listed,
        detail=row.digest,
    )


def _as_given(content: Content) -> datetime | None:
    at, offset = content.published_at, content.published_offset
    if at is None or offset is None:
        return at
    return at.astimezone(timezone(timedelta(minutes=offset)))


def _listed(session: Session, article_ids: Collection[int]) -> set[int]:
    """Those of these articles that a feed or a news sitemap named."""
    rows = session.execute(
        select(Address.article_id, Address.hints).where(
            Address.article_id.in_(article_ids), Address.hints.is_not(None)
        )
    )
    return {
        article_id
        for article_id, hints in rows
        if article_id is not None and not _LISTED_BY.isdisjoint(hints or {})
    }
