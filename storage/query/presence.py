"""Whether articles were there at a time in the past, by what was checked or recorded until then."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from storage.history.presence import state_of
from storage.history.retractions import standing
from storage.models import Address, ArticleState, Fetch, Finding, Meaning

AWAY: Final = frozenset(ArticleState) - {ArticleState.LIVE, ArticleState.WALLED}
"""The states of an article that readers can't see."""


@dataclass(slots=True)
class Past:
    """An article as it stood at a time: its state by its latest conclusive check at each address,
    and when each of its versions had last been seen."""

    state: ArticleState = ArticleState.LIVE
    last_seen: dict[int, datetime] = field(default_factory=dict)
    _showing: set[int] = field(default_factory=set)

    def see(self, address_id: int, version_id: int, at: datetime) -> None:
        self._showing.add(address_id)
        self.state = ArticleState.LIVE
        self.last_seen[version_id] = max(at, self.last_seen.get(version_id, at))

    def miss(self, address_id: int, state: ArticleState) -> None:
        self._showing.discard(address_id)
        if not self._showing:
            self.state = state


def past_of(
    session: Session,
    article_ids: Sequence[int],
    *,
    as_of: datetime | None = None,
    known_by: datetime | None = None,
) -> dict[int, Past]:
    """How these articles stood by the checks made until `as_of` and recorded until `known_by`."""
    found: dict[int, Past] = {article_id: Past() for article_id in article_ids}
    rows = session.execute(_checks(article_ids, as_of, known_by)).all()
    seen = {row.version_id for row in rows if row.version_id is not None}
    instead = standing(session, seen, known_by=known_by)
    for row in rows:
        past = found[row.article_id]
        if row.version_id is not None:
            shown = instead.get(row.version_id, row.version_id)
            past.see(row.address_id, shown, row.fetched_at)
            if shown != row.version_id:
                past.see(row.address_id, row.version_id, row.fetched_at)
            continue
        state = state_of(row.outcome, row.reason)
        if state is not None and (state is ArticleState.WALLED or row.meaning is Meaning.REMOVED):
            past.miss(row.address_id, state)
    return found


def _checks(
    article_ids: Sequence[int], as_of: datetime | None, known_by: datetime | None
) -> Select[*tuple[object, ...]]:
    later = aliased(Finding)
    latest = select(func.max(later.number)).where(later.fetch_id == Finding.fetch_id)
    if known_by is not None:
        latest = latest.where(later.recorded_at <= known_by)
    statement = (
        select(
            Address.article_id,
            Fetch.address_id,
            Fetch.fetched_at,
            Finding.version_id,
            Finding.outcome,
            Finding.meaning,
            Finding.reason,
        )
        .join(Fetch, Fetch.address_id == Address.id)
        .join(Finding, Finding.fetch_id == Fetch.id)
        .where(
            Address.article_id.in_(article_ids),
            Finding.number == latest.correlate(Finding).scalar_subquery(),
        )
        .order_by(Fetch.id)
    )
    if as_of is not None:
        statement = statement.where(Fetch.fetched_at <= as_of)
    return statement
