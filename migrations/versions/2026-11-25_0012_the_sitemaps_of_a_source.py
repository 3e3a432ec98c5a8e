"""an index of each source's sitemaps, which are counted before more are taken in

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index(
        "ix_address_sitemap",
        "address",
        ["source_id"],
        sqlite_where=sa.text("kind = 'sitemap'"),
        postgresql_where=sa.text("kind = 'sitemap'"),
    )


def downgrade() -> None:
    op.drop_index("ix_address_sitemap", "address")
