"""What was redacted, who asked for it and why, and the rules that keep it away since."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.types import BigId, Digest, Document, PlainText, UtcDateTime, by_value
from storage.models.base import Base


class RedactionKind(StrEnum):
    """What was taken out."""

    WORDS = "words"
    WHOLE = "whole"


class RedactionScope(StrEnum):
    """Of what."""

    VERSION = "version"
    ARTICLE = "article"
    SOURCE = "source"
    ARCHIVE = "archive"


class RuleKind(StrEnum):
    """What a rule keeps away: words, an address, or the bytes of a page."""

    WORDS = "words"
    ADDRESS = "address"
    PAGE = "page"


class Redaction(Base):
    """A redaction that the law asked for. Never changes, but for when its files were cleaned. Its
    ids refer to nothing: what they name may be gone."""

    __tablename__ = "redaction"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[RedactionKind] = mapped_column(by_value(RedactionKind))
    scope: Mapped[RedactionScope] = mapped_column(by_value(RedactionScope))
    source_id: Mapped[int | None] = mapped_column(BigId, comment="null: of the whole archive")
    article_id: Mapped[int | None] = mapped_column(BigId)
    version_id: Mapped[int | None] = mapped_column(BigId)
    asked_by: Mapped[str] = mapped_column(PlainText, comment="who asked for it")
    reason: Mapped[str] = mapped_column(PlainText)
    redacted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counts: Mapped[dict[str, Any]] = mapped_column(
        Document, comment="how many rows of each kind were changed"
    )
    cleaned_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime,
        comment="when no file of the database and the index had it any more; null: not yet",
    )


class RedactionRule(Base):
    """What is kept away since, known by a keyed digest alone (docs/decisions/0043)."""

    __tablename__ = "redaction_rule"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    redaction_id: Mapped[int] = mapped_column(ForeignKey("redaction.id"), index=True)
    kind: Mapped[RuleKind] = mapped_column(by_value(RuleKind))
    key: Mapped[bytes] = mapped_column(LargeBinary(16), comment="random")
    length: Mapped[int] = mapped_column(comment="characters of the words; 0 where there are none")
    keyed: Mapped[bytes] = mapped_column(
        LargeBinary(16), comment="BLAKE2 of what is kept away, with the key"
    )


class RedactedVersion(Base):
    """A version of whose texts a redaction took something out."""

    __tablename__ = "redacted_version"

    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), primary_key=True)
    redaction_id: Mapped[int] = mapped_column(ForeignKey("redaction.id"), primary_key=True)


class RedactedPayload(Base):
    """A stored page that is not as it was fetched: a redaction, or its rule, took words out of it,
    or put a stand-in in its place. By its digest as it is now; of the one before nothing is kept.
    """

    __tablename__ = "redacted_payload"

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True, comment="as it is now")
    redaction_id: Mapped[int] = mapped_column(ForeignKey("redaction.id"), primary_key=True)
