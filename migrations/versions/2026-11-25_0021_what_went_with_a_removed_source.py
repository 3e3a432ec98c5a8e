"""what is left to tell of sources that were removed with their record

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "source_removal",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("url", sa.Text(), nullable=False, comment="front page"),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=False),
        sa.Column(
            "articles",
            sa.Integer(),
            nullable=False,
            comment="that went with it, as the numbers beside it",
        ),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("addresses", sa.Integer(), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("source_removal")
