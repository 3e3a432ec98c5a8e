"""Articles, their versions, and how each was read."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.database.identifiers import LENGTH, version_identifier
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
    __table_args__ = (
        Index(
            "ix_article_current",
            "source_id",
            "current_version_id",
            "dismissed_as",
            info={"where": "current_version_id IS NOT NULL AND dismissed_as IS NULL"},
        ),
        Index(
            "ix_article_dismissed",
            "source_id",
            "id",
            info={"where": "dismissed_as IS NOT NULL"},
        ),
    )

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
    dismissed_as: Mapped[str | None] = mapped_column(
        PlainText, comment="what it proved to be instead of an article, and why"
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


def paragraphs_of(text: str, blocks: Sequence[Sequence[Any]]) -> list[list[str]]:
    """[kind, text] of each block of a content; of one without blocks each line is a paragraph."""
    if not blocks:
        return [["paragraph", line] for line in text.split("\n") if line]
    found, start = [], 0
    for kind, characters in blocks:
        found.append([kind, text[start : start + characters]])
        start += characters + 1
    return found


class Content(Base):
    """What a page says to its readers, once for all readings that say it. Never changes.

    A time is in UTC; beside it are the offset and the precision that the publisher gave.
    """

    __tablename__ = "content"

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True, comment="SHA-256 of the rest")
    fingerprint: Mapped[bytes] = mapped_column(
        Digest, index=True, comment="of title and text, spaces and Unicode form aside"
    )
    title: Mapped[str] = mapped_column(PlainText)
    text: Mapped[str] = mapped_column(PlainText, comment="a line a block")
    blocks: Mapped[list[Any]] = mapped_column(
        Document, comment="[kind, characters] of each part of the text, a line break between two"
    )
    authors: Mapped[list[str]] = mapped_column(Document)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_offset: Mapped[int | None] = mapped_column(comment="minutes east of UTC, as given")
    published_precision: Mapped[str | None] = mapped_column(
        String(10), comment="second, minute or day, as given"
    )
    modified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    modified_offset: Mapped[int | None] = mapped_column(comment="minutes east of UTC, as given")
    modified_precision: Mapped[str | None] = mapped_column(
        String(10), comment="second, minute or day, as given"
    )
    language: Mapped[str | None] = mapped_column(String(35), comment="BCP 47")
    paywalled: Mapped[bool | None] = mapped_column(comment="by the page's own word")
    partial: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="a text that a wall cuts short"
    )

    @property
    def paragraphs(self) -> list[list[str]]:
        """[kind, text] of each block."""
        return paragraphs_of(self.text, self.blocks)


class ReadingDetail(Base):
    """What else a reading made of a page, once for all that made the same."""

    __tablename__ = "reading_detail"

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True, comment="SHA-256 of the rest")
    details: Mapped[dict[str, Any]] = mapped_column(
        Document, comment="kind, section, tags, image, candidates of each field"
    )
    removed: Mapped[list[Any]] = mapped_column(Document, comment="[reason, text] pairs")


class Reading(Base):
    """What one extractor version with one template made of one page input. Never changes."""

    __tablename__ = "reading"
    __table_args__ = (UniqueConstraint("input", "extractor", "template"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    input: Mapped[bytes | None] = mapped_column(
        Digest,
        comment="SHA-256 of what extraction used of the page; null where that was not recorded",
    )
    digest: Mapped[bytes] = mapped_column(ForeignKey("payload.digest"), index=True)
    extractor: Mapped[str] = mapped_column(String(100))
    template: Mapped[str] = mapped_column(String(64), comment="its digest, or empty for none")
    content_digest: Mapped[bytes] = mapped_column(ForeignKey("content.digest"), index=True)
    content: Mapped[Content] = relationship(lazy="joined", innerjoin=True)
    detail_digest: Mapped[bytes] = mapped_column(ForeignKey("reading_detail.digest"), index=True)
    detail: Mapped[ReadingDetail] = relationship(lazy="joined", innerjoin=True)
    recorded_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="null where that was not recorded"
    )


def _identifier(context: DefaultExecutionContext) -> str:
    given: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return version_identifier(
        given["article_id"],
        given["number"],
        given["fetch_id"],
        given["digest"],
        given["recorded_content"],
    )


class Version(Base):
    """What an article's readers could see from one time to the next. Never changes."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    article: Mapped[Article] = relationship(lazy="raise")
    number: Mapped[int] = mapped_column(comment="1, 2, 3 … in the order seen")
    identifier: Mapped[str] = mapped_column(
        String(LENGTH), unique=True, default=_identifier, comment="permanent: to be cited"
    )
    digest: Mapped[bytes] = mapped_column(ForeignKey("payload.digest"), index=True)
    reading_id: Mapped[int] = mapped_column(
        ForeignKey("reading.id"), comment="the one that made it a version"
    )
    recorded_content: Mapped[bytes] = mapped_column(
        ForeignKey("content.digest"), index=True, comment="what that reading said: to be cited"
    )
    fetch_id: Mapped[int] = mapped_column(BigId, comment="the one that first saw it")
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VersionState(Base):
    """What of a version moves: when it was last seen, the reading that reads it best, whether it
    is retracted, and, should articles be merged or split, the history it stands in and its number
    there."""

    __tablename__ = "version_state"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), primary_key=True)
    version: Mapped[Version] = relationship(lazy="raise")
    best_reading: Mapped[int] = mapped_column(
        ForeignKey("reading.id"), index=True, comment="moves: the one it is read through"
    )
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    number: Mapped[int] = mapped_column(comment="1, 2, 3 … in that article's history")
    retracted_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when it was found to be no edit; null: it stands"
    )
    overruling_id: Mapped[int | None] = mapped_column(
        BigId, comment="by which an operator says that it is the site's"
    )


class Edit(Base):
    """What makes a version of the one before it in its article's history, as both are read now.
    Made of them, and made anew when a history or a reading moves (storage.history.edit_rows);
    triggers keep its `source_id`."""

    __tablename__ = "edit"
    __table_args__ = (Index(None, "source_id", "first_seen_at"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), primary_key=True)
    from_version_id: Mapped[int] = mapped_column(
        ForeignKey("version.id"), index=True, comment="the version before"
    )
    first_seen_at: Mapped[datetime] = mapped_column(
        UtcDateTime, index=True, comment="of the version"
    )
    source_id: Mapped[int | None] = mapped_column(comment="the article's source")
    from_content: Mapped[bytes] = mapped_column(Digest, comment="that was compared, of the before")
    to_content: Mapped[bytes] = mapped_column(Digest, comment="that was compared, of the version")
    completes: Mapped[bool] = mapped_column(
        comment="the whole text of which a part was known: no edit"
    )
    alternating: Mapped[bool] = mapped_column(
        comment="the words of the one before the last, as the one before has: two in turn"
    )
    headline: Mapped[bool] = mapped_column(comment="words of the title changed")
    standfirst: Mapped[bool] = mapped_column(comment="words of the standfirst changed")
    body: Mapped[bool] = mapped_column(comment="words of the rest changed")
    byline: Mapped[bool] = mapped_column(comment="the authors changed")
    publication_time: Mapped[bool] = mapped_column(comment="the page's published_at changed")
    addition: Mapped[bool] = mapped_column(comment="words came")
    deletion: Mapped[bool] = mapped_column(comment="words went")
    rewording: Mapped[bool] = mapped_column(comment="words came in place of others")
    numbers: Mapped[bool] = mapped_column(comment="a number changed")
    names: Mapped[bool] = mapped_column(comment="a name changed")
    quotations: Mapped[bool] = mapped_column(comment="quoted words changed")
    correction_notice: Mapped[bool] = mapped_column(comment="a note of correction came")
    typography: Mapped[bool] = mapped_column(comment="marks and spaces changed, and no word")
    modified_time: Mapped[bool] = mapped_column(comment="the page's modified_at changed")
    words_deleted: Mapped[int] = mapped_column(comment="that were taken out")
    words_inserted: Mapped[int] = mapped_column(comment="that were brought")
