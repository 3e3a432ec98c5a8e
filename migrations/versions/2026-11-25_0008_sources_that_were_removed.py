"""sources that were removed, of which the record is kept

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

SOURCES = """
    SELECT source.name, source.url, source.enabled, source.added_at,
           source.delay AS delay_seconds, source.cadence AS cadence_seconds,
           source.resume_at, source.terms, source.notes{more}
    FROM source
"""


def upgrade() -> None:
    op.add_column(
        "source",
        sa.Column(
            "removed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when an operator removed it and kept its record",
        ),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP VIEW sources")
        op.execute(f"CREATE VIEW sources AS {SOURCES.format(more=', source.removed_at')}")
    else:
        # In place: who may read it still may.
        op.execute(
            f"CREATE OR REPLACE VIEW sources AS {SOURCES.format(more=', source.removed_at')}"
        )


def downgrade() -> None:
    op.execute("DROP VIEW sources")
    op.drop_column("source", "removed_at")
    op.execute(f"CREATE VIEW sources AS {SOURCES.format(more='')}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE TRIGGER sources_is_read_only INSTEAD OF INSERT OR UPDATE OR DELETE ON sources
            FOR EACH ROW EXECUTE FUNCTION refuse_change('a view is read-only')"""
        )
