"""an operator's word on what is an edit, and what the site's

Back to 0030 what was said is lost; what is retracted because of it stays so.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
OVERRULINGS = """
    SELECT source.name AS source, overruling.id AS number, overruling.says, overruling.reason,
           overruling.said_by, overruling.said_at, overruling.signatures, overruling.undone_at,
           overruling.undone_by, overruling.undone_reason
    FROM overruling
    JOIN source ON source.id = overruling.source_id
"""


def upgrade() -> None:
    op.create_table(
        "overruling",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("source_id", BIG_ID, sa.ForeignKey("source.id"), nullable=False),
        sa.Column("says", sa.String(20), nullable=False, comment="what it is"),
        sa.Column("came_from", sa.Text(), nullable=False, comment="the layout that the pages had"),
        sa.Column("became", sa.Text(), nullable=False, comment="the layout that they have"),
        sa.Column("signatures", DOCUMENT, nullable=False, comment="what changed, and where"),
        sa.Column(
            "keys", DOCUMENT, nullable=False, comment="blocks that stay in texts because of it"
        ),
        sa.Column(
            "version_ids",
            DOCUMENT,
            nullable=False,
            comment="versions that came of it, or that it retracted",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("says IN ('edits', 'site')", name=op.f("ck_overruling_says")),
    )
    op.create_index("ix_overruling_source_id_id", "overruling", ["source_id", "id"])
    op.add_column(
        "version_state",
        sa.Column(
            "overruling_id",
            BIG_ID,
            nullable=True,
            comment="by which an operator says that it is the site's",
        ),
    )
    op.execute(f"CREATE VIEW overrulings AS {OVERRULINGS}")


def downgrade() -> None:
    op.execute("DROP VIEW overrulings")
    op.drop_column("version_state", "overruling_id")
    op.drop_table("overruling")
