"""Which addresses are one article, decided after the fact: merges and splits.

A decision keeps what both articles were before: it can be undone (history.identity_undoing). An
address that leads to an article is not looked at for evidence again (history.identity), so nothing
that a page says later undoes a decision.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from storage.database.errors import NotFound, Refused
from storage.history.article_histories import (
    MEANWHILE,
    address_ids_of,
    bring_in_line,
    history_of,
    latest_shown,
    lead,
    lock,
    retire,
    set_histories,
    versions_of,
)
from storage.history.identity import current_text, read_alike
from storage.history.lookup import find_address, find_article
from storage.models import (
    Address,
    AddressLink,
    Article,
    IdentityChange,
    IdentityDecision,
    LinkKind,
)


def merge(session: Session, keep: str, other: str, *, now: datetime) -> IdentityDecision:
    """Make the article `other` (URL or id) part of `keep`: one history, in the order first seen.

    Current is the last version that an address still shows. Raises NotFound and Refused.
    """
    into, gone = (find_article(session, name, unread=True) for name in (keep, other))
    if into.id == gone.id:
        raise Refused(f"{keep} and {other} are one article already: {into.id}")
    if into.source_id != gone.source_id:
        raise Refused(f"{into.url} and {gone.url} are of different sources, so two articles")
    return _merge(session, into, gone, now)


def merge_moved(
    session: Session, address_id: int, fetch_id: int, *, now: datetime
) -> IdentityDecision | None:
    """Make the article that an address redirects to part of the one that the address leads to.

    None where there aren't two, where they read differently, and where something was decided
    about these two before: a redirect does not undo a decision.
    """
    target = aliased(Address)
    row = session.execute(
        select(Address.article_id, target.article_id)
        .join(AddressLink, AddressLink.from_id == Address.id)
        .join(target, target.id == AddressLink.to_id)
        .where(
            Address.id == address_id,
            AddressLink.kind == LinkKind.REDIRECT,
            target.source_id == Address.source_id,
            target.article_id != Address.article_id,
        )
        .order_by(AddressLink.fetch_id.desc())
        .limit(1)
    ).one_or_none()
    pair = sorted(article_id for article_id in row or () if article_id is not None)
    if len(pair) < 2:
        return None
    decided = select(IdentityDecision.id).where(
        IdentityDecision.from_article_id.in_(pair), IdentityDecision.to_article_id.in_(pair)
    )
    one, other = (current_text(session, article_id) for article_id in pair)
    if one is None or other is None or not read_alike(one, other):
        return None
    if session.scalar(decided.limit(1)) is not None:
        return None
    into, gone = (session.get_one(Article, article_id) for article_id in pair)
    decision = _merge(session, into, gone, now)
    decision.fetch_id = fetch_id
    return decision


def _merge(session: Session, into: Article, gone: Article, now: datetime) -> IdentityDecision:
    lock(session, into, gone)
    moved = address_ids_of(session, gone.id)
    decision = _decide(session, IdentityChange.MERGE, gone, into, moved, now)
    versions = [row.id for row in versions_of(session, into.id, gone.id)]
    lead(session, moved, into)
    set_histories(session, {into.id: versions})
    retire(session, gone, into)
    bring_in_line(session, into, latest_shown(session, into), now)
    return decision


def split(session: Session, url: str, *, now: datetime) -> IdentityDecision:
    """Make an address, and the versions that were first seen there, an article of their own.

    One that shows a version of the article it leaves is read again by the next crawl, and so gets
    a version of its own. Raises NotFound and Refused.
    """
    address = find_address(session, url)
    if address is None or address.article_id is None:
        raise NotFound(f"no article at {url}: `permalien articles show` names an article's URLs")
    old = session.get_one(Article, address.article_id)
    lock(session, old)
    leading = set(address_ids_of(session, old.id))
    if address.id not in leading:
        raise Refused(MEANWHILE)
    others = leading - {address.id}
    if not others:
        raise Refused(f"{address.url} is the only address of article {old.id}: nothing to split")
    versions = versions_of(session, old.id)
    moved = [row.id for row in versions if row.address_id == address.id]
    stay = [row.id for row in versions if row.address_id != address.id]
    if not stay:
        other = session.get_one(Address, min(others))
        raise Refused(
            f"every version of article {old.id} was first seen at {address.url}: "
            f"split its other addresses off, such as {other.url}"
        )
    new = Article(source_id=old.source_id, url=address.url, state=old.state, first_seen_at=now)
    session.add(new)
    session.flush()
    decision = _decide(session, IdentityChange.SPLIT, old, new, [address.id], now)
    lead(session, [address.id], new)
    set_histories(session, {new.id: moved, old.id: stay})
    if old.url == address.url:
        old.url = session.get_one(Address, min(others)).url
    bring_in_line(session, new, latest_shown(session, new), now)
    kept = old.current_version_id
    bring_in_line(session, old, kept if kept in stay else latest_shown(session, old), now)
    return decision


def _decide(
    session: Session,
    change: IdentityChange,
    origin: Article,
    taker: Article,
    address_ids: Sequence[int],
    now: datetime,
) -> IdentityDecision:
    decision = IdentityDecision(
        change=change,
        from_article_id=origin.id,
        to_article_id=taker.id,
        address_ids=list(address_ids),
        before={
            str(article.id): {
                "versions": history_of(session, article.id),
                "current": article.current_version_id,
                "url": article.url,
            }
            for article in (origin, taker)
        },
        decided_at=now,
    )
    session.add(decision)
    session.flush()
    return decision
