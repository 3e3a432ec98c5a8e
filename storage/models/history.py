"""Articles, their versions, and how each was read."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.database.types import BigId, Digest, Document, PlainText, UtcDateTime, by_value
from storage.models.base import Base


class ArticleState(StrEnum):
    """Whether readers can still see an article, by its latest conclusive check."""

    LIVE = "live"
    GONE = "gone"
    NOT_FOUND = "not-found"
    SOFT_404 = "soft-404"
    MOVED = "moved"
    TO_FRONT_PAGE = "to-front-page"
    WALLED = "walled"


class IdentityChange(StrEnum):
    """What an operator decided about which addresses are one article."""

    MERGE = "merge"
    SPLIT = "split"


class Article(Base):
    """The thing a publisher published, across its addresses."""

    __tablename__ = "article"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    url: Mapped[str] = mapped_column(PlainText, comment="canonical address")
    state: Mapped[ArticleState] = mapped_column(by_value(ArticleState), default=ArticleState.LIVE)
    state_fetch_id: Mapped[int | None] = mapped_column(BigId, comment="the evidence for state")
    current_version_id: Mapped[int | None] = mapped_column(
        BigId,
        index=True,
        comment="moves; versions do not. No foreign key: the two tables need each other",
    )
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("article.id"), comment="the article that has its versions now"
    )


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
    fetch_id: Mapped[int | None] = mapped_column(
        BigId, comment="of the redirect that showed it; none where an operator decided"
    )
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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
    fetch_id: Mapped[int] = mapped_column(BigId, comment="the one that first saw it")
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
