"""What is known of the sites' templates: their layouts, and what repeats on pages of each."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from storage.database.types import BigId, Digest, Document, PlainText, UtcDateTime, by_value
from storage.models.base import Base


class Says(StrEnum):
    """What an operator says that a change is: edits of articles, or the site's."""

    EDITS = "edits"
    SITE = "site"


class Layout(Base):
    """Pages of a source that are built alike. A redesign is another one; several may be served
    side by side."""

    __tablename__ = "layout"
    __table_args__ = (UniqueConstraint("source_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key: Mapped[str] = mapped_column(String(8), comment="what readings name it by")
    skeleton: Mapped[list[int]] = mapped_column(
        Document, comment="of the page it was found by; empty: of pages that are of no other layout"
    )
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Template(Base):
    """What repeats on a layout's pages; one revision each time it changed, none ever changes."""

    __tablename__ = "template"
    __table_args__ = (UniqueConstraint("layout_id", "revision"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    layout_id: Mapped[int] = mapped_column(ForeignKey("layout.id"))
    revision: Mapped[int] = mapped_column(comment="1, 2, 3 …")
    digest: Mapped[str] = mapped_column(String(64), comment="of what it removes and keeps")
    template: Mapped[str] = mapped_column(PlainText, comment="canonical JSON")
    pages: Mapped[int] = mapped_column(comment="it was learned from")
    learned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sha256: Mapped[bytes] = mapped_column(Digest, comment="of the template, as it stands")

    @validates("template")
    def _set_sha256(self, _name: str, template: str) -> str:
        self.sha256 = hashlib.sha256(template.encode()).digest()
        return template


class TemplateDecision(Base):
    """What an operator decided about a block of a site's template, whatever is learned of it."""

    __tablename__ = "template_decision"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    decision: Mapped[str] = mapped_column(String(20), comment="always-remove or never-remove")
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PageSample(Base):
    """What a page teaches of its layout's template, as it was last fetched. Bounded a source."""

    __tablename__ = "page_sample"
    __table_args__ = (Index(None, "source_id", "fetched_at"),)

    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sample: Mapped[bytes] = mapped_column(LargeBinary, comment="zstd, JSON")
    before: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="the sample that was there when templates were last learned"
    )


class SiteChange(Base):
    """What changed alike on many pages of a source, and so was no edit of theirs."""

    __tablename__ = "site_change"
    __table_args__ = (Index(None, "source_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    came_from: Mapped[str] = mapped_column(PlainText, comment="the layout that the pages had")
    became: Mapped[str] = mapped_column(PlainText, comment="the layout that they have")
    signatures: Mapped[list[Any]] = mapped_column(Document, comment="what changed, and where")
    pages: Mapped[int] = mapped_column(comment="that were compared")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    shown: Mapped[int | None] = mapped_column(
        comment="on how many of these; null: not counted then"
    )


class Overruling(Base):
    """An operator's word against what was told of a site-wide change, or of edits."""

    __tablename__ = "overruling"
    __table_args__ = (Index(None, "source_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    says: Mapped[Says] = mapped_column(by_value(Says), comment="what it is")
    came_from: Mapped[str] = mapped_column(PlainText, comment="the layout that the pages had")
    became: Mapped[str] = mapped_column(PlainText, comment="the layout that they have")
    signatures: Mapped[list[Any]] = mapped_column(Document, comment="what changed, and where")
    keys: Mapped[list[Any]] = mapped_column(
        Document, comment="blocks that stay in texts because of it"
    )
    version_ids: Mapped[list[Any]] = mapped_column(
        Document, comment="versions that came of it, or that it retracted"
    )
    reason: Mapped[str] = mapped_column(PlainText)
    said_by: Mapped[str] = mapped_column(PlainText)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(PlainText)
    undone_reason: Mapped[str | None] = mapped_column(PlainText)
