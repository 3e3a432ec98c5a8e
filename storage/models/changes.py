"""What changed in the archive, in the order in which it became durable, for whoever follows it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.types import BigId, UtcDateTime
from storage.models.base import Base


class ChangeKind(StrEnum):
    """What changed."""

    VERSION = "version"  # an article has a version more
    READING = "reading"  # a version is read better
    HISTORY = "history"  # a version stands in another article, or at another place
    ARTICLE = "article"  # its URL, its current version, what it was merged into
    PRESENCE = "presence"  # it was removed, or came back
    DATE = "date"  # a feed or sitemap dates it
    RETRACTED = "retracted"  # a version turned out to be none
    SOURCE = "source"  # a source was added, or is another
    REDACTED = "redacted"  # words of a version, or all of it, were taken out
    REMOVED = "removed"  # an article was removed from the archive, with its record


class Change(Base):
    """A change that whoever follows the archive has to know. Written by triggers, whoever wrote
    the row that changed; never changes. Its ids refer to nothing: what they name may be gone.
    """

    __tablename__ = "change"
    __table_args__ = (Index(None, "transaction_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    transaction_id: Mapped[int] = mapped_column(
        BigId,
        comment="PostgreSQL's, which tells what is durable; 0 on SQLite, which has one writer",
    )
    kind: Mapped[ChangeKind] = mapped_column(String(20))
    article_id: Mapped[int | None] = mapped_column(BigId)
    version_id: Mapped[int | None] = mapped_column(BigId)
    source_id: Mapped[int | None] = mapped_column(BigId)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="by the database's clock")


class ArchiveIdentity(Base):
    """The archive's own name, so that what follows it knows which one it follows: one row."""

    __tablename__ = "archive_identity"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="a UUID")
