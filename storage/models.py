"""The archive's tables. The documented SQL interface is the views (docs/sql.md), not these.

A table is named in the singular; the views `articles`, `article_versions`, `observations` and
`sources` take the plural, so that they can stay when a table moves.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from storage.types import BigId, Digest, Document, PlainText, UtcDateTime, by_value


class AddressKind(StrEnum):
    """What an address is fetched for."""

    ROBOTS = "robots"
    FRONT = "front"
    SECTION = "section"
    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"


class Outcome(StrEnum):
    """What one check of one address found."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    MOVED = "moved"
    GONE = "gone"
    NOT_FOUND = "not-found"
    BLOCKED = "blocked"
    FAILED = "failed"
    CHALLENGE = "challenge"
    PAYWALL = "paywall"
    NOT_ARTICLE = "not-article"
    UNREADABLE = "unreadable"


class ArticleState(StrEnum):
    """Whether readers can still see an article, by its latest conclusive check."""

    LIVE = "live"
    GONE = "gone"
    NOT_FOUND = "not-found"
    SOFT_404 = "soft-404"
    MOVED = "moved"
    TO_FRONT_PAGE = "to-front-page"
    WALLED = "walled"


class LinkKind(StrEnum):
    """Why one address leads to another."""

    REDIRECT = "redirect"
    CANONICAL = "canonical"
    GUID = "guid"
    SAME_WORDS = "same-words"


class IdentityChange(StrEnum):
    """What an operator decided about which addresses are one article."""

    MERGE = "merge"
    SPLIT = "split"


class RunEnd(StrEnum):
    """How a run ended."""

    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    LOST = "lost"


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Source(Base):
    """A site: its discovery, cadence, politeness, and who is crawling it now."""

    __tablename__ = "source"
    __table_args__ = (
        CheckConstraint("delay >= 0", name="delay"),
        CheckConstraint("cadence > 0", name="cadence"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(
        String(255), unique=True, comment="host, with a port that is not its scheme's own"
    )
    url: Mapped[str] = mapped_column(PlainText, comment="front page")
    allow_private: Mapped[bool] = mapped_column(
        default=False, comment="may lead to loopback, private and link-local addresses"
    )
    delay: Mapped[float] = mapped_column(default=1.0, comment="seconds between two requests")
    cadence: Mapped[int] = mapped_column(default=900, comment="seconds between two looks at feeds")
    enabled: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_due_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, index=True, comment="a lower bound of its frontier's due times"
    )
    paused_until: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="asked by Retry-After, or taken for an outage"
    )
    lease_run_id: Mapped[int | None] = mapped_column(
        ForeignKey("run.id"), index=True, comment="the one run that may send requests now"
    )
    relearn: Mapped[bool] = mapped_column(
        default=False, comment="pages were sampled since its profile was learned"
    )
    edits: Mapped[float] = mapped_column(
        default=0.0, server_default=text("0"), comment="seen lately: storage.revisits"
    )
    exposure: Mapped[float] = mapped_column(
        default=0.0, server_default=text("0"), comment="in which they were seen: storage.revisits"
    )
    good_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when a run last came to the end of what was due"
    )


class Run(Base):
    """One crawl, so that a gap can be told from silence."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    software: Mapped[str] = mapped_column(String(100), comment="Permalien's version")
    settings: Mapped[dict[str, Any]] = mapped_column(Document)
    counts: Mapped[dict[str, Any]] = mapped_column(Document)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column()
    process_started: Mapped[str] = mapped_column(
        String(64), comment="tells a process from a later one with the same pid"
    )
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    ended_how: Mapped[RunEnd | None] = mapped_column(by_value(RunEnd))


class Article(Base):
    """The thing a publisher published, across its addresses."""

    __tablename__ = "article"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    url: Mapped[str] = mapped_column(PlainText, comment="canonical address")
    state: Mapped[ArticleState] = mapped_column(by_value(ArticleState), default=ArticleState.LIVE)
    state_observation_id: Mapped[int | None] = mapped_column(
        BigId, comment="the evidence for state"
    )
    current_version_id: Mapped[int | None] = mapped_column(
        BigId, comment="moves; versions do not. No foreign key: the two tables need each other"
    )
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("article.id"), comment="the article that has its versions now"
    )


class Address(Base):
    """A URL. Many may lead to one article."""

    __tablename__ = "address"
    __table_args__ = (Index(None, "source_id", "guid"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(
        Text, unique=True, comment="normalised URL without its scheme: http and https are one"
    )
    url: Mapped[str] = mapped_column(PlainText)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    kind: Mapped[AddressKind] = mapped_column(by_value(AddressKind))
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"), index=True)
    article: Mapped[Article | None] = relationship(lazy="raise")
    hints: Mapped[dict[str, Any] | None] = mapped_column(
        Document, comment="what the feed or sitemap said: title, published_at, guid, listed_url"
    )
    published_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="of the page, as a feed or sitemap first said"
    )
    guid: Mapped[str | None] = mapped_column(PlainText, comment="of the feed entry that named it")


class AddressLink(Base):
    """One address leads to another, with the observation that showed it."""

    __tablename__ = "address_link"

    from_id: Mapped[int] = mapped_column(ForeignKey("address.id"), primary_key=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("address.id"), primary_key=True, index=True)
    kind: Mapped[LinkKind] = mapped_column(by_value(LinkKind), primary_key=True)
    observation_id: Mapped[int] = mapped_column(BigId, comment="the first that showed it")


class IdentityDecision(Base):
    """A merge or split of articles, with all that is needed to undo it: an operator's, or what a
    redirect showed of two articles that were known already."""

    __tablename__ = "identity_decision"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    change: Mapped[IdentityChange] = mapped_column(by_value(IdentityChange))
    from_article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id"), comment="that gave what moved"
    )
    to_article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id"), comment="that has it since"
    )
    address_ids: Mapped[list[int]] = mapped_column(Document, comment="that moved")
    before: Mapped[dict[str, Any]] = mapped_column(
        Document, comment="of both, by id: versions in order, current, url"
    )
    observation_id: Mapped[int | None] = mapped_column(
        BigId, comment="of the redirect that showed it; none where an operator decided"
    )
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Frontier(Base):
    """What is to be fetched next, and when; one row an address."""

    __tablename__ = "frontier"
    __table_args__ = (
        Index(None, "source_id", "due_at"),
        Index(
            "ix_frontier_pending",
            "source_id",
            "pending_observation_id",
            sqlite_where=text("pending_observation_id IS NOT NULL"),
            postgresql_where=text("pending_observation_id IS NOT NULL"),
        ),
        Index(
            "ix_frontier_failing",
            "source_id",
            sqlite_where=text("attempts >= 3"),
            postgresql_where=text("attempts >= 3"),
        ),
    )

    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0, comment="failures in a row")
    hops: Mapped[int] = mapped_column(default=0, comment="redirects that led here")
    etag: Mapped[str | None] = mapped_column(PlainText)
    last_modified: Mapped[str | None] = mapped_column(PlainText)
    digest: Mapped[bytes | None] = mapped_column(Digest, comment="of the latest payload")
    version_id: Mapped[int | None] = mapped_column(
        BigId, comment="the version that it shows, None since it shows none"
    )
    pending_observation_id: Mapped[int | None] = mapped_column(
        BigId, comment="captured and not extracted yet"
    )
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when its content was last seen to change"
    )
    held: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="a check of it is held back by an alarm"
    )
    edits: Mapped[int] = mapped_column(
        default=0, server_default=text("0"), comment="that were seen here"
    )
    exposure: Mapped[float] = mapped_column(
        default=0.0, server_default=text("0"), comment="in which they were seen: storage.revisits"
    )


class Observation(Base):
    """One check of one address at one time. Narrow: it grows fastest.

    `id` orders by time: storage.observation_ids. On PostgreSQL the table is partitioned by month
    of `id`, and so nothing can refer to it by a foreign key.
    """

    __tablename__ = "observation"
    __table_args__ = (
        Index(None, "address_id", "id"),
        Index(None, "version_id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    address_id: Mapped[int] = mapped_column(BigId)
    run_id: Mapped[int] = mapped_column(BigId)
    observed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome] = mapped_column(by_value(Outcome))
    status: Mapped[int | None] = mapped_column(comment="of HTTP")
    digest: Mapped[bytes | None] = mapped_column(Digest, comment="of the payload")
    version_id: Mapped[int | None] = mapped_column(BigId, comment="the version that was seen")
    detail: Mapped[str | None] = mapped_column(
        PlainText, comment="error, reason, or redirect target"
    )
    milliseconds: Mapped[int | None] = mapped_column(comment="from request to the last byte")


class Payload(Base):
    """The bytes of a page, once per digest, content encodings undone."""

    __tablename__ = "payload"

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True, comment="SHA-256")
    size: Mapped[int] = mapped_column(comment="bytes before compression")
    encoding: Mapped[str] = mapped_column(String(20), comment="how data is compressed: zstd")
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Capture(Base):
    """A stored response: the observation it belongs to, its headers and its payload."""

    __tablename__ = "capture"

    observation_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(ForeignKey("payload.digest"), index=True)
    headers: Mapped[list[Any]] = mapped_column(Document, comment="[name, value] pairs")


class SiteProfile(Base):
    """What a site's template is, learned from its pages; one row each time it changed."""

    __tablename__ = "site_profile"
    __table_args__ = (UniqueConstraint("source_id", "digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    digest: Mapped[str] = mapped_column(String(64))
    profile: Mapped[str] = mapped_column(PlainText, comment="canonical JSON")
    pages: Mapped[int] = mapped_column(comment="it was learned from")
    learned_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProfileDecision(Base):
    """What an operator decided about a block of a site's template, whatever is learned of it."""

    __tablename__ = "profile_decision"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    decision: Mapped[str] = mapped_column(String(20), comment="always-remove or never-remove")
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PageOutline(Base):
    """A sampled page's blocks, for learning the site profile. Bounded a source."""

    __tablename__ = "page_outline"
    __table_args__ = (Index(None, "source_id", "rank"),)

    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    rank: Mapped[int] = mapped_column(BigId, comment="hash of the address: the lowest are kept")
    outline: Mapped[bytes] = mapped_column(LargeBinary, comment="zstd, a line a block")


class Extraction(Base):
    """What one extractor version with one site profile made of one payload."""

    __tablename__ = "extraction"
    __table_args__ = (
        UniqueConstraint("digest", "extractor", "profile"),
        Index(None, "fingerprint"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[bytes] = mapped_column(ForeignKey("payload.digest"))
    extractor: Mapped[str] = mapped_column(String(100))
    profile: Mapped[str] = mapped_column(String(64), comment="its digest, or empty for none")
    fingerprint: Mapped[bytes] = mapped_column(
        Digest, comment="of title and text, spaces and Unicode form aside"
    )
    title: Mapped[str] = mapped_column(PlainText)
    text: Mapped[str] = mapped_column(PlainText)
    authors: Mapped[list[str]] = mapped_column(Document)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    modified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    language: Mapped[str | None] = mapped_column(String(35), comment="BCP 47")
    paragraphs: Mapped[list[Any]] = mapped_column(Document, comment="[kind, text] pairs")
    details: Mapped[dict[str, Any]] = mapped_column(
        Document, comment="kind, section, tags, image, candidates of each field"
    )
    removed: Mapped[list[Any]] = mapped_column(Document, comment="[reason, text] pairs")


class Version(Base):
    """What an article's readers could see from one time to the next. Never changes."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    article: Mapped[Article] = relationship(lazy="raise")
    number: Mapped[int] = mapped_column(comment="1, 2, 3 … in the order seen")
    digest: Mapped[bytes] = mapped_column(ForeignKey("payload.digest"), index=True)
    extraction_id: Mapped[int] = mapped_column(
        ForeignKey("extraction.id"), comment="the one that made it a version"
    )
    observation_id: Mapped[int] = mapped_column(BigId, comment="the one that first saw it")
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VersionState(Base):
    """What of a version moves: when it was last seen, the extraction that reads it best, and,
    should articles be merged or split, the history it stands in and its number there."""

    __tablename__ = "version_state"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), primary_key=True)
    version: Mapped[Version] = relationship(lazy="raise")
    extraction_id: Mapped[int] = mapped_column(ForeignKey("extraction.id"), index=True)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    number: Mapped[int] = mapped_column(comment="1, 2, 3 … in that article's history")


class SourceDay(Base):
    """What was counted of a source on one day (UTC), a row a measure: storage.health."""

    __tablename__ = "source_day"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(BigId)


class Alarm(Base):
    """So much of a source changed at once that its template, and not its articles, is likely to
    have. Open until an operator clears it."""

    __tablename__ = "alarm"
    __table_args__ = (Index(None, "source_id", "cleared_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(PlainText)
    evidence: Mapped[dict[str, Any]] = mapped_column(Document, comment="what was counted")
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HeldCheck(Base):
    """A check whose finding was held back by an alarm: no edit and no removal came of it yet."""

    __tablename__ = "held_check"
    __table_args__ = (
        Index(
            "ix_held_check_unsettled",
            "address_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index(
            "ix_held_check_unsettled_of_alarm",
            "alarm_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    observation_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"))
    reason: Mapped[str] = mapped_column(PlainText, comment="what is doubtful about it")
    settled_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when it was taken into the record after all"
    )


class SearchDocument(Base):
    """The words of an article's current version, folded by storage.words, for full-text search.

    PostgreSQL keeps them as a tsvector under a GIN index; SQLite as text, which triggers hand to
    the FTS5 table `search_index`.
    """

    __tablename__ = "search_document"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    words: Mapped[str] = mapped_column(Text().with_variant(postgresql.TSVECTOR(), "postgresql"))
