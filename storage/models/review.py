"""What is counted of a source."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.types import BigId
from storage.models.base import Base


class SourceDay(Base):
    """What was counted of a source on one day (UTC), a row a measure: storage.ledger.day_counts."""

    __tablename__ = "source_day"
    __table_args__ = (Index(None, "measure", "day"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(BigId)
