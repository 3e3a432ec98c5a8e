"""What is counted of a source, and what is held back of it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.types import BigId, Document, PlainText, UtcDateTime
from storage.models.base import Base


class SourceDay(Base):
    """What was counted of a source on one day (UTC), a row a measure: storage.ledger.day_counts."""

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

    fetch_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"))
    reason: Mapped[str] = mapped_column(PlainText, comment="what is doubtful about it")
    settled_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when it was taken into the record after all"
    )
