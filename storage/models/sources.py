"""Sources, their addresses, and what is due of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.database.types import BigId, Digest, Document, PlainText, UtcDateTime, by_value
from storage.models.base import Base
from storage.models.history import Article


class AddressKind(StrEnum):
    """What an address is fetched for."""

    ROBOTS = "robots"
    FRONT = "front"
    SECTION = "section"
    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"


class LinkKind(StrEnum):
    """Why one address leads to another."""

    REDIRECT = "redirect"
    CANONICAL = "canonical"
    GUID = "guid"
    SAME_WORDS = "same-words"


class Reuse(StrEnum):
    """What of a source's articles may leave the archive."""

    ALL = "all"
    AS_STATED = "as-stated"
    """All, but of what a page reserves no more than its metadata."""
    METADATA = "metadata"
    """Who wrote when, under which headline and where; no text and no page."""
    NONE = "none"


class BrowserUse(StrEnum):
    """Whether a source's pages are shown in a browser before they are archived."""

    ALWAYS = "always"
    AUTO = "auto"
    """Where it was found that they show their article in no other way."""
    NEVER = "never"


class BrowserNeed(StrEnum):
    """What was found of a source's pages and a browser."""

    UNKNOWN = "unknown"
    LIKELY = "likely"
    """Several pages say nothing without their scripts, and no browser was there to try."""
    SHOWN = "shown"
    """In a browser one of these showed its article."""


def _without_check(enum: type[StrEnum]) -> Enum:
    return Enum(
        enum,
        native_enum=False,
        length=20,
        create_constraint=False,
        values_callable=lambda members: [member.value for member in members],
    )


class Source(Base):
    """A site: its discovery, cadence, politeness, and who is crawling it now."""

    __tablename__ = "source"
    __table_args__ = (
        CheckConstraint("delay >= 0", name="delay"),
        CheckConstraint("cadence > 0", name="cadence"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(
        String(255), unique=True, comment="host, with a port that is not its scheme's own"
    )
    url: Mapped[str] = mapped_column(PlainText, comment="front page")
    domain: Mapped[str] = mapped_column(
        Text,
        index=True,
        default="",
        server_default="",
        comment="the registered domain of its url, which one run at a time may ask",
    )
    allow_private: Mapped[bool] = mapped_column(
        default=False, comment="may lead to loopback, private and link-local addresses"
    )
    delay: Mapped[float] = mapped_column(default=1.0, comment="seconds between two requests")
    cadence: Mapped[int] = mapped_column(default=900, comment="seconds between two looks at feeds")
    enabled: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_due_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, index=True, comment="a lower bound of its frontier's due times"
    )
    paused_until: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="asked by Retry-After, or taken for an outage"
    )
    lease_run_id: Mapped[int | None] = mapped_column(
        ForeignKey("run.id"), index=True, comment="the one run that may send requests now"
    )
    quiet_since: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="nothing was asked of its domain from then until the latest lease"
    )
    relearn: Mapped[bool] = mapped_column(
        default=False, comment="pages were sampled since its template was learned"
    )
    edits: Mapped[float] = mapped_column(
        default=0.0, server_default=text("0"), comment="seen lately: storage.revisits"
    )
    exposure: Mapped[float] = mapped_column(
        default=0.0, server_default=text("0"), comment="in which they were seen: storage.revisits"
    )
    unreachable_since: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="no page of it that was asked for showed its article since"
    )
    good_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when a run last came to the end of what was due"
    )
    resume_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime,
        comment="when a source that is paused is crawled again; null for not by itself",
    )
    terms: Mapped[str | None] = mapped_column(
        PlainText, comment="on which its publisher lets it be archived"
    )
    notes: Mapped[str | None] = mapped_column(PlainText, comment="an operator's")
    may_export: Mapped[Reuse] = mapped_column(
        _without_check(Reuse),
        default=Reuse.ALL,
        server_default="all",
        comment="what of its articles exports may have",
    )
    may_show: Mapped[Reuse] = mapped_column(
        _without_check(Reuse),
        default=Reuse.ALL,
        server_default="all",
        comment="what of its articles readers and stored pages may show",
    )
    browser: Mapped[BrowserUse] = mapped_column(
        _without_check(BrowserUse),
        default=BrowserUse.AUTO,
        server_default="auto",
        comment="whether a browser shows its pages before they are archived",
    )
    browser_need: Mapped[BrowserNeed] = mapped_column(
        _without_check(BrowserNeed),
        default=BrowserNeed.UNKNOWN,
        server_default="unknown",
        comment="what was found of whether its pages need one",
    )
    removed_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when an operator removed it and kept its record"
    )
    hosts: Mapped[list["SourceHost"]] = relationship(
        lazy="raise", viewonly=True, order_by="SourceHost.name"
    )


class SourceHost(Base):
    """Another site's host that an operator says is a source's too: what leads there is followed,
    and its pages are the source's."""

    __tablename__ = "source_host"

    name: Mapped[str] = mapped_column(
        String(255), primary_key=True, comment="host, with a port that is not its scheme's own"
    )
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    domain: Mapped[str] = mapped_column(
        Text, index=True, comment="its registered domain, which no other source may be of"
    )


class SourceRemoval(Base):
    """A source that was removed with all that the archive held of it: what is left to tell. It
    refers to nothing, since nothing is left."""

    __tablename__ = "source_removal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    url: Mapped[str] = mapped_column(PlainText, comment="front page")
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    articles: Mapped[int] = mapped_column(comment="that went with it, as the numbers beside it")
    versions: Mapped[int]
    addresses: Mapped[int]
    checks: Mapped[int]


class RobotsTxt(Base):
    """The last good copy of a host's robots.txt."""

    __tablename__ = "robots_txt"

    origin: Mapped[str] = mapped_column(Text, primary_key=True, comment="scheme, host and port")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="at most 512 KiB of it; null where there is none"
    )


class TdmFile(Base):
    """What a host's /.well-known/tdmrep.json said of text and data mining, from one time to
    another; rows are added, and but for `last_asked_at` never changed."""

    __tablename__ = "tdm_file"

    origin: Mapped[str] = mapped_column(Text, primary_key=True, comment="scheme, host and port")
    asked_at: Mapped[datetime] = mapped_column(
        UtcDateTime, primary_key=True, comment="when it was first answered so"
    )
    last_asked_at: Mapped[datetime] = mapped_column(
        UtcDateTime, comment="when it was last answered so"
    )
    status: Mapped[int | None] = mapped_column(
        comment="of the answer; null where nobody answered, or robots.txt forbids to ask"
    )
    conclusive: Mapped[bool] = mapped_column(
        comment="whether that tells if there is such a file; if not, the row before still counts"
    )
    body: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="at most 128 KiB; null where there is none, or it is longer"
    )


class Address(Base):
    """A URL. Many may lead to one article."""

    __tablename__ = "address"
    __table_args__ = (
        Index(None, "source_id", "guid"),
        Index(None, "source_id", "kind", "excluded"),
        Index(
            "ix_address_sitemap",
            "source_id",
            info={"where": "kind = 'sitemap'"},
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(
        Text, unique=True, comment="normalised URL without its scheme: http and https are one"
    )
    url: Mapped[str] = mapped_column(PlainText)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    kind: Mapped[AddressKind] = mapped_column(by_value(AddressKind))
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"), index=True)
    article: Mapped[Article | None] = relationship(lazy="raise")
    hints: Mapped[dict[str, Any] | None] = mapped_column(
        Document, comment="what the feed or sitemap said: title, published_at, guid, listed_url"
    )
    published_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="of the page, as a feed or sitemap first said"
    )
    guid: Mapped[str | None] = mapped_column(PlainText, comment="of the feed entry that named it")
    excluded: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        comment="an operator does not want it fetched, whatever names it",
    )


class AddressLink(Base):
    """One address leads to another, with the fetch that showed it."""

    __tablename__ = "address_link"

    from_id: Mapped[int] = mapped_column(ForeignKey("address.id"), primary_key=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("address.id"), primary_key=True, index=True)
    kind: Mapped[LinkKind] = mapped_column(by_value(LinkKind), primary_key=True)
    fetch_id: Mapped[int] = mapped_column(BigId, comment="the first that showed it")


class Frontier(Base):
    """What is to be fetched next, and when; one row an address."""

    __tablename__ = "frontier"
    __table_args__ = (
        Index(None, "source_id", "due_at"),
        Index(None, "source_id", "attempts", "checked_at"),
        Index(
            "ix_frontier_showing",
            "source_id",
            "address_id",
            info={"where": "version_id IS NOT NULL"},
        ),
        Index(
            "ix_frontier_pending",
            "source_id",
            "pending_fetch_id",
            info={"where": "pending_fetch_id IS NOT NULL"},
        ),
        Index(
            "ix_frontier_failing",
            "source_id",
            info={"where": "attempts >= 3"},
        ),
    )

    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0, comment="failures in a row")
    hops: Mapped[int] = mapped_column(default=0, comment="redirects that led here")
    etag: Mapped[str | None] = mapped_column(PlainText)
    last_modified: Mapped[str | None] = mapped_column(PlainText)
    digest: Mapped[bytes | None] = mapped_column(Digest, comment="of the latest payload")
    version_id: Mapped[int | None] = mapped_column(
        BigId, comment="the version that it shows, None since it shows none"
    )
    pending_fetch_id: Mapped[int | None] = mapped_column(
        BigId, comment="captured and not extracted yet"
    )
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when its content was last seen to change"
    )
    edits: Mapped[int] = mapped_column(
        default=0, server_default=text("0"), comment="that were seen here"
    )
    exposure: Mapped[float] = mapped_column(
        default=0.0, server_default=text("0"), comment="in which they were seen: storage.revisits"
    )
