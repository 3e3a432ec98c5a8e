"""Undoing what was decided on which addresses are one article (history.identity_decisions).

A decision keeps what both articles were before, so that undoing it restores just that; what was
seen since goes with the address it was seen at. A later decision on one of the articles has to be
undone first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select, union
from sqlalchemy.orm import Session

from storage.database.errors import NotFound, Refused
from storage.history.article_histories import (
    address_ids_of,
    bring_in_line,
    lead,
    lock,
    retire,
    set_histories,
    versions_of,
)
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.findings import of_fetch
from storage.models import (
    Address,
    AddressLink,
    Article,
    Fetch,
    Finding,
    IdentityChange,
    IdentityDecision,
    LinkKind,
)


@dataclass(frozen=True, slots=True)
class _Before:
    """What an article was: its version ids in order, the current one, and its URL."""

    versions: list[int]
    current: int | None
    url: str


def undo(session: Session, decision_id: int | None, *, now: datetime) -> IdentityDecision:
    """Undo a decision that is in force: that one, or the last. Raises NotFound and Refused."""
    decision = _in_force(session, decision_id)
    origin = session.get_one(Article, decision.from_article_id)
    taker = session.get_one(Article, decision.to_article_id)
    lock(session, origin, taker)
    _refuse_before_later(session, decision)
    decision.undone_at = now
    if decision.change is IdentityChange.MERGE:
        origin.merged_into_id = None
        back = _with_followers(session, decision)
    else:
        back = set(address_ids_of(session, taker.id))
    versions = versions_of(session, origin.id, taker.id)
    lead(session, back, origin)
    before = {article.id: _before(decision, article) for article in (origin, taker)}
    since = [row for row in versions if all(row.id not in it.versions for it in before.values())]
    if decision.change is IdentityChange.MERGE:
        parts = {
            origin: [row.id for row in since if row.address_id in back],
            taker: [row.id for row in since if row.address_id not in back],
        }
    else:
        parts = {origin: [row.id for row in since]}
    set_histories(
        session,
        {article.id: before[article.id].versions + later for article, later in parts.items()},
    )
    if decision.change is IdentityChange.SPLIT:
        retire(session, taker, origin)
    for article, later in parts.items():
        article.url = before[article.id].url
        bring_in_line(session, article, later[-1] if later else before[article.id].current, now)
    return decision


def _in_force(session: Session, decision_id: int | None) -> IdentityDecision:
    if decision_id is None:
        decision = session.scalar(
            select(IdentityDecision)
            .where(IdentityDecision.undone_at.is_(None))
            .order_by(IdentityDecision.id.desc())
            .limit(1)
            .with_for_update()
        )
        if decision is None:
            raise NotFound("no decision is in force: nothing to undo")
        return decision
    known = session.get(IdentityDecision, decision_id, with_for_update=True)
    if known is None:
        raise NotFound(f"no decision {decision_id}: `permalien articles show` names an article's")
    if known.undone_at is not None:
        raise Refused(f"decision {decision_id} was undone already")
    return known


def _refuse_before_later(session: Session, decision: IdentityDecision) -> None:
    both = (decision.from_article_id, decision.to_article_id)
    later = session.scalar(
        select(IdentityDecision.id)
        .where(
            IdentityDecision.id > decision.id,
            IdentityDecision.undone_at.is_(None),
            or_(
                IdentityDecision.from_article_id.in_(both),
                IdentityDecision.to_article_id.in_(both),
            ),
        )
        .order_by(IdentityDecision.id.desc())
        .limit(1)
    )
    if later is not None:
        raise Refused(
            f"decision {later} came after decision {decision.id} on the same article: "
            f"`permalien articles undo {later}` first"
        )


def _before(decision: IdentityDecision, article: Article) -> _Before:
    return _Before(**decision.before[str(article.id)])


def _with_followers(session: Session, decision: IdentityDecision) -> set[int]:
    """The addresses that were merged, and those that have come to the article since on the
    evidence of these: what they redirected to, what named them canonical or had their guid."""
    since = first_id_at(decision.decided_at)
    known_before = exists().where(
        Fetch.address_id == Address.id,
        Fetch.id < since,
        of_fetch(),
        Finding.version_id.is_not(None),
    )
    found: set[int] = set()
    reached: Collection[int] = set(decision.address_ids)
    while reached:
        found |= set(reached)
        linked = union(
            select(AddressLink.to_id).where(
                AddressLink.from_id.in_(reached),
                AddressLink.kind == LinkKind.REDIRECT,
                AddressLink.fetch_id >= since,
            ),
            select(AddressLink.from_id).where(
                AddressLink.to_id.in_(reached),
                AddressLink.kind != LinkKind.REDIRECT,
                AddressLink.fetch_id >= since,
            ),
        )
        reached = set(
            session.scalars(
                select(Address.id).where(
                    Address.id.in_(linked),
                    Address.id.not_in(found),
                    Address.article_id == decision.to_article_id,
                    ~known_before,
                )
            )
        )
    return found
