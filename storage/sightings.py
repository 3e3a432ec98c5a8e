"""Sightings: an article was seen at one of its addresses, or was seen to be taken away.

An article is live while any of its addresses shows a version of it. What it is otherwise, the
latest removal says. A check that concludes nothing (a failure, a challenge) changes neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from storage.models import Address, Article, ArticleState, Frontier, VersionState


@dataclass(frozen=True, slots=True)
class Sighting:
    """A version was seen at `seen_at`, as the observation shows."""

    version_id: int
    observation_id: int
    seen_at: datetime


def record_sightings(session: Session, sightings: Sequence[Sighting]) -> None:
    """Versions were seen: their articles are live, and were so at those times at least."""
    if not sightings:
        return
    table = VersionState.metadata.tables["version_state"]
    session.connection().execute(
        update(table)
        .where(table.c.version_id == bindparam("seen"), table.c.last_seen_at < bindparam("at"))
        .values(last_seen_at=bindparam("at")),
        [{"seen": it.version_id, "at": it.seen_at} for it in sightings],
    )
    returned = session.execute(
        select(VersionState.version_id, VersionState.article_id)
        .join(Article, Article.id == VersionState.article_id)
        .where(
            VersionState.version_id.in_({it.version_id for it in sightings}),
            Article.state != ArticleState.LIVE,
        )
    )
    articles = dict(returned.all())
    for it in sightings:
        article_id = articles.get(it.version_id)
        if article_id is not None:
            session.execute(
                update(Article)
                .where(Article.id == article_id, Article.state != ArticleState.LIVE)
                .values(state=ArticleState.LIVE, state_observation_id=it.observation_id)
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
