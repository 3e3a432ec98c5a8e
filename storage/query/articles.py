"""Questions that the command line and other readers ask of the archive. Read-only."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from storage.database.errors import Damaged, NotFound
from storage.database.identifiers import parse_identifier
from storage.frontier.listings import hints_of
from storage.history.lookup import find_article, number_of
from storage.history.retractions import Retraction, retraction_of
from storage.history.version_records import VersionRecord, versions_of
from storage.ledger.findings import of_fetch, outcome_of_fetch, reason_of_fetch
from storage.ledger.spans import span_of
from storage.models import (
    Address,
    AddressKind,
    Article,
    ArticleState,
    BrowserNeed,
    BrowserUse,
    Fetch,
    Finding,
    Frontier,
    Outcome,
    Reuse,
    Source,
    VersionState,
)
from storage.redaction.notices import Notice, notice_of


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article with one of its versions. Times are UTC; `versions` are those that stand;
    `hints` are what listings said of it (storage.frontier.listings); `dismissed_as` is what it
    proved to be instead of an article. `retraction` is why the version that is shown was retracted,
    None where it stands; `redaction` why something of it was taken out, None where nothing was."""

    id: int
    source: str
    url: str
    state: ArticleState
    first_seen_at: datetime
    versions: int
    shown: VersionRecord
    hints: list[dict[str, Any]]
    dismissed_as: str | None = None
    retraction: Retraction | None = None
    redaction: Notice | None = None


def article_record(session: Session, name: str, version: int | str | None = None) -> ArticleRecord:
    """The article with its current version, or with that one, by its number or its identifier;
    with that one too where the article is named by a version's. Raises NotFound."""
    article = find_article(session, name)
    if version is None and parse_identifier(name) is not None:
        version = name
    if isinstance(version, str):
        version = number_of(session, article.id, version)
    if version is None:
        wanted = VersionState.version_id == article.current_version_id
    else:
        wanted = VersionState.number == version
    records = versions_of(session, article.id, wanted)
    if not records and version is None:
        raise Damaged(f"version {article.current_version_id}, or what reads it")
    if not records:
        raise NotFound(f"article {article.id} has no version {version}: see `permalien history`")
    stand = select(func.count()).where(
        VersionState.article_id == article.id, VersionState.retracted_at.is_(None)
    )
    return ArticleRecord(
        id=article.id,
        source=session.get_one(Source, article.source_id).name,
        url=article.url,
        state=_state(article.state, records[0].details),
        first_seen_at=article.first_seen_at,
        versions=session.scalar(stand) or 0,
        shown=records[0],
        hints=hints_of(session, article.id),
        dismissed_as=article.dismissed_as,
        retraction=retraction_of(session, records[0].version_id),
        redaction=notice_of(session, records[0].version_id),
    )


def _state(state: ArticleState, details: dict[str, Any]) -> ArticleState:
    """As the view `articles` has it: what shows but a part of its text is not there for all."""
    return ArticleState.WALLED if details.get("partial") and state is ArticleState.LIVE else state


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """One check of one of an article's addresses."""

    url: str
    observed_at: datetime
    outcome: Outcome
    status: int | None
    version: int | None
    detail: str | None


def article_checks(session: Session, article_id: int, limit: int) -> list[CheckRecord]:
    """The latest `limit` checks of the article, the latest first."""
    span = span_of(session, [article_id])
    rows = session.execute(
        select(
            Address.url,
            Fetch.fetched_at,
            outcome_of_fetch(),
            Fetch.status,
            VersionState.number,
            reason_of_fetch(),
        )
        .join(Address, Address.id == Fetch.address_id)
        .outerjoin(Finding, of_fetch(span))
        .outerjoin(VersionState, VersionState.version_id == Finding.version_id)
        .where(Address.article_id == article_id, span.holds(Fetch.id))
        .order_by(Fetch.id.desc())
        .limit(limit)
    )
    return [CheckRecord(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source with what the archive holds of it."""

    id: int
    name: str
    url: str
    delay: float
    cadence: int
    enabled: bool
    allow_private: bool
    feeds: int
    sitemaps: int
    pages: int
    articles: int
    next_due_at: datetime | None
    last_success_at: datetime | None
    good_at: datetime | None
    added_at: datetime
    resume_at: datetime | None
    paused_until: datetime | None
    removed_at: datetime | None
    terms: str | None
    notes: str | None
    hosts: list[str]
    run_id: int | None
    may_export: Reuse
    may_show: Reuse
    browser: BrowserUse
    browser_need: BrowserNeed


def source_records(
    session: Session, source_ids: Collection[int] | None = None
) -> list[SourceRecord]:
    """These sources, or every one, by name."""
    among = [] if source_ids is None else list(source_ids)

    def of(column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        return true() if source_ids is None else column.in_(among)

    kinds: dict[int, Counter[AddressKind]] = {}
    for source_id, kind, count in session.execute(
        select(Address.source_id, Address.kind, func.count())
        .where(of(Address.source_id), ~Address.excluded)
        .group_by(Address.source_id, Address.kind)
    ):
        kinds.setdefault(source_id, Counter())[kind] = count
    articles = dict(
        session.execute(
            select(Article.source_id, func.count())
            .where(
                of(Article.source_id),
                Article.current_version_id.is_not(None),
                Article.dismissed_as.is_(None),
            )
            .group_by(Article.source_id)
        ).all()
    )
    latest = (
        select(func.max(Frontier.checked_at))
        .where(Frontier.source_id == Source.id, Frontier.attempts == 0)
        .scalar_subquery()
    )
    checked = dict(session.execute(select(Source.id, latest).where(of(Source.id))).all())
    return [
        SourceRecord(
            id=source.id,
            name=source.name,
            url=source.url,
            delay=source.delay,
            cadence=source.cadence,
            enabled=source.enabled,
            allow_private=source.allow_private,
            feeds=kinds.get(source.id, Counter())[AddressKind.FEED],
            sitemaps=kinds.get(source.id, Counter())[AddressKind.SITEMAP],
            pages=kinds.get(source.id, Counter())[AddressKind.PAGE],
            articles=articles.get(source.id, 0),
            next_due_at=source.next_due_at,
            last_success_at=checked.get(source.id),
            good_at=source.good_at,
            added_at=source.added_at,
            resume_at=source.resume_at,
            paused_until=source.paused_until,
            removed_at=source.removed_at,
            terms=source.terms,
            notes=source.notes,
            may_export=source.may_export,
            may_show=source.may_show,
            browser=source.browser,
            browser_need=source.browser_need,
            hosts=[host.name for host in source.hosts],
            run_id=source.lease_run_id,
        )
        for source in session.scalars(
            select(Source)
            .options(selectinload(Source.hosts))
            .where(of(Source.id))
            .order_by(Source.name)
        )
    ]
