"""How long after publication a source edits its articles."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.frontier.listings import published_as_listed
from storage.models import Article, Content, Edit, Reading, VersionState

MOST: Final = 1_000
"""Articles that are looked at: those first seen last."""

_BOUNDS: Final = (1, 2, 3, 6, 12, 24, 48, 168)  # hours


@dataclass(frozen=True, slots=True)
class Delay:
    """How many edits were first seen from `since` hours after publication on and before `until`,
    None for however long after."""

    since: int
    until: int | None
    edits: int


def edit_delays(session: Session, source_id: int) -> list[Delay]:
    """The edits of the source's latest articles, by the hours since publication."""
    latest = (
        select(Article.id)
        .where(Article.source_id == source_id, Article.dismissed_as.is_(None))
        .order_by(Article.id.desc())
        .limit(MOST)
        .subquery()
    )
    published_at = func.coalesce(Content.published_at, published_as_listed())
    rows = session.execute(
        select(Edit.first_seen_at, published_at)
        .select_from(latest)
        .join(Article, Article.id == latest.c.id)
        .join(VersionState, VersionState.article_id == Article.id)
        .join(Edit, Edit.version_id == VersionState.version_id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Content, Content.digest == Reading.content_digest)
        .where(~Edit.completes)
    )
    hours = [
        (seen - published) / timedelta(hours=1)
        for seen, published in rows
        if published is not None and seen >= published
    ]
    starts = (0, *_BOUNDS)
    ends = (*_BOUNDS, None)
    return [
        Delay(start, end, sum(start <= it and (end is None or it < end) for it in hours))
        for start, end in zip(starts, ends, strict=True)
    ]
