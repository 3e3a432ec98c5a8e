"""on how many of the pages that were compared a site-wide change was seen

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

SITE_CHANGES = """
    SELECT source.name AS source, site_change.recorded_at, site_change.came_from,
           site_change.became, site_change.pages, site_change.signatures{more}
    FROM site_change
    JOIN source ON source.id = site_change.source_id
"""


def upgrade() -> None:
    shown = sa.Column("shown", sa.Integer(), comment="on how many of these; null: not counted then")
    op.add_column("site_change", shown)
    query = SITE_CHANGES.format(more=", site_change.shown")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP VIEW site_changes")
        op.execute(f"CREATE VIEW site_changes AS {query}")
    else:
        # In place: who may read it still may.
        op.execute(f"CREATE OR REPLACE VIEW site_changes AS {query}")


def downgrade() -> None:
    op.execute("DROP VIEW site_changes")
    op.drop_column("site_change", "shown")
    op.execute(f"CREATE VIEW site_changes AS {SITE_CHANGES.format(more='')}")
