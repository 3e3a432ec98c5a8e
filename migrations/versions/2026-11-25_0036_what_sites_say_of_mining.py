"""what each site's tdmrep.json says of text and data mining, from one time to another

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

INSTANT = sa.DateTime(timezone=True)

BY_SITE = {
    "sqlite": "json_extract(reading_detail.details, '$.rights.by_site')",
    "postgresql": "CAST(reading_detail.details->'rights'->>'by_site' AS BOOLEAN)",
}
SAID = {
    "sqlite": {
        "reserved": "json_extract(reading_detail.details, '$.rights.reserved')",
        "policy": "json_extract(reading_detail.details, '$.rights.policy')",
        "directives": "json_extract(reading_detail.details, '$.rights.directives')",
        "license": "json_extract(reading_detail.details, '$.rights.license')",
    },
    "postgresql": {
        "reserved": "CAST(reading_detail.details->'rights'->>'reserved' AS BOOLEAN)",
        "policy": "reading_detail.details->'rights'->>'policy'",
        "directives": "reading_detail.details->'rights'->'directives'",
        "license": "reading_detail.details->'rights'->>'license'",
    },
}
RIGHTS = """
    SELECT source.name AS source, article.id AS article_id, article.url,
           version_state.number AS version, version.identifier AS version_id,
           {columns}
    FROM version
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id
         AND article.dismissed_as IS NULL
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN reading_detail ON reading_detail.digest = reading.detail_digest
    WHERE version_state.retracted_at IS NULL
"""
GUARDS = {
    "postgresql": [
        """CREATE TRIGGER tdm_file_is_evidence BEFORE UPDATE OF origin, asked_at, status,
        conclusive, body ON tdm_file FOR EACH ROW
        EXECUTE FUNCTION refuse_change('what a tdmrep.json said never changes')""",
        """CREATE TRIGGER tdm_file_is_kept BEFORE DELETE ON tdm_file FOR EACH ROW
        EXECUTE FUNCTION refuse_change('what a tdmrep.json said is never deleted')""",
    ],
    "sqlite": [
        """CREATE TRIGGER tdm_file_is_evidence BEFORE UPDATE OF origin, asked_at, status,
        conclusive, body ON tdm_file BEGIN
        SELECT RAISE(ABORT, 'what a tdmrep.json said never changes'); END""",
        """CREATE TRIGGER tdm_file_is_kept BEFORE DELETE ON tdm_file BEGIN
        SELECT RAISE(ABORT, 'what a tdmrep.json said is never deleted'); END""",
    ],
}


def upgrade() -> None:
    op.create_table(
        "tdm_file",
        sa.Column("origin", sa.Text(), nullable=False, comment="scheme, host and port"),
        sa.Column("asked_at", INSTANT, nullable=False, comment="when it was first answered so"),
        sa.Column("last_asked_at", INSTANT, nullable=False, comment="when it was last answered so"),
        sa.Column(
            "status",
            sa.Integer(),
            nullable=True,
            comment="of the answer; null where nobody answered, or robots.txt forbids to ask",
        ),
        sa.Column(
            "conclusive",
            sa.Boolean(),
            nullable=False,
            comment="whether that tells if there is such a file; if not, the row before still "
            "counts",
        ),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=True,
            comment="at most 128 KiB; null where there is none, or it is longer",
        ),
        sa.PrimaryKeyConstraint("origin", "asked_at", name="pk_tdm_file"),
    )
    dialect = op.get_bind().dialect.name
    for statement in GUARDS[dialect]:
        op.execute(statement)
    columns = {**SAID[dialect], "by_site": BY_SITE[dialect]}
    if dialect == "sqlite":
        op.execute("DROP VIEW rights")
        op.execute(f"CREATE VIEW rights AS {_rights(columns)}")
    else:
        # In place: who may read it still may.
        op.execute(f"CREATE OR REPLACE VIEW rights AS {_rights(columns)}")


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.execute("DROP VIEW rights")
    op.execute(f"CREATE VIEW rights AS {_rights(SAID[dialect])}")
    op.drop_table("tdm_file")


def _rights(columns: dict[str, str]) -> str:
    return RIGHTS.format(columns=", ".join(f"{it} AS {name}" for name, it in columns.items()))
