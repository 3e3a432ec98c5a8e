"""Articles' histories: which versions stand in one, which addresses lead to it, what is current.

Versions never change: what moves is the history a version stands in and its number there
(version_state), where its addresses lead, and what is current.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Session

from storage.database.errors import Refused
from storage.frontier.due import make_due
from storage.history.presence import state_of
from storage.history.retractions import settle_versions, standing
from storage.ledger.findings import of_fetch
from storage.models import (
    Address,
    Article,
    ArticleState,
    Fetch,
    Finding,
    Frontier,
    Meaning,
    Version,
    VersionState,
)

MEANWHILE = "another decision was made meanwhile: look at the articles again"


def lock(session: Session, *articles: Article) -> None:
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
        raise Refused(MEANWHILE)


def address_ids_of(session: Session, article_id: int) -> list[int]:
    query = select(Address.id).where(Address.article_id == article_id).order_by(Address.id)
    return list(session.scalars(query))


def history_of(session: Session, article_id: int) -> list[int]:
    return list(
        session.scalars(
            select(VersionState.version_id)
            .where(VersionState.article_id == article_id)
            .order_by(VersionState.number)
        )
    )


def versions_of(session: Session, *article_ids: int) -> Sequence[Row[int, int]]:
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


def next_numbers(session: Session, article_id: int) -> tuple[int, int]:
    """The numbers of the article's next version: its own, and the one in the history, which is
    another where articles were merged or split. The session is flushed."""
    session.flush()
    given = select(func.max(Version.number)).where(Version.article_id == article_id)
    placed = select(func.max(VersionState.number)).where(VersionState.article_id == article_id)
    return (session.scalar(given) or 0) + 1, (session.scalar(placed) or 0) + 1


def lead(session: Session, address_ids: Iterable[int], article: Article) -> None:
    """Let the addresses lead to the article."""
    session.execute(
        update(Address)
        .where(Address.id.in_(address_ids))
        .values(article_id=article.id)
        .execution_options(synchronize_session="fetch")
    )


def set_histories(session: Session, histories: Mapping[int, Sequence[int]]) -> None:
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
    settle_versions(session, [place["moved"] for place in places])


def retire(session: Session, article: Article, into: Article) -> None:
    """The article has nothing left: whoever asks for it is led to the other."""
    article.merged_into_id = into.id
    article.current_version_id = None


def latest_shown(session: Session, article: Article) -> int | None:
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


def bring_in_line(session: Session, article: Article, current: int | None, now: datetime) -> None:
    """Make the rest of the article agree with the history and the addresses it has now."""
    if current is not None:
        current = standing(session, [current]).get(current, current)
    article.current_version_id = current
    if current is not None:
        article.first_seen_at = session.scalars(
            select(Version.first_seen_at)
            .join(VersionState, VersionState.version_id == Version.id)
            .where(VersionState.article_id == article.id)
            .order_by(VersionState.number)
            .limit(1)
        ).one()
    _set_state(session, article)
    _read_again(session, article, now)


def _set_state(session: Session, article: Article) -> None:
    """Live while an address shows a version; otherwise what the latest removal says."""
    address_ids = address_ids_of(session, article.id)
    shown = session.scalar(
        select(Frontier.version_id)
        .where(Frontier.address_id.in_(address_ids), Frontier.version_id.is_not(None))
        .limit(1)
    )
    found = _latest_sight(session, address_ids) if shown else _removal(session, address_ids)
    if found is not None and found[0] is not article.state:
        article.state, article.state_fetch_id = found


def _latest_sight(session: Session, address_ids: Sequence[int]) -> tuple[ArticleState, int] | None:
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
