"""Sightings: an article was seen at one of its addresses, or was seen to be taken away.

An article is live while any of its addresses shows a version of it. What it is otherwise, the
latest removal says. A check that concludes nothing (a failure, a challenge) changes neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from storage.frontier.addresses import is_front_page
from storage.models import (
    Address,
    Article,
    ArticleState,
    Frontier,
    Observation,
    Outcome,
    VersionState,
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A version was seen at `seen_at`, as the observation shows."""

    version_id: int
    observation_id: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """An address was seen to show its article no longer; `state` says how."""

    address_id: int
    observation_id: int
    state: ArticleState


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


def record_removals(session: Session, removals: Sequence[Removal]) -> None:
    """The addresses show their articles no longer; one that was asked and answered since is left
    to what it said then."""
    for removal in removals:
        later = select(Observation.id).where(
            Observation.address_id == removal.address_id,
            Observation.id > removal.observation_id,
            Observation.outcome.not_in([Outcome.FAILED, Outcome.BLOCKED]),
        )
        if session.scalar(later.limit(1)) is not None:
            continue
        session.execute(
            update(Frontier)
            .where(Frontier.address_id == removal.address_id)
            .values(version_id=None)
        )
        article_id = (
            select(Address.article_id).where(Address.id == removal.address_id).scalar_subquery()
        )
        shown_elsewhere = exists().where(
            Address.article_id == Article.id,
            Frontier.address_id == Address.id,
            Frontier.version_id.is_not(None),
        )
        session.execute(
            update(Article)
            .where(Article.id == article_id, Article.state != removal.state, ~shown_elsewhere)
            .values(state=removal.state, state_observation_id=removal.observation_id)
            .execution_options(synchronize_session="fetch")
        )


def state_of(outcome: Outcome, detail: str | None) -> ArticleState | None:
    """What a check's outcome and detail say of an article that was there; None where they say
    nothing about it."""
    match outcome, detail:
        case Outcome.GONE, _:
            return ArticleState.GONE
        case Outcome.NOT_FOUND, "soft-404":
            return ArticleState.SOFT_404
        case Outcome.NOT_FOUND, _:
            return ArticleState.NOT_FOUND
        case Outcome.MOVED, str() if is_front_page(detail):
            return ArticleState.TO_FRONT_PAGE
        case Outcome.MOVED, _:
            return ArticleState.MOVED
        case (Outcome.PAYWALL | Outcome.CHALLENGE, _) | (Outcome.BLOCKED, "consent"):
            return ArticleState.WALLED
    return None
