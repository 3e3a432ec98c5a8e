"""fetches and findings, instead of the observations that were copied into them

Back to 0010 the observations are made again from what each fetch means now: what it was said to
mean before is lost with the fetches' table, as are request headers, peers and the URL as asked.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.ledger.headers import joined

revision = "0011"
down_revision = "0010"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

RENAMED = (
    ("frontier", "pending_observation_id", "pending_fetch_id"),
    ("article", "state_observation_id", "state_fetch_id"),
    ("identity_decision", "observation_id", "fetch_id"),
    ("version", "observation_id", "fetch_id"),
    ("address_link", "observation_id", "fetch_id"),
    ("held_check", "observation_id", "fetch_id"),
)
OLD_OBSERVATIONS = """
    SELECT observation.id, source.name AS source, address.url, address.kind,
           address.article_id, observation.observed_at, observation.outcome,
           observation.status, version_state.number AS version, observation.detail
    FROM observation
    JOIN address ON address.id = observation.address_id
    JOIN source ON source.id = address.source_id
    LEFT JOIN version ON version.id = observation.version_id
    LEFT JOIN version_state ON version_state.version_id = version.id
"""
LATEST = """(
    SELECT MAX(later.number) FROM finding AS later WHERE later.fetch_id = finding.fetch_id
)"""
HEX = {
    "sqlite": 'lower(hex("fetch".digest))',
    "postgresql": "encode(\"fetch\".digest, 'hex')",
}
OBSERVATIONS = f"""
    SELECT "fetch".id, source.name AS source, address.url, address.kind,
           address.article_id, "fetch".fetched_at AS observed_at,
           CAST(COALESCE(finding.outcome, 'fetched') AS VARCHAR(20)) AS outcome, "fetch".status,
           version_state.number AS version, COALESCE(finding.reason, "fetch".error) AS detail
    FROM "fetch"
    JOIN address ON address.id = "fetch".address_id
    JOIN source ON source.id = address.source_id
    LEFT JOIN finding ON finding.fetch_id = "fetch".id AND finding.number = {LATEST}
    LEFT JOIN version_state ON version_state.version_id = finding.version_id
"""  # noqa: S608
FETCHES = """
    SELECT "fetch".id, source.name AS source,
           COALESCE("fetch".url, 'https:' || address.key) AS url, address.kind,
           address.article_id, "fetch".fetched_at, "fetch".status, "fetch".error,
           "fetch".milliseconds, "fetch".peer, {hex} AS digest, "fetch".cut
    FROM "fetch"
    JOIN address ON address.id = "fetch".address_id
    JOIN source ON source.id = address.source_id
"""
FINDINGS = f"""
    SELECT finding.fetch_id, finding.number, source.name AS source, address.url,
           finding.article_id, version_state.number AS version,
           COALESCE(finding.meaning, finding.outcome) AS finding, finding.outcome,
           finding.reason, finding.confidence, finding.recorded_at,
           finding.number = {LATEST} AS current
    FROM finding
    JOIN "fetch" ON "fetch".id = finding.fetch_id
    JOIN address ON address.id = "fetch".address_id
    JOIN source ON source.id = address.source_id
    LEFT JOIN version_state ON version_state.version_id = finding.version_id
"""  # noqa: S608

_CAPTURES = sa.table(
    "capture",
    sa.column("observation_id", BIG_ID),
    sa.column("digest", sa.LargeBinary(32)),
    sa.column("headers", DOCUMENT),
)


def upgrade() -> None:
    copied = sa.text('SELECT max(id) FROM observation WHERE id > (SELECT max(id) FROM "fetch")')
    if op.get_bind().scalar(copied) is not None:
        raise RuntimeError("not all observations are copied: run `permalien db upgrade`")
    if op.get_bind().dialect.name == "postgresql":
        # In place: who may read it still may.
        op.execute(f"CREATE OR REPLACE VIEW observations AS {OBSERVATIONS}")
    else:
        op.execute("DROP VIEW observations")
    op.drop_table("capture")
    op.drop_table("observation")
    for table, old, new in RENAMED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    op.create_index("ix_article_current_version_id", "article", ["current_version_id"])
    digest = HEX[op.get_bind().dialect.name]
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE VIEW observations AS {OBSERVATIONS}")
    op.execute(f"CREATE VIEW fetches AS {FETCHES.format(hex=digest)}")
    op.execute(f"CREATE VIEW findings AS {FINDINGS}")


def downgrade() -> None:
    for view in ("observations", "fetches", "findings"):
        op.execute(f"DROP VIEW {view}")
    op.drop_index("ix_article_current_version_id", "article")
    for table, old, new in RENAMED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")
    _create_tables()
    op.execute(
        f"""INSERT INTO observation (id, address_id, run_id, observed_at, outcome, status, digest,
                                     version_id, detail, milliseconds)
        SELECT "fetch".id, "fetch".address_id, "fetch".run_id, "fetch".fetched_at,
               COALESCE(finding.outcome, 'fetched'), "fetch".status, "fetch".digest,
               finding.version_id, COALESCE(finding.reason, "fetch".error), "fetch".milliseconds
        FROM "fetch"
        LEFT JOIN finding ON finding.fetch_id = "fetch".id AND finding.number = {LATEST}"""  # noqa: S608
    )
    _capture()
    op.execute(f"CREATE VIEW observations AS {OLD_OBSERVATIONS}")


def _capture() -> None:
    """Every page that was stored with its headers."""
    connection = op.get_bind()
    pages = connection.execute(
        sa.text(
            """SELECT "fetch".id, "fetch".digest, "fetch".response_values, header_set.headers
            FROM "fetch"
            JOIN address ON address.id = "fetch".address_id AND address.kind = 'page'
            JOIN payload ON payload.digest = "fetch".digest
            LEFT JOIN header_set ON header_set.id = "fetch".response_headers_id
            WHERE "fetch".status BETWEEN 200 AND 299"""
        ).columns(response_values=DOCUMENT, headers=DOCUMENT)
    )
    for some in pages.partitions(1_000):
        connection.execute(
            _CAPTURES.insert(),
            [
                {
                    "observation_id": page.id,
                    "digest": page.digest,
                    "headers": [
                        [name, value]
                        for name, value in joined(page.headers or [], page.response_values)
                        if value is not None
                    ],
                }
                for page in some
            ],
        )


def _create_tables() -> None:
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
    op.create_index("ix_observation_address_id_id", "observation", ["address_id", "id"])
    op.create_index("ix_observation_version_id", "observation", ["version_id"])
    op.create_table(
        "capture",
        sa.Column("observation_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("headers", DOCUMENT, nullable=False, comment="[name, value] pairs"),
        sa.ForeignKeyConstraint(["digest"], ["payload.digest"], name="fk_capture_digest"),
        sa.PrimaryKeyConstraint("observation_id", name="pk_capture"),
    )
    op.create_index("ix_capture_digest", "capture", ["digest"])
