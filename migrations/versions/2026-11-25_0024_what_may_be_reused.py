"""what of a source may be exported and shown, and a view of what pages say of their reuse

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

SETTINGS = {
    "may_export": "what of its articles exports may have",
    "may_show": "what of its articles readers and stored pages may show",
}
SOURCES = """
    SELECT source.name, source.url, source.enabled, source.added_at,
           source.delay AS delay_seconds, source.cadence AS cadence_seconds,
           source.resume_at, source.terms, source.notes, source.removed_at{more}
    FROM source
"""
SAID = {
    "sqlite": {
        "reserved": "json_extract({said}, '$.rights.reserved')",
        "policy": "json_extract({said}, '$.rights.policy')",
        "directives": "json_extract({said}, '$.rights.directives')",
        "license": "json_extract({said}, '$.rights.license')",
    },
    "postgresql": {
        "reserved": "CAST({said}->'rights'->>'reserved' AS BOOLEAN)",
        "policy": "{said}->'rights'->>'policy'",
        "directives": "{said}->'rights'->'directives'",
        "license": "{said}->'rights'->>'license'",
    },
}
RIGHTS = """
    SELECT source.name AS source, article.id AS article_id, article.url,
           version_state.number AS version, version.identifier AS version_id,
           {columns}
    FROM version
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN reading_detail ON reading_detail.digest = reading.detail_digest
"""


def upgrade() -> None:
    for name, comment in SETTINGS.items():
        op.add_column(
            "source",
            sa.Column(name, sa.String(20), nullable=False, server_default="all", comment=comment),
        )
    more = "".join(f", source.{name}" for name in SETTINGS)
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        op.execute("DROP VIEW sources")
        op.execute(f"CREATE VIEW sources AS {SOURCES.format(more=more)}")
    else:
        # In place: who may read it still may.
        op.execute(f"CREATE OR REPLACE VIEW sources AS {SOURCES.format(more=more)}")
    columns = ", ".join(
        f"{said.format(said='reading_detail.details')} AS {name}"
        for name, said in SAID[dialect].items()
    )
    op.execute(f"CREATE VIEW rights AS {RIGHTS.format(columns=columns)}")


def downgrade() -> None:
    op.execute("DROP VIEW rights")
    op.execute("DROP VIEW sources")
    for name in SETTINGS:
        op.drop_column("source", name)
    op.execute(f"CREATE VIEW sources AS {SOURCES.format(more='')}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE TRIGGER sources_is_read_only INSTEAD OF INSERT OR UPDATE OR DELETE ON sources
            FOR EACH ROW EXECUTE FUNCTION refuse_change('a view is read-only')"""
        )
