"""Runs, what their requests found, and the bytes that came back."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.types import BigId, Digest, Document, PlainText, UtcDateTime, by_value
from storage.models.base import Base
from storage.outcome import Outcome


class Meaning(StrEnum):
    """What a fetch meant for the article at its address, in a researcher's words."""

    NEW = "new"
    EDITED = "edited"
    UNCHANGED = "unchanged"
    RETURNED = "returned"
    REMOVED = "removed"
    UNDECIDED = "undecided"
    RETRACTED = "retracted"
    UNREACHABLE = "unreachable"


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


class HeaderSet(Base):
    """Headers of requests or of answers, once for all that have the same (ledger.headers)."""

    __tablename__ = "header_set"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[bytes] = mapped_column(Digest, unique=True, comment="SHA-256 of headers")
    headers: Mapped[list[Any]] = mapped_column(
        Document,
        comment="[name, value]; [name] where the fetch has the value, [name, null] where none",
    )


class Fetch(Base):
    """One request and its answer. Never changes. Narrow: it grows fastest.

    `id` orders by time: storage.ledger.fetch_ids. On PostgreSQL the table is partitioned by month
    of `id`, and so nothing can refer to it by a foreign key.
    """

    __tablename__ = "fetch"
    __table_args__ = (
        Index(None, "address_id", "id"),
        {"info": {"partition_by": "RANGE (id)"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    address_id: Mapped[int] = mapped_column(BigId)
    run_id: Mapped[int] = mapped_column(BigId)
    url: Mapped[str | None] = mapped_column(
        PlainText, comment="as asked; null for https: and the key of its address"
    )
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[int | None] = mapped_column(comment="of HTTP; null where there was no answer")
    error: Mapped[str | None] = mapped_column(PlainText, comment="why there was no answer")
    milliseconds: Mapped[int | None] = mapped_column(comment="from request to the last byte")
    peer: Mapped[str | None] = mapped_column(String(45), comment="IP address that answered")
    request_headers_id: Mapped[int | None] = mapped_column(BigId, comment="in header_set")
    request_values: Mapped[list[str] | None] = mapped_column(
        Document, comment="of the request's headers that header_set leaves to the fetch"
    )
    response_headers_id: Mapped[int | None] = mapped_column(BigId, comment="in header_set")
    response_values: Mapped[list[str] | None] = mapped_column(
        Document, comment="of the answer's headers that header_set leaves to the fetch"
    )
    digest: Mapped[bytes | None] = mapped_column(
        Digest,
        comment="SHA-256 of the body, content encodings undone; of listings, whose bodies are not "
        "kept, too",
    )
    cut: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="only the beginning of the body was kept"
    )


class Finding(Base):
    """What a fetch meant. Never changes: a later finding, of a higher number, replaces it, and both
    stay. A page that waits to be read has none yet.

    On PostgreSQL partitioned by month of `fetch_id`, as the fetches are.
    """

    __tablename__ = "finding"
    __table_args__ = (
        Index(
            "ix_finding_removed",
            "article_id",
            info={"where": "meaning = 'removed'"},
        ),
        Index("ix_finding_away", "fetch_id", info={"where": "meaning IN ('removed', 'returned')"}),
        {"info": {"partition_by": "RANGE (fetch_id)"}},
    )

    fetch_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="1, 2, 3 …")
    outcome: Mapped[Outcome] = mapped_column(by_value(Outcome), comment="what the answer was")
    meaning: Mapped[Meaning | None] = mapped_column(
        by_value(Meaning), comment="for the article; null where the outcome says all"
    )
    article_id: Mapped[int | None] = mapped_column(BigId, comment="at that address, at that time")
    version_id: Mapped[int | None] = mapped_column(BigId, comment="the version that was seen")
    reason: Mapped[str | None] = mapped_column(PlainText, comment="why, or where a redirect led")
    confidence: Mapped[float | None] = mapped_column(
        comment="that it is right, from 0 to 1; null where nothing is in doubt"
    )
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Payload(Base):
    """The bytes of a page, once per digest, content encodings undone.

    A key page is stored plain: triggers keep it so while a payload needs it.
    """

    __tablename__ = "payload"
    __table_args__ = (
        Index("ix_payload_key_digest", "key_digest", info={"where": "key_digest IS NOT NULL"}),
        Index(
            "ix_payload_object_digest",
            "object_digest",
            info={"where": "object_digest IS NOT NULL"},
        ),
    )

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True, comment="SHA-256")
    size: Mapped[int] = mapped_column(comment="bytes before compression")
    encoding: Mapped[str] = mapped_column(String(20), comment="how data is compressed: zstd")
    data: Mapped[bytes] = mapped_column(
        LargeBinary, comment="compressed; empty where the payload store has it"
    )
    key_digest: Mapped[bytes | None] = mapped_column(
        Digest,
        ForeignKey("payload.digest"),
        comment="of the key page that data is compressed against",
    )
    object_digest: Mapped[bytes | None] = mapped_column(
        Digest, comment="SHA-256 of data, its name in the payload store; null where it is here"
    )


class KeyPage(Base):
    """A payload that a source's next pages may be compressed against. Few a source; a payload that
    is offered no more stays the key of those that need it."""

    __tablename__ = "key_page"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(
        Digest, ForeignKey("payload.digest"), primary_key=True, index=True
    )
    used_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="or offered first")
    alone: Mapped[float] = mapped_column(comment="bytes that a byte of it is compressed to, alone")
    pages: Mapped[int] = mapped_column(comment="compressed against it while it was offered")
    usual: Mapped[float] = mapped_column(
        comment="bytes that a byte of its first pages was compressed to"
    )
    recent: Mapped[float] = mapped_column(comment="the same of its latest pages")
