"""whether a source's pages are shown in a browser, and what was found of their need

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

COLUMNS = {
    "browser": ("auto", "whether a browser shows its pages before they are archived"),
    "browser_need": ("unknown", "what was found of whether its pages need one"),
}


def upgrade() -> None:
    for name, (default, comment) in COLUMNS.items():
        op.add_column(
            "source",
            sa.Column(name, sa.String(20), nullable=False, server_default=default, comment=comment),
        )


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("source", name)
