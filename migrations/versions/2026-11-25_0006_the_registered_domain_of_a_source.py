"""the registered domain of a source, of which one run at a time has every source

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from storage.frontier.domains import registered_domain

revision = "0006"
down_revision = "0005"

_SOURCE = sa.table("source", sa.column("id"), sa.column("url"), sa.column("domain"))


def upgrade() -> None:
    op.add_column(
        "source",
        sa.Column(
            "domain",
            sa.Text(),
            nullable=False,
            server_default="",
            comment="the registered domain of its url, which one run at a time may ask",
        ),
    )
    op.create_index("ix_source_domain", "source", ["domain"])
    connection = op.get_bind()
    for source in connection.execute(sa.select(_SOURCE.c.id, _SOURCE.c.url)).all():
        connection.execute(
            _SOURCE.update()
            .where(_SOURCE.c.id == source.id)
            .values(domain=registered_domain(source.url))
        )


def downgrade() -> None:
    op.drop_index("ix_source_domain", "source")
    op.drop_column("source", "domain")
