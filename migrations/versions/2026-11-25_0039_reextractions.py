"""how far each re-extraction has come

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reextraction",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column(
            "run_id",
            BIG_ID,
            sa.ForeignKey("run.id"),
            nullable=False,
            comment="that works at it, or did",
        ),
        sa.Column("extractor", sa.String(100), nullable=False, comment="that reads"),
        sa.Column("asked", DOCUMENT, nullable=False, comment="which versions"),
        sa.Column("total", sa.Integer(), nullable=False, comment="versions, when it began"),
        sa.Column("done", sa.Integer(), nullable=False, comment="of these: read, or up to date"),
        sa.Column("read", sa.Integer(), nullable=False, comment="versions"),
        sa.Column(
            "changed",
            sa.Integer(),
            nullable=False,
            comment="of these, that say something else now",
        ),
        sa.Column(
            "unreadable",
            sa.Integer(),
            nullable=False,
            comment="of these, in which no article was found",
        ),
        sa.Column("fields", DOCUMENT, nullable=False, comment="how many changed, by field"),
        sa.Column(
            "source_id", sa.Integer(), nullable=True, comment="sources before this one are done,"
        ),
        sa.Column(
            "version_id",
            BIG_ID,
            nullable=True,
            comment="and of this one the versions from this one on,",
        ),
        sa.Column(
            "templates",
            sa.String(64),
            nullable=False,
            comment="with templates of this digest; empty where none is begun",
        ),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False, comment="when it last came further"),
        sa.Column("finished_at", INSTANT, nullable=True),
    )


def downgrade() -> None:
    op.drop_table("reextraction")
