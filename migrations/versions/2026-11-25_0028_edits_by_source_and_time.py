"""indices for the latest edits of a source, and for the latest removals and returns

What made the versions that no edit is known of is found in bounded steps, each a transaction of its
own.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from storage.history.edit_rows import refresh_edits

revision = "0028"
down_revision = "0027"

AWAY = sa.text("meaning IN ('removed', 'returned')")


def upgrade() -> None:
    op.add_column(
        "edit",
        sa.Column("source_id", sa.Integer(), nullable=True, comment="the article's source"),
    )
    op.execute(
        "UPDATE edit SET source_id = ("
        "SELECT article.source_id FROM version_state "
        "JOIN article ON article.id = version_state.article_id "
        "WHERE version_state.version_id = edit.version_id)"
    )
    op.create_index("ix_edit_source_id_first_seen_at", "edit", ["source_id", "first_seen_at"])
    op.create_index(
        "ix_finding_away", "finding", ["fetch_id"], sqlite_where=AWAY, postgresql_where=AWAY
    )


def copy_some(connection: sa.Connection, step: int) -> bool:
    """Find the edits that made the next `step` versions; whether there may be more."""
    rows = connection.execute(
        sa.text(
            """SELECT version_id FROM version_state
            WHERE number > 1 AND version_id > (SELECT COALESCE(MAX(version_id), 0) FROM edit)
            ORDER BY version_id LIMIT :step"""
        ),
        {"step": step},
    ).all()
    with Session(connection) as session:
        refresh_edits(session, [row.version_id for row in rows], alone=True)
    return len(rows) == step


def downgrade() -> None:
    op.drop_index("ix_finding_away", "finding")
    op.drop_index("ix_edit_source_id_first_seen_at", "edit")
    op.drop_column("edit", "source_id")
