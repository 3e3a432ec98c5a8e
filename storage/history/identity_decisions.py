"""Which addresses are one article, decided after the fact: merges, splits, and their undoing.

Versions never change: what moves is the history a version stands in and its number there
(version_state), where its addresses lead, and what is current. A decision keeps what both articles
were before, so that undoing it restores just that; what was seen since goes with the address it
was seen at. A later decision on one of the articles has to be undone first.

An address that leads to an article is not looked at for evidence again (history.identity), so
nothing that a page says later undoes a decision.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, bindparam, delete, exists, or_, select, union, update
from sqlalchemy.orm import Session, aliased

from storage.database.errors import NotFound, Refused
from storage.frontier.due import make_due
from storage.history.edit_rows import refresh_edits
from storage.history.identity import current_text, read_alike
from storage.history.lookup import find_address, find_article
from storage.history.presence import state_of
from storage.history.readings import index_articles
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.findings import of_fetch
from storage.models import (
    Address,
    AddressLink,
    Article,
    ArticleState,
    Content,
    Fetch,
    Finding,
    Frontier,
    IdentityChange,
    IdentityDecision,
    LinkKind,
    Meaning,
    Reading,
    SearchDocument,
    Version,
    VersionState,
)

_MEANWHILE = "another decision was made meanwhile: look at the articles again"


@dataclass(frozen=True, slots=True)
class _Before:
    """What an article was: its version ids in order, the current one, and its URL."""

    versions: list[int]
    current: int | None
    url: str


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
    _lock(session, into, gone)
    moved = _address_ids(session, gone.id)
    decision = _decide(session, IdentityChange.MERGE, gone, into, moved, now)
    versions = [row.id for row in _versions(session, into.id, gone.id)]
    _lead(session, moved, into)
    _set_histories(session, {into.id: versions})
    _retire(session, gone, into)
    _settle(session, into, _latest_shown(session, into), now)
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
    _lock(session, old)
    leading = set(_address_ids(session, old.id))
    if address.id not in leading:
        raise Refused(_MEANWHILE)
    others = leading - {address.id}
    if not others:
        raise Refused(f"{address.url} is the only address of article {old.id}: nothing to split")
    versions = _versions(session, old.id)
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
    _lead(session, [address.id], new)
    _set_histories(session, {new.id: moved, old.id: stay})
    if old.url == address.url:
        old.url = session.get_one(Address, min(others)).url
    _settle(session, new, _latest_shown(session, new), now)
    kept = old.current_version_id
    _settle(session, old, kept if kept in stay else _latest_shown(session, old), now)
    return decision


def undo(session: Session, decision_id: int | None, *, now: datetime) -> IdentityDecision:
    """Undo a decision that is in force: that one, or the last. Raises NotFound and Refused."""
    decision = _in_force(session, decision_id)
    origin = session.get_one(Article, decision.from_article_id)
    taker = session.get_one(Article, decision.to_article_id)
    _lock(session, origin, taker)
    _refuse_before_later(session, decision)
    decision.undone_at = now
    if decision.change is IdentityChange.MERGE:
        origin.merged_into_id = None
        back = _with_followers(session, decision)
    else:
        back = set(_address_ids(session, taker.id))
    versions = _versions(session, origin.id, taker.id)
    _lead(session, back, origin)
    before = {article.id: _before(decision, article) for article in (origin, taker)}
    since = [row for row in versions if all(row.id not in it.versions for it in before.values())]
    if decision.change is IdentityChange.MERGE:
        parts = {
            origin: [row.id for row in since if row.address_id in back],
            taker: [row.id for row in since if row.address_id not in back],
        }
    else:
        parts = {origin: [row.id for row in since]}
    _set_histories(
        session,
        {article.id: before[article.id].versions + later for article, later in parts.items()},
    )
    if decision.change is IdentityChange.SPLIT:
        _retire(session, taker, origin)
    for article, later in parts.items():
        article.url = before[article.id].url
        _settle(session, article, later[-1] if later else before[article.id].current, now)
    return decision


def _lock(session: Session, *articles: Article) -> None:
    """Let nobody change the articles, or what leads to them, before this transaction ends.

    A crawl locks in the same order. Raises Refused when another decision came in between.
    """
    ids = sorted(article.id for article in articles)
    was = {article.id: article.merged_into_id for article in articles}
    for table, key in ((Address, Address.article_id), (Article, Article.id)):
        session.scalars(
            select(table)
            .where(key.in_(ids))
            .order_by(table.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
    if any(article.merged_into_id != was[article.id] for article in articles):
        raise Refused(_MEANWHILE)


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
                "versions": _history(session, article.id),
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


def _before(decision: IdentityDecision, article: Article) -> _Before:
    return _Before(**decision.before[str(article.id)])


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


def _address_ids(session: Session, article_id: int) -> list[int]:
    query = select(Address.id).where(Address.article_id == article_id).order_by(Address.id)
    return list(session.scalars(query))


def _history(session: Session, article_id: int) -> list[int]:
    return list(
        session.scalars(
            select(VersionState.version_id)
            .where(VersionState.article_id == article_id)
            .order_by(VersionState.number)
        )
    )


def _versions(session: Session, *article_ids: int) -> Sequence[Row[int, int]]:
    """Id, and `address_id` where it was first seen, of the articles' versions: one's in the order
    of its history, two's in the order first seen."""
    query = (
        select(Version.id, Fetch.address_id)
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Fetch, Fetch.id == Version.fetch_id)
        .where(VersionState.article_id.in_(article_ids))
    )
    if len(article_ids) == 1:
        return session.execute(query.order_by(VersionState.number)).all()
    return session.execute(query.order_by(Version.first_seen_at, Version.id)).all()


def _lead(session: Session, address_ids: Iterable[int], article: Article) -> None:
    """Let the addresses lead to the article."""
    session.execute(
        update(Address)
        .where(Address.id.in_(address_ids))
        .values(article_id=article.id)
        .execution_options(synchronize_session="fetch")
    )


def _set_histories(session: Session, histories: Mapping[int, Sequence[int]]) -> None:
    """Give each article id these versions, numbered from 1.

    In two steps, by way of numbers below zero: no two versions have one place in between.
    """
    table = VersionState.metadata.tables["version_state"]
    places = [
        {"moved": version_id, "to": article_id, "place": -number}
        for article_id, version_ids in histories.items()
        for number, version_id in enumerate(version_ids, start=1)
    ]
    if not places:
        return
    connection = session.connection()
    connection.execute(
        update(table)
        .where(table.c.version_id == bindparam("moved"))
        .values(article_id=bindparam("to"), number=bindparam("place")),
        places,
    )
    connection.execute(
        update(table)
        .where(table.c.article_id.in_(list(histories)), table.c.number < 0)
        .values(number=-table.c.number)
    )
    refresh_edits(session, [place["moved"] for place in places])


def _retire(session: Session, article: Article, into: Article) -> None:
    """The article has nothing left: whoever asks for it is led to the other."""
    article.merged_into_id = into.id
    article.current_version_id = None
    _leave_out(session, article)


def _leave_out(session: Session, article: Article) -> None:
    """Let no search find it."""
    session.execute(delete(SearchDocument).where(SearchDocument.article_id == article.id))


def _settle(session: Session, article: Article, current: int | None, now: datetime) -> None:
    """Make the rest of the article agree with the history and the addresses it has now."""
    article.current_version_id = current
    if current is not None:
        article.first_seen_at = session.scalars(
            select(Version.first_seen_at)
            .join(VersionState, VersionState.version_id == Version.id)
            .where(VersionState.article_id == article.id)
            .order_by(VersionState.number)
            .limit(1)
        ).one()
        title, text = session.execute(
            select(Content.title, Content.text)
            .join(Reading, Reading.content_digest == Content.digest)
            .join(VersionState, VersionState.best_reading == Reading.id)
            .where(VersionState.version_id == current)
        ).one()
        index_articles(session, {article.id: (title, text)})
    else:
        _leave_out(session, article)
    _settle_state(session, article)
    _read_again(session, article, now)


def _latest_shown(session: Session, article: Article) -> int | None:
    """The last of the article's versions that one of its addresses shows; where none does, the one
    that was seen last."""
    shown = exists().where(
        Address.article_id == article.id,
        Frontier.address_id == Address.id,
        Frontier.version_id == VersionState.version_id,
    )
    query = select(VersionState.version_id).where(VersionState.article_id == article.id)
    return session.scalar(
        query.where(shown).order_by(VersionState.number.desc()).limit(1)
    ) or session.scalar(
        query.order_by(VersionState.last_seen_at.desc(), VersionState.number.desc()).limit(1)
    )


def _settle_state(session: Session, article: Article) -> None:
    """Live while an address shows a version; otherwise what the latest removal says."""
    address_ids = _address_ids(session, article.id)
    shown = session.scalar(
        select(Frontier.version_id)
        .where(Frontier.address_id.in_(address_ids), Frontier.version_id.is_not(None))
        .limit(1)
    )
    found = _sighting(session, address_ids) if shown else _removal(session, address_ids)
    if found is not None and found[0] is not article.state:
        article.state, article.state_fetch_id = found


def _sighting(session: Session, address_ids: Sequence[int]) -> tuple[ArticleState, int] | None:
    latest = session.scalar(
        select(Fetch.id)
        .join(Finding, of_fetch())
        .where(Fetch.address_id.in_(address_ids), Finding.version_id.is_not(None))
        .order_by(Fetch.id.desc())
        .limit(1)
    )
    return None if latest is None else (ArticleState.LIVE, latest)


def _removal(session: Session, address_ids: Sequence[int]) -> tuple[ArticleState, int] | None:
    """The latest check that says how the article was taken away; one that is undecided, or of a
    source that could not be reached, says nothing."""
    checks = session.execute(
        select(Fetch.id, Finding.outcome, Finding.reason)
        .join(Finding, of_fetch())
        .where(
            Fetch.address_id.in_(address_ids),
            Finding.version_id.is_(None),
            or_(
                Finding.meaning.is_(None),
                Finding.meaning.not_in((Meaning.UNDECIDED, Meaning.UNREACHABLE)),
            ),
        )
        .order_by(Fetch.id.desc())
    )
    for fetch_id, outcome, detail in checks:
        state = state_of(outcome, detail)
        if state is not None:
            return state, fetch_id
    return None


def _read_again(session: Session, article: Article, now: datetime) -> None:
    """Have the addresses read again that show a version of another article: the next crawl fetches
    them whole, and finds what they show of this one."""
    elsewhere = exists().where(
        VersionState.version_id == Frontier.version_id, VersionState.article_id != article.id
    )
    address_ids = session.scalars(
        select(Frontier.address_id)
        .join(Address, Address.id == Frontier.address_id)
        .where(Address.article_id == article.id, elsewhere)
    ).all()
    if not address_ids:
        return
    session.execute(
        update(Frontier)
        .where(Frontier.address_id.in_(address_ids))
        .values(digest=None, etag=None, last_modified=None)
        .execution_options(synchronize_session=False)
    )
    make_due(session, address_ids, now=now)


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
