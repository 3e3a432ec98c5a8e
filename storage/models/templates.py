"""What is known of the sites' templates."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.types import BigId, PlainText, UtcDateTime
from storage.models.base import Base


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
