"""Re-extractions: how far each has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.types import BigId, Document, UtcDateTime
from storage.models.base import Base


class Reextraction(Base):
    """Stored pages that are read again, from the beginning to the end, whatever number of runs that
    takes. Versions are taken by source, and of each the newest first."""

    __tablename__ = "reextraction"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), comment="that works at it, or did")
    extractor: Mapped[str] = mapped_column(String(100), comment="that reads")
    asked: Mapped[dict[str, Any]] = mapped_column(Document, comment="which versions")
    total: Mapped[int] = mapped_column(comment="versions, when it began")
    done: Mapped[int] = mapped_column(comment="of these: read, or up to date")
    read: Mapped[int] = mapped_column(comment="versions")
    changed: Mapped[int] = mapped_column(comment="of these, that say something else now")
    unreadable: Mapped[int] = mapped_column(comment="of these, in which no article was found")
    fields: Mapped[dict[str, Any]] = mapped_column(Document, comment="how many changed, by field")
    source_id: Mapped[int | None] = mapped_column(comment="sources before this one are done,")
    version_id: Mapped[int | None] = mapped_column(
        BigId, comment="and of this one the versions from this one on,"
    )
    templates: Mapped[str] = mapped_column(
        String(64), comment="with templates of this digest; empty where none is begun"
    )
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="when it last came further")
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OwnReading(Base):
    """What an extractor that is not ours made of a version's page. Never what the version says."""

    __tablename__ = "own_reading"

    extractor: Mapped[str] = mapped_column(String(100), primary_key=True, comment="its name")
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), primary_key=True, index=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id"), index=True)
