"""Presence: an article was seen at one of its addresses, or was seen to be taken away.

An article is live while any of its addresses shows a version of it. What it is otherwise, the
latest removal says. A check that concludes nothing (a failure, a challenge) changes neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from storage.frontier.addresses import is_front_page
from storage.history.retractions import standing
from storage.ledger.findings import (
    NewFinding,
    is_of_a_wall,
    latest_findings,
    of_fetch,
    outcome_of_fetch,
    record_findings,
)
from storage.models import (
    Address,
    AddressLink,
    Article,
    ArticleState,
    Fetch,
    Finding,
    Frontier,
    LinkKind,
    Meaning,
    Outcome,
    VersionState,
)


@dataclass(frozen=True, slots=True)
class Presence:
    """A version was seen at `seen_at`, as the fetch shows."""

    version_id: int
    fetch_id: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """An address was seen to show its article no longer; `state` says how."""

    address_id: int
    fetch_id: int
    state: ArticleState


def record_presence(session: Session, seen: Sequence[Presence]) -> None:
    """Versions were seen: their articles are live, and were so at those times at least. One that
    is retracted was seen as the one that counts in its stead."""
    if not seen:
        return
    rows = session.execute(
        select(
            VersionState.version_id,
            VersionState.article_id,
            VersionState.retracted_at,
            Article.state != ArticleState.LIVE,
        )
        .join(Article, Article.id == VersionState.article_id)
        .where(
            VersionState.version_id.in_({it.version_id for it in seen}),
            or_(Article.state != ArticleState.LIVE, VersionState.retracted_at.is_not(None)),
        )
    ).all()
    articles = {version_id: article_id for version_id, article_id, _, away in rows if away}
    retracted = [version_id for version_id, _, retracted_at, _ in rows if retracted_at is not None]
    instead = standing(session, retracted) if retracted else {}
    times = [{"seen": it.version_id, "at": it.seen_at} for it in seen]
    times += [
        {"seen": instead[it.version_id], "at": it.seen_at}
        for it in seen
        if it.version_id in instead
    ]
    table = VersionState.metadata.tables["version_state"]
    session.connection().execute(
        update(table)
        .where(table.c.version_id == bindparam("seen"), table.c.last_seen_at < bindparam("at"))
        .values(last_seen_at=bindparam("at")),
        times,
    )
    for it in seen:
        article_id = articles.get(it.version_id)
        if article_id is not None:
            session.execute(
                update(Article)
                .where(Article.id == article_id, Article.state != ArticleState.LIVE)
                .values(state=ArticleState.LIVE, state_fetch_id=it.fetch_id)
            )


def record_removals(session: Session, removals: Sequence[Removal]) -> None:
    """The addresses show their articles no longer; one that was asked and answered since is left
    to what it said then, one that leads to where the article is, changed or not, to that, and an
    article that a later check of any address spoke of to what that said."""
    for removal in removals:
        later = (
            select(Fetch.id)
            .outerjoin(Finding, of_fetch())
            .where(
                Fetch.address_id == removal.address_id,
                Fetch.id > removal.fetch_id,
                outcome_of_fetch().not_in([Outcome.FAILED, Outcome.BLOCKED]),
            )
        )
        if session.scalar(later.limit(1)) is not None or _leads_to_undecided(session, removal):
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
        gone = session.scalars(
            update(Article)
            .where(
                Article.id == article_id,
                Article.state != removal.state,
                or_(Article.state_fetch_id.is_(None), Article.state_fetch_id < removal.fetch_id),
                ~shown_elsewhere,
            )
            .values(state=removal.state, state_fetch_id=removal.fetch_id)
            .returning(Article.id)
            .execution_options(synchronize_session="fetch")
        ).one_or_none()
        if gone is not None and removal.state is not ArticleState.WALLED:
            _find_removed(session, removal, gone)


def leads_to_a_wall(session: Session, address_id: int) -> bool:
    """Whether an address redirects to a page that is a wall, as a site does with who did not agree
    to its cookies yet."""
    link = (
        select(AddressLink.to_id)
        .where(AddressLink.from_id == address_id, AddressLink.kind == LinkKind.REDIRECT)
        .order_by(AddressLink.fetch_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    latest = (
        select(Fetch.id)
        .where(Fetch.address_id == link)
        .order_by(Fetch.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    wall = exists(select(Finding.fetch_id).where(Finding.fetch_id == latest, is_of_a_wall()))
    return bool(session.scalar(select(wall)))


def _leads_to_undecided(session: Session, removal: Removal) -> bool:
    """Whether an address redirects to another one of its article, whose last look was undecided."""
    if removal.state is not ArticleState.MOVED:
        return False
    target = aliased(Address)
    leads_to = session.scalar(
        select(target.id)
        .select_from(AddressLink)
        .join(Address, Address.id == AddressLink.from_id)
        .join(target, target.id == AddressLink.to_id)
        .where(
            AddressLink.from_id == removal.address_id,
            AddressLink.kind == LinkKind.REDIRECT,
            target.article_id == Address.article_id,
        )
        .order_by(AddressLink.fetch_id.desc())
        .limit(1)
    )
    if leads_to is None:
        return False
    meaning = session.scalar(
        select(Finding.meaning)
        .select_from(Fetch)
        .join(Finding, of_fetch())
        .where(Fetch.address_id == leads_to)
        .order_by(Fetch.id.desc())
        .limit(1)
    )
    return meaning is Meaning.UNDECIDED


def _find_removed(session: Session, removal: Removal, article_id: int) -> None:
    """Put on record that this check found the article removed."""
    known = latest_findings(session, [removal.fetch_id]).get(removal.fetch_id)
    outcome = Outcome.NOT_FOUND if known is None else known.outcome
    reason = None if known is None else known.reason
    finding = NewFinding(
        removal.fetch_id, outcome, Meaning.REMOVED, article_id=article_id, reason=reason
    )
    record_findings(session, [finding])


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
        case (Outcome.PAYWALL | Outcome.CHALLENGE, _):
            return ArticleState.WALLED
        case Outcome.BLOCKED, "consent" | "gate" | "needs-javascript":
            return ArticleState.WALLED
    return None
