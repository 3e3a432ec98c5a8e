"""hosts of other sites that an operator says are a source's too

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "source_host",
        sa.Column(
            "name",
            sa.String(255),
            primary_key=True,
            comment="host, with a port that is not its scheme's own",
        ),
        sa.Column("source_id", BIG_ID, sa.ForeignKey("source.id"), nullable=False, index=True),
        sa.Column(
            "domain",
            sa.Text(),
            nullable=False,
            index=True,
            comment="its registered domain, which no other source may be of",
        ),
    )


def downgrade() -> None:
    op.drop_table("source_host")
