"""an index that control pages are picked by

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    shown = sa.text("version_id IS NOT NULL")
    op.create_index(
        "ix_frontier_showing",
        "frontier",
        ["source_id", "address_id"],
        sqlite_where=shown,
        postgresql_where=shown,
    )


def downgrade() -> None:
    op.drop_index("ix_frontier_showing", "frontier")
