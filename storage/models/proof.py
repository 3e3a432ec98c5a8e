"""The log that proves what the archive held: a Merkle tree a day, each chained to the last."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.types import BigId, Digest, PlainText, UtcDateTime
from storage.models.base import Base


class Unsealed(Base):
    """A fetch, version or content that is in no day's tree yet; one of the three. Written by
    triggers, whoever recorded it; goes when it becomes a leaf."""

    __tablename__ = "unsealed"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    fetch_id: Mapped[int | None] = mapped_column(BigId)
    version_id: Mapped[int | None] = mapped_column(BigId)
    content_digest: Mapped[bytes | None] = mapped_column(Digest)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="by the database's clock")


class Leaf(Base):
    """A fetch, version or content that was recorded on a day: a salted commitment in its tree. One
    without any of the three is a content that went. Never changes, but that salt and digest are
    destroyed with what they would let be guessed."""

    __tablename__ = "leaf"
    __table_args__ = (
        Index(None, "fetch_id", unique=True, info={"where": "fetch_id IS NOT NULL"}),
        Index(None, "version_id", unique=True, info={"where": "version_id IS NOT NULL"}),
        Index(None, "content_digest", unique=True, info={"where": "content_digest IS NOT NULL"}),
        {"sqlite_with_rowid": False},
    )

    day: Mapped[date] = mapped_column(primary_key=True, comment="UTC")
    position: Mapped[int] = mapped_column(
        BigId, primary_key=True, autoincrement=False, comment="in the day's tree: 0, 1, 2 …"
    )
    fetch_id: Mapped[int | None] = mapped_column(BigId)
    version_id: Mapped[int | None] = mapped_column(BigId)
    content_digest: Mapped[bytes | None] = mapped_column(Digest, comment="null where it went")
    salt: Mapped[bytes | None] = mapped_column(
        LargeBinary(16), comment="random; null where it was destroyed with what it hid"
    )
    hash: Mapped[bytes] = mapped_column(Digest, comment="storage.proof.leaves says of what")


class DayRoot(Base):
    """The root of a day's tree, chained to those before it. A day on which nothing was recorded has
    none. Never changes."""

    __tablename__ = "day_root"

    day: Mapped[date] = mapped_column(primary_key=True, comment="UTC")
    leaves: Mapped[int] = mapped_column(BigId, comment="how many the tree has")
    root: Mapped[bytes] = mapped_column(Digest, comment="of the tree, by RFC 9162, section 2.1")
    chained: Mapped[bytes] = mapped_column(
        Digest, comment="SHA-256 of the day, its root and the digest that is chained before it"
    )
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="by the database's clock")


class TimestampToken(Base):
    """An authority's word on when a day's chained digest was there (RFC 3161). Never changes."""

    __tablename__ = "timestamp_token"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[date] = mapped_column(ForeignKey("day_root.day"), index=True)
    authority: Mapped[str] = mapped_column(PlainText, comment="its URL")
    stamped_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="as the token says")
    token: Mapped[bytes] = mapped_column(LargeBinary, comment="DER of the TimeStampToken")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="by the database's clock")
