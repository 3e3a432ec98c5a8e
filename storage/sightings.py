"""Sightings: an article was seen at one of its addresses, or was seen to be taken away.

An article is live while any of its addresses shows a version of it. What it is otherwise, the
latest removal says. A check that concludes nothing (a failure, a challenge) changes neither.
"""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from storage.models import Address, Article, ArticleState, Frontier, Version, VersionState


def record_sighting(
    session: Session, version_id: int, *, observation_id: int, seen_at: datetime
) -> None:
    """The version was seen: its article is live, and was so at `seen_at` at least."""
    session.execute(
        update(VersionState)
        .where(VersionState.version_id == version_id, VersionState.last_seen_at < seen_at)
        .values(last_seen_at=seen_at)
    )
    article_id = select(Version.article_id).where(Version.id == version_id).scalar_subquery()
    session.execute(
        update(Article)
        .where(Article.id == article_id, Article.state != ArticleState.LIVE)
        .values(state=ArticleState.LIVE, state_observation_id=observation_id)
        .execution_options(synchronize_session="fetch")
    )


def record_removal(
    session: Session, address_id: int, state: ArticleState, *, observation_id: int
) -> None:
    """The address shows its article no longer; `state` says how."""
    session.execute(
        update(Frontier).where(Frontier.address_id == address_id).values(version_id=None)
    )
    article_id = select(Address.article_id).where(Address.id == address_id).scalar_subquery()
    shown_elsewhere = exists().where(
        Address.article_id == Article.id,
        Frontier.address_id == Address.id,
        Frontier.version_id.is_not(None),
    )
    session.execute(
        update(Article)
        .where(Article.id == article_id, Article.state != state, ~shown_elsewhere)
        .values(state=state, state_observation_id=observation_id)
        .execution_options(synchronize_session="fetch")
    )
