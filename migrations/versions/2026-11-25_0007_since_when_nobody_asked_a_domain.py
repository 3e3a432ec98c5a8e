"""since when nobody asked a source's domain, so that its delay is kept from run to run

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "source",
        sa.Column(
            "quiet_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="nothing was asked of its domain from then until the latest lease",
        ),
    )


def downgrade() -> None:
    op.drop_column("source", "quiet_since")
