"""a template is under a digest, of all that it says

Revision ID: 0042
Revises: 0041
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DIGEST = sa.LargeBinary(32)
SOME = 100  # rows in memory at a time


def upgrade() -> None:
    op.add_column("template", sa.Column("sha256", DIGEST, nullable=True))
    _fill()
    with op.batch_alter_table("template") as batch:
        batch.alter_column(
            "sha256", existing_type=DIGEST, nullable=False, comment="of the template, as it stands"
        )


def downgrade() -> None:
    with op.batch_alter_table("template") as batch:
        batch.drop_column("sha256")


def _fill() -> None:
    connection = op.get_bind()
    template = sa.table(
        "template",
        sa.column("id", BIG_ID),
        sa.column("template", sa.Text()),
        sa.column("sha256", DIGEST),
    )
    some = sa.select(template.c.id, template.c.template).where(template.c.sha256.is_(None))
    while rows := connection.execute(some.limit(SOME)).all():
        for number, text in rows:
            digest = hashlib.sha256(text.encode()).digest()
            connection.execute(
                sa.update(template).where(template.c.id == number).values(sha256=digest)
            )
