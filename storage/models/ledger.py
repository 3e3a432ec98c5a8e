"""Runs, what their requests found, and the bytes that came back."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.types import BigId, Digest, Document, PlainText, UtcDateTime, by_value
from storage.models.base import Base


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


class RunEnd(StrEnum):
    """How a run ended."""

    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    LOST = "lost"


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
