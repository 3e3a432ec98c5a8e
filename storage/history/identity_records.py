"""Why an article's addresses are one article: the evidence, and what an operator decided."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from storage.ledger.findings import of_fetch
from storage.ledger.spans import Span, span_of
from storage.models import (
    Address,
    AddressLink,
    Article,
    ArticleState,
    Fetch,
    Finding,
    IdentityChange,
    IdentityDecision,
    LinkKind,
    Source,
    VersionState,
)


class Relation(StrEnum):
    """How an address is tied to another."""

    REDIRECTED_FROM = "redirected-from"
    REDIRECTS_TO = "redirects-to"
    NAMES_CANONICAL = "names-canonical"
    NAMED_CANONICAL_BY = "named-canonical-by"
    SAME_GUID = "same-guid"
    SAME_WORDS = "same-words"


_RELATIONS = {  # from the link's beginning, and from its end
    LinkKind.REDIRECT: (Relation.REDIRECTS_TO, Relation.REDIRECTED_FROM),
    LinkKind.CANONICAL: (Relation.NAMES_CANONICAL, Relation.NAMED_CANONICAL_BY),
    LinkKind.GUID: (Relation.SAME_GUID, Relation.SAME_GUID),
    LinkKind.SAME_WORDS: (Relation.SAME_WORDS, Relation.SAME_WORDS),
}


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties an address to another at `url`, and when a check first showed it."""

    relation: Relation
    url: str
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A merge or split: which addresses went from one article to another. `by_redirect` says that
    no operator decided it, but a redirect between two articles that were known already."""

    id: int
    change: IdentityChange
    from_article: int
    to_article: int
    urls: list[str]
    by_redirect: bool
    decided_at: datetime
    undone_at: datetime | None


@dataclass(slots=True)
class AddressRecord:
    """An address of an article. `first_seen_at` is when it first showed a version; `decisions` are
    the ids of those in force that moved it, the first one first."""

    url: str
    guid: str | None
    first_seen_at: datetime | None
    ties: list[Tie] = field(default_factory=list)
    decisions: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """An article, its addresses, and the decisions in force on it. `url` is the canonical address
    of when it was first seen, and stays; `current_url` is where that one redirects to since."""

    id: int
    source: str
    url: str
    current_url: str
    state: ArticleState
    versions: int
    addresses: list[AddressRecord]
    decisions: list[DecisionRecord]


def identity_record(session: Session, article: Article) -> IdentityRecord:
    """What is known of the article's identity."""
    addresses = session.scalars(
        select(Address).where(Address.article_id == article.id).order_by(Address.id)
    ).all()
    span = span_of(session, [article.id])
    first_seen = _first_seen(session, [address.id for address in addresses], span)
    records = {
        address.id: AddressRecord(address.url, address.guid, first_seen.get(address.id))
        for address in addresses
    }
    _add_ties(session, article.id, records)
    decisions = _decisions(session, article.id)
    for decision in decisions:
        for address_id in decision.address_ids:
            if address_id in records:
                records[address_id].decisions.append(decision.id)
    versions = select(func.count()).where(VersionState.article_id == article.id)
    return IdentityRecord(
        id=article.id,
        source=session.get_one(Source, article.source_id).name,
        url=article.url,
        current_url=_current(article.url, records.values()),
        state=article.state,
        versions=session.scalar(versions) or 0,
        addresses=list(records.values()),
        decisions=[decision_record(session, decision) for decision in decisions],
    )


def _current(url: str, addresses: Collection[AddressRecord]) -> str:
    """Where the address leads, by the latest redirects among the article's addresses; the address
    itself where they lead in a circle."""
    targets = {
        it.url: tie.url
        for it in addresses
        for tie in it.ties
        if tie.relation is Relation.REDIRECTS_TO
    }
    known, current = {it.url for it in addresses}, url
    for _ in known:
        following = targets.get(current)
        if following not in known:
            return current
        current = following
    return url


def decision_record(session: Session, decision: IdentityDecision) -> DecisionRecord:
    """The decision, with its addresses' URLs."""
    urls = session.scalars(
        select(Address.url).where(Address.id.in_(decision.address_ids)).order_by(Address.id)
    )
    return DecisionRecord(
        id=decision.id,
        change=decision.change,
        from_article=decision.from_article_id,
        to_article=decision.to_article_id,
        urls=list(urls),
        by_redirect=decision.fetch_id is not None,
        decided_at=decision.decided_at,
        undone_at=decision.undone_at,
    )


def _first_seen(session: Session, address_ids: Collection[int], span: Span) -> dict[int, datetime]:
    rows = session.execute(
        select(Fetch.address_id, func.min(Fetch.fetched_at))
        .join(Finding, of_fetch(span))
        .where(Fetch.address_id.in_(address_ids), Finding.version_id.is_not(None))
        .group_by(Fetch.address_id)
    )
    return dict(rows.all())


def _add_ties(session: Session, article_id: int, records: dict[int, AddressRecord]) -> None:
    """The links of the article's addresses, those that lead to another article aside."""
    start, end = aliased(Address), aliased(Address)
    rows = session.execute(
        select(AddressLink, start, end, Fetch.fetched_at)
        .join(start, start.id == AddressLink.from_id)
        .join(end, end.id == AddressLink.to_id)
        .join(Fetch, Fetch.id == AddressLink.fetch_id)
        .where(
            # By the links' own indices; what else is asked could be told of addresses alone.
            or_(AddressLink.from_id.in_(list(records)), AddressLink.to_id.in_(list(records))),
            or_(
                and_(start.article_id == article_id, _is_or_none(end, article_id)),
                and_(end.article_id == article_id, _is_or_none(start, article_id)),
            ),
        )
        .order_by(AddressLink.fetch_id, AddressLink.from_id)
    )
    for link, first, second, observed_at in rows:
        outwards, inwards = _RELATIONS[link.kind]
        for one, relation, other in ((first, outwards, second), (second, inwards, first)):
            # Two addresses of one guid may each have been linked to the other.
            ties = records[one.id].ties if one.id in records else []
            if all((tie.relation, tie.url) != (relation, other.url) for tie in ties):
                ties.append(Tie(relation, other.url, observed_at))


def _is_or_none(address: type[Address], article_id: int) -> ColumnElement[bool]:
    return or_(address.article_id == article_id, address.article_id.is_(None))


def _decisions(session: Session, article_id: int) -> Sequence[IdentityDecision]:
    """Those in force on the article and on what was merged into it, the first one first."""
    ids = {article_id}
    while True:
        found = session.scalars(
            select(IdentityDecision)
            .where(
                IdentityDecision.undone_at.is_(None),
                or_(
                    IdentityDecision.from_article_id.in_(ids),
                    IdentityDecision.to_article_id.in_(ids),
                ),
            )
            .order_by(IdentityDecision.id)
        ).all()
        merged = {it.from_article_id for it in found if it.change is IdentityChange.MERGE}
        if merged <= ids:
            return found
        ids |= merged
