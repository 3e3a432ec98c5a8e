"""redactions, and the rules that keep away what was redacted

Back to 0040 it is forgotten what was redacted and what is kept away; what was taken out does not
come back.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
TABLES = ("redaction_rule", "redacted_version", "redacted_payload", "redaction")
# What never changes is all but the time at which the files were cleaned.
CHANGED = " OR ".join(
    f"new.{it} IS DISTINCT FROM old.{it}"
    for it in (
        *("id", "kind", "scope", "source_id", "article_id", "version_id"),
        *("asked_by", "reason", "redacted_at"),
    )
)
SAYS = "a redaction never changes, is never deleted"
OF_PAGES = """
    SELECT version.id AS version_id, redacted_payload.redaction_id
    FROM redacted_payload JOIN version ON version.digest = redacted_payload.digest
"""
REDACTIONS = f"""
    SELECT redaction.id AS redaction, source.name AS source, article.id AS article_id,
           article.url, version_state.number AS version, version.identifier AS version_id,
           redaction.kind, redaction.asked_by, redaction.reason, redaction.redacted_at
    FROM (SELECT version_id, redaction_id FROM redacted_version UNION {OF_PAGES}) AS taken
    JOIN redaction ON redaction.id = taken.redaction_id
    JOIN version ON version.id = taken.version_id
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id
    JOIN source ON source.id = article.source_id
"""  # noqa: S608


def upgrade() -> None:
    op.create_table(
        "redaction",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("source_id", BIG_ID, nullable=True, comment="null: of the whole archive"),
        sa.Column("article_id", BIG_ID, nullable=True),
        sa.Column("version_id", BIG_ID, nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False, comment="who asked for it"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("redacted_at", INSTANT, nullable=False),
        sa.Column(
            "counts", DOCUMENT, nullable=False, comment="how many rows of each kind were changed"
        ),
        sa.Column(
            "cleaned_at",
            INSTANT,
            nullable=True,
            comment="when no file of the database and the index had it any more; null: not yet",
        ),
        sa.CheckConstraint("kind IN ('words', 'whole')", name=op.f("ck_redaction_redactionkind")),
        sa.CheckConstraint(
            "scope IN ('version', 'article', 'source', 'archive')",
            name=op.f("ck_redaction_redactionscope"),
        ),
    )
    op.create_table(
        "redaction_rule",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("redaction_id", BIG_ID, sa.ForeignKey("redaction.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False, comment="random"),
        sa.Column(
            "length",
            sa.Integer(),
            nullable=False,
            comment="characters of the words; 0 where there are none",
        ),
        sa.Column(
            "keyed",
            sa.LargeBinary(16),
            nullable=False,
            comment="BLAKE2 of what is kept away, with the key",
        ),
        sa.CheckConstraint(
            "kind IN ('words', 'address', 'page')", name=op.f("ck_redaction_rule_rulekind")
        ),
    )
    op.create_index("ix_redaction_rule_redaction_id", "redaction_rule", ["redaction_id"])
    op.create_table(
        "redacted_version",
        sa.Column("version_id", BIG_ID, sa.ForeignKey("version.id"), primary_key=True),
        sa.Column("redaction_id", BIG_ID, sa.ForeignKey("redaction.id"), primary_key=True),
    )
    op.create_table(
        "redacted_payload",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True, comment="as it is now"),
        sa.Column("redaction_id", BIG_ID, sa.ForeignKey("redaction.id"), primary_key=True),
    )
    op.execute(f"CREATE VIEW redactions AS {REDACTIONS}")
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


SQLITE = [
    f"""CREATE TRIGGER redaction_is_immutable BEFORE UPDATE ON redaction
    WHEN {CHANGED.replace("IS DISTINCT FROM", "IS NOT")}
    BEGIN SELECT RAISE(ABORT, '{SAYS}'); END""",
    f"""CREATE TRIGGER redaction_is_kept BEFORE DELETE ON redaction
    BEGIN SELECT RAISE(ABORT, '{SAYS}'); END""",
    """CREATE TRIGGER version_is_redacted AFTER INSERT ON redacted_version BEGIN
        INSERT INTO change (transaction_id, recorded_at, kind, article_id, version_id)
        SELECT 0, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 'redacted', article_id, version_id
        FROM version_state WHERE version_id = new.version_id;
    END""",
]
POSTGRESQL = [
    f"""CREATE TRIGGER redaction_is_immutable BEFORE UPDATE ON redaction FOR EACH ROW
    WHEN ({CHANGED}) EXECUTE FUNCTION refuse_change('{SAYS}')""",
    f"""CREATE TRIGGER redaction_is_kept BEFORE DELETE ON redaction
    FOR EACH ROW EXECUTE FUNCTION refuse_change('{SAYS}')""",
    """CREATE FUNCTION version_is_redacted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO change (transaction_id, recorded_at, kind, article_id, version_id)
        SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint), clock_timestamp(), 'redacted',
               article_id, version_id
        FROM version_state WHERE version_id = new.version_id;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER version_is_redacted AFTER INSERT ON redacted_version
    FOR EACH ROW EXECUTE FUNCTION version_is_redacted()""",
]


def downgrade() -> None:
    op.execute("DROP VIEW redactions")
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION version_is_redacted()")
