"""the tables of the archive

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "observation",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("address_id", BIG_ID, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "fetched",
                "unchanged",
                "moved",
                "gone",
                "not-found",
                "blocked",
                "failed",
                "challenge",
                "paywall",
                "not-article",
                "unreadable",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("status", sa.Integer(), nullable=True, comment="of HTTP"),
        sa.Column("digest", sa.LargeBinary(32), nullable=True, comment="of the payload"),
        sa.Column("version_id", BIG_ID, nullable=True, comment="the version that was seen"),
        sa.Column("detail", sa.Text(), nullable=True, comment="error, reason, or redirect target"),
        sa.Column(
            "milliseconds", sa.Integer(), nullable=True, comment="from request to the last byte"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_observation"),
        postgresql_partition_by="RANGE (id)",
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE observation_default PARTITION OF observation DEFAULT")
    op.create_index(
        "ix_observation_address_id_id", "observation", ["address_id", "id"], unique=False
    )
    op.create_index("ix_observation_version_id", "observation", ["version_id"], unique=False)
    op.create_table(
        "payload",
        sa.Column("digest", sa.LargeBinary(32), nullable=False, comment="SHA-256"),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes before compression"),
        sa.Column(
            "encoding", sa.String(length=20), nullable=False, comment="how data is compressed: zstd"
        ),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_payload"),
    )
    op.create_table(
        "run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("software", sa.String(length=100), nullable=False, comment="Permalien's version"),
        sa.Column("settings", DOCUMENT, nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column(
            "process_started",
            sa.String(length=64),
            nullable=False,
            comment="tells a process from a later one with the same pid",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ended_how",
            sa.Enum(
                "finished",
                "interrupted",
                "failed",
                "lost",
                name="runend",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_ended_at", "run", ["ended_at"], unique=False)
    op.create_table(
        "capture",
        sa.Column("observation_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("headers", DOCUMENT, nullable=False, comment="[name, value] pairs"),
        sa.ForeignKeyConstraint(["digest"], ["payload.digest"], name="fk_capture_digest"),
        sa.PrimaryKeyConstraint("observation_id", name="pk_capture"),
    )
    op.create_index("ix_capture_digest", "capture", ["digest"], unique=False)
    op.create_table(
        "extraction",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("extractor", sa.String(length=100), nullable=False),
        sa.Column(
            "profile", sa.String(length=64), nullable=False, comment="its digest, or empty for none"
        ),
        sa.Column(
            "fingerprint",
            sa.LargeBinary(32),
            nullable=False,
            comment="of title and text, spaces and Unicode form aside",
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("authors", DOCUMENT, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True, comment="BCP 47"),
        sa.Column("paragraphs", DOCUMENT, nullable=False, comment="[kind, text] pairs"),
        sa.Column(
            "details",
            DOCUMENT,
            nullable=False,
            comment="kind, section, tags, image, candidates of each field",
        ),
        sa.Column("removed", DOCUMENT, nullable=False, comment="[reason, text] pairs"),
        sa.ForeignKeyConstraint(["digest"], ["payload.digest"], name="fk_extraction_digest"),
        sa.PrimaryKeyConstraint("id", name="pk_extraction"),
        sa.UniqueConstraint(
            "digest", "extractor", "profile", name="uq_extraction_digest_extractor_profile"
        ),
    )
    op.create_table(
        "source",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column(
            "name",
            sa.String(length=255),
            nullable=False,
            comment="host, with a port that is not its scheme's own",
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="front page"),
        sa.Column(
            "allow_private",
            sa.Boolean(),
            nullable=False,
            comment="may lead to loopback, private and link-local addresses",
        ),
        sa.Column("delay", sa.Double(), nullable=False, comment="seconds between two requests"),
        sa.Column(
            "cadence", sa.Integer(), nullable=False, comment="seconds between two looks at feeds"
        ),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "next_due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="a lower bound of its frontier's due times",
        ),
        sa.Column(
            "paused_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="asked by Retry-After, or taken for an outage",
        ),
        sa.Column(
            "lease_run_id", BIG_ID, nullable=True, comment="the one run that may send requests now"
        ),
        sa.Column(
            "relearn",
            sa.Boolean(),
            nullable=False,
            comment="pages were sampled since its profile was learned",
        ),
        sa.CheckConstraint("cadence > 0", name="ck_source_cadence"),
        sa.CheckConstraint("delay >= 0", name="ck_source_delay"),
        sa.ForeignKeyConstraint(["lease_run_id"], ["run.id"], name="fk_source_lease_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("name", name="uq_source_name"),
    )
    op.create_index("ix_source_lease_run_id", "source", ["lease_run_id"], unique=False)
    op.create_index("ix_source_next_due_at", "source", ["next_due_at"], unique=False)
    op.create_table(
        "article",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False, comment="canonical address"),
        sa.Column(
            "state",
            sa.Enum(
                "live",
                "gone",
                "not-found",
                "moved",
                name="articlestate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("state_observation_id", BIG_ID, nullable=True, comment="the evidence for state"),
        sa.Column(
            "current_version_id",
            BIG_ID,
            nullable=True,
            comment="moves; versions do not. No foreign key: the two tables need each other",
        ),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_article_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
    )
    op.create_index("ix_article_source_id", "article", ["source_id"], unique=False)
    op.create_table(
        "profile_decision",
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column(
            "decision",
            sa.String(length=20),
            nullable=False,
            comment="always-remove or never-remove",
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_profile_decision_source_id"),
        sa.PrimaryKeyConstraint("source_id", "key", name="pk_profile_decision"),
    )
    op.create_table(
        "site_profile",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("pages", sa.Integer(), nullable=False, comment="it was learned from"),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_site_profile_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_site_profile"),
        sa.UniqueConstraint("source_id", "digest", name="uq_site_profile_source_id_digest"),
    )
    op.create_table(
        "address",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column(
            "key",
            sa.Text(),
            nullable=False,
            comment="normalised URL without its scheme: http and https are one",
        ),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "robots",
                "front",
                "section",
                "feed",
                "sitemap",
                "page",
                name="addresskind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("article_id", BIG_ID, nullable=True),
        sa.Column(
            "hints",
            DOCUMENT,
            nullable=True,
            comment="what the feed or sitemap said: title, published_at, guid, listed_url",
        ),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_address_article_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_address_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_address"),
        sa.UniqueConstraint("key", name="uq_address_key"),
    )
    op.create_index("ix_address_article_id", "address", ["article_id"], unique=False)
    op.create_index("ix_address_source_id", "address", ["source_id"], unique=False)
    op.create_table(
        "search_document",
        sa.Column("article_id", BIG_ID, nullable=False),
        sa.Column(
            "words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_search_document_article_id"
        ),
        sa.PrimaryKeyConstraint("article_id", name="pk_search_document"),
    )
    op.create_table(
        "version",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("article_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, 2, 3 … in the order seen"),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column(
            "extraction_id", BIG_ID, nullable=False, comment="the one that made it a version"
        ),
        sa.Column("observation_id", BIG_ID, nullable=False, comment="the one that first saw it"),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_version_article_id"),
        sa.ForeignKeyConstraint(["digest"], ["payload.digest"], name="fk_version_digest"),
        sa.ForeignKeyConstraint(
            ["extraction_id"], ["extraction.id"], name="fk_version_extraction_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_version"),
        sa.UniqueConstraint("article_id", "number", name="uq_version_article_id_number"),
    )
    op.create_index("ix_version_digest", "version", ["digest"], unique=False)
    op.create_table(
        "address_link",
        sa.Column("from_id", BIG_ID, nullable=False),
        sa.Column("to_id", BIG_ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "redirect",
                "canonical",
                name="linkkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("observation_id", BIG_ID, nullable=False, comment="the first that showed it"),
        sa.ForeignKeyConstraint(["from_id"], ["address.id"], name="fk_address_link_from_id"),
        sa.ForeignKeyConstraint(["to_id"], ["address.id"], name="fk_address_link_to_id"),
        sa.PrimaryKeyConstraint("from_id", "to_id", "kind", name="pk_address_link"),
    )
    op.create_index("ix_address_link_to_id", "address_link", ["to_id"], unique=False)
    op.create_table(
        "frontier",
        sa.Column("address_id", BIG_ID, nullable=False),
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="failures in a row"),
        sa.Column("hops", sa.Integer(), nullable=False, comment="redirects that led here"),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=True, comment="of the latest payload"),
        sa.Column(
            "version_id",
            BIG_ID,
            nullable=True,
            comment="the version that it shows, None since it shows none",
        ),
        sa.Column(
            "pending_observation_id",
            BIG_ID,
            nullable=True,
            comment="captured and not extracted yet",
        ),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its content was last seen to change",
        ),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_frontier_address_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_frontier_source_id"),
        sa.PrimaryKeyConstraint("address_id", name="pk_frontier"),
    )
    op.create_index(
        "ix_frontier_source_id_due_at", "frontier", ["source_id", "due_at"], unique=False
    )
    op.create_index(
        "ix_frontier_pending",
        "frontier",
        ["source_id", "pending_observation_id"],
        unique=False,
        sqlite_where=sa.text("pending_observation_id IS NOT NULL"),
        postgresql_where=sa.text("pending_observation_id IS NOT NULL"),
    )
    op.create_table(
        "page_outline",
        sa.Column("address_id", BIG_ID, nullable=False),
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column(
            "rank", BIG_ID, nullable=False, comment="hash of the address: the lowest are kept"
        ),
        sa.Column("outline", sa.LargeBinary(), nullable=False, comment="zstd, a line a block"),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_page_outline_address_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_page_outline_source_id"),
        sa.PrimaryKeyConstraint("address_id", name="pk_page_outline"),
    )
    op.create_index(
        "ix_page_outline_source_id_rank", "page_outline", ["source_id", "rank"], unique=False
    )
    op.create_table(
        "version_state",
        sa.Column("version_id", BIG_ID, nullable=False),
        sa.Column("extraction_id", BIG_ID, nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["extraction_id"], ["extraction.id"], name="fk_version_state_extraction_id"
        ),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name="fk_version_state_version_id"),
        sa.PrimaryKeyConstraint("version_id", name="pk_version_state"),
    )
    op.create_index(
        "ix_version_state_extraction_id", "version_state", ["extraction_id"], unique=False
    )


def downgrade() -> None:
    for table in (
        "version_state",
        "page_outline",
        "frontier",
        "address_link",
        "version",
        "search_document",
        "address",
        "site_profile",
        "profile_decision",
        "article",
        "source",
        "extraction",
        "capture",
        "run",
        "payload",
        "observation",
    ):
        op.drop_table(table)
