"""How sources were watched: pages of sources, and one source's days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.frontier.sources import find_source
from storage.models import Article, Source
from storage.review.health_findings import health_findings
from storage.review.source_days import Day, SourceDays, days_of_sources

__all__ = [
    "Day",
    "WatchedSource",
    "count_articles",
    "count_sources",
    "source_names",
    "watched_source",
    "watched_sources",
]

PAGE: Final = 30
"""Sources of a page."""

_LATELY: Final = 30  # days


@dataclass(frozen=True, slots=True)
class WatchedSource:
    """A source with its latest days, and what stands out in them."""

    id: int
    name: str
    url: str
    enabled: bool
    added_at: datetime
    removed_at: datetime | None
    good_at: datetime | None
    told: SourceDays
    findings: tuple[str, ...]


def watched_sources(
    session: Session, *, now: datetime, days: int, after: str = "", beginning: str = ""
) -> tuple[list[WatchedSource], bool]:
    """A page of the sources in force, by name: those after that name, whose names begin so; and
    whether there are more."""
    wanted = select(Source).where(Source.name > after, Source.removed_at.is_(None))
    if beginning:
        wanted = wanted.where(Source.name.startswith(beginning.lower(), autoescape=True))
    found = session.scalars(wanted.order_by(Source.name).limit(PAGE + 1)).all()
    told = days_of_sources(session, found[:PAGE], now=now, days=days)
    return [_watched(it) for it in told], len(found) > PAGE


def watched_source(session: Session, name: str, *, now: datetime, days: int) -> WatchedSource:
    """One source, those too that were removed; what stands out is of the last thirty days. Raises
    NotFound."""
    source = find_source(session, name)
    (told,) = days_of_sources(session, [source], now=now, days=days)
    (lately,) = days_of_sources(session, [source], now=now, days=_LATELY)
    return replace(_watched(told), findings=tuple(health_findings(lately)))


def count_articles(session: Session, source_id: int) -> int:
    """How many articles the archive has of the source."""
    counted = select(func.count()).where(
        Article.source_id == source_id,
        Article.current_version_id.is_not(None),
        Article.dismissed_as.is_(None),
    )
    return session.scalar(counted) or 0


def source_names(session: Session, limit: int) -> list[str]:
    """The names of the sources in force, by name, as many as `limit`."""
    wanted = select(Source.name).where(Source.removed_at.is_(None)).order_by(Source.name)
    return list(session.scalars(wanted.limit(limit)))


def count_sources(session: Session) -> int:
    """How many sources are in force."""
    counted = select(func.count()).select_from(Source).where(Source.removed_at.is_(None))
    return session.scalar(counted) or 0


def watched_since(session: Session) -> datetime | None:
    """When the first source was added; None where there is none."""
    return session.scalar(select(func.min(Source.added_at)))


def _watched(told: SourceDays) -> WatchedSource:
    source = told.source
    findings: Sequence[str] = health_findings(told)
    return WatchedSource(
        id=source.id,
        name=source.name,
        url=source.url,
        enabled=source.enabled,
        added_at=source.added_at,
        removed_at=source.removed_at,
        good_at=source.good_at,
        told=told,
        findings=tuple(findings),
    )
