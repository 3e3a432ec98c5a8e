"""Questions that the command line and other readers ask of the archive. Read-only."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.database.errors import NotFound
from storage.frontier.addresses import InvalidURL, address_key, normalize
from storage.frontier.listings import hints_of, published_as_listed
from storage.models import (
    Address,
    AddressKind,
    AddressLink,
    Article,
    ArticleState,
    Extraction,
    Frontier,
    LinkKind,
    Observation,
    Outcome,
    Source,
    Version,
    VersionState,
)

_MOST_REDIRECTS = 10  # in a row


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """One version of an article, read through its preferred extraction. Times are UTC.

    `published_at` is as the page says, or else as the feed or sitemap did that listed it.
    """

    version: int
    title: str
    text: str
    authors: list[str]
    published_at: datetime | None
    modified_at: datetime | None
    language: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    paragraphs: list[list[str]]
    removed: list[list[str]]
    details: dict[str, Any]
    digest: bytes
    extractor: str
    profile: str


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article with one of its versions. Times are UTC; `hints` are what listings said of it
    (storage.frontier.listings)."""

    id: int
    source: str
    url: str
    state: ArticleState
    first_seen_at: datetime
    versions: int
    shown: VersionRecord
    hints: list[dict[str, Any]]


def find_article(session: Session, name: str, *, unread: bool = False) -> Article:
    """The article with that id or at that URL, in any spelling; for one that was merged the one
    that has its versions now. Raises NotFound, for one without a version too unless `unread`."""
    article_id: int | None
    if name.isdecimal() and len(name) < 19:
        article_id = int(name)
    else:
        article_id = _led_to(session, find_address(session, name))
    article = None if article_id is None else session.get(Article, article_id)
    while article is not None and article.merged_into_id is not None:
        article = session.get_one(Article, article.merged_into_id)
    if article is None or (article.current_version_id is None and not unread):
        raise NotFound(f"no article {name} in the archive: try `permalien search` or `crawl`")
    return article


def _led_to(session: Session, address: Address | None) -> int | None:
    """The article that an address leads to, by itself or by its redirects."""
    for _ in range(_MOST_REDIRECTS):
        if address is None or address.article_id is not None:
            break
        address = session.scalar(
            select(Address)
            .join(AddressLink, AddressLink.to_id == Address.id)
            .where(AddressLink.from_id == address.id, AddressLink.kind == LinkKind.REDIRECT)
            .order_by(AddressLink.observation_id.desc())
            .limit(1)
        )
    return None if address is None else address.article_id


def find_address(session: Session, url: str) -> Address | None:
    """The address with that URL, in any spelling. Raises NotFound for what is no URL."""
    try:
        key = address_key(normalize(url if "//" in url else f"https://{url}"))
    except InvalidURL as error:
        raise NotFound(f"{url!r} is no article id and no URL: {error}") from error
    return session.scalar(select(Address).where(Address.key == key))


def article_record(session: Session, name: str, version: int | None = None) -> ArticleRecord:
    """The article with its current version, or with that one. Raises NotFound."""
    article = find_article(session, name)
    if version is None:
        wanted = VersionState.version_id == article.current_version_id
    else:
        wanted = VersionState.number == version
    records = _versions(session, article.id, wanted)
    if not records:
        raise NotFound(f"article {article.id} has no version {version}: see `permalien history`")
    count = session.scalar(select(func.count()).where(VersionState.article_id == article.id)) or 0
    return ArticleRecord(
        id=article.id,
        source=session.get_one(Source, article.source_id).name,
        url=article.url,
        state=article.state,
        first_seen_at=article.first_seen_at,
        versions=count,
        shown=records[0],
        hints=hints_of(session, article.id),
    )


def history(session: Session, article_id: int) -> list[VersionRecord]:
    """Every version of the article, the first one first."""
    return _versions(session, article_id)


def _versions(
    session: Session, article_id: int, *wanted: ColumnElement[bool]
) -> list[VersionRecord]:
    query: Select[Version, VersionState, Extraction, datetime | None] = (
        select(Version, VersionState, Extraction, published_as_listed())
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Extraction, Extraction.id == VersionState.extraction_id)
        .join(Article, Article.id == VersionState.article_id)
        .where(VersionState.article_id == article_id, *wanted)
        .order_by(VersionState.number)
    )
    return [
        VersionRecord(
            version=state.number,
            title=extraction.title,
            text=extraction.text,
            authors=extraction.authors,
            published_at=extraction.published_at or listed_at,
            modified_at=extraction.modified_at,
            language=extraction.language,
            first_seen_at=version.first_seen_at,
            last_seen_at=state.last_seen_at,
            paragraphs=extraction.paragraphs,
            removed=extraction.removed,
            details=extraction.details,
            digest=extraction.digest,
            extractor=extraction.extractor,
            profile=extraction.profile,
        )
        for version, state, extraction, listed_at in session.execute(query)
    ]


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
    rows = session.execute(
        select(
            Address.url,
            Observation.observed_at,
            Observation.outcome,
            Observation.status,
            VersionState.number,
            Observation.detail,
        )
        .join(Address, Address.id == Observation.address_id)
        .outerjoin(VersionState, VersionState.version_id == Observation.version_id)
        .where(Address.article_id == article_id)
        .order_by(Observation.id.desc())
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
            .where(of(Article.source_id), Article.current_version_id.is_not(None))
            .group_by(Article.source_id)
        ).all()
    )
    checked = dict(
        session.execute(
            select(Frontier.source_id, func.max(Frontier.checked_at))
            .where(of(Frontier.source_id), Frontier.attempts == 0)
            .group_by(Frontier.source_id)
        ).all()
    )
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
        )
        for source in session.scalars(select(Source).where(of(Source.id)).order_by(Source.name))
    ]
