"""all edits are told anew: the list of what was left is dropped

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_table("edit_to_tell")


def downgrade() -> None:
    op.create_table(
        "edit_to_tell",
        sa.Column("article_id", BIG_ID, primary_key=True, autoincrement=False),
    )
