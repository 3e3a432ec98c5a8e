"""an index of what was counted, by measure and day, of all sources

Revision ID: 0030
Revises: 0029
"""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_index("ix_source_day_measure_day", "source_day", ["measure", "day"])


def downgrade() -> None:
    op.drop_index("ix_source_day_measure_day", "source_day")
