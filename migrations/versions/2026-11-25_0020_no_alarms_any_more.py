"""no alarms any more: the tables alarm and held_check, frontier.held, the measure held

And the operator's decisions on blocks are a template's: profile_decision becomes template_decision.

Back to 0019 the tables are there and empty.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
UNSETTLED = sa.text("settled_at IS NULL")


def upgrade() -> None:
    op.drop_table("held_check")
    op.drop_table("alarm")
    op.drop_column("frontier", "held")
    op.execute("DELETE FROM source_day WHERE measure = 'held'")
    _rename_decisions("profile_decision", "template_decision")
    _comment_on_relearn("profile", "template")


def downgrade() -> None:
    _comment_on_relearn("template", "profile")
    _rename_decisions("template_decision", "profile_decision")
    op.add_column(
        "frontier",
        sa.Column(
            "held",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="a check of it is held back by an alarm",
        ),
    )
    op.create_table(
        "alarm",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("source_id", BIG_ID, sa.ForeignKey("source.id"), nullable=False),
        sa.Column("run_id", BIG_ID, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", DOCUMENT, nullable=False, comment="what was counted"),
        sa.Column("cleared_at", INSTANT, nullable=True),
    )
    op.create_index(None, "alarm", ["source_id", "cleared_at"])
    op.create_table(
        "held_check",
        sa.Column("fetch_id", BIG_ID, primary_key=True, autoincrement=False),
        sa.Column("address_id", BIG_ID, sa.ForeignKey("address.id"), nullable=False),
        sa.Column("alarm_id", BIG_ID, sa.ForeignKey("alarm.id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="what is doubtful about it"),
        sa.Column(
            "settled_at",
            INSTANT,
            nullable=True,
            comment="when it was taken into the record after all",
        ),
    )
    for name, column in (
        ("ix_held_check_unsettled", "address_id"),
        ("ix_held_check_unsettled_of_alarm", "alarm_id"),
    ):
        op.create_index(
            name,
            "held_check",
            [column],
            sqlite_where=UNSETTLED,
            postgresql_where=UNSETTLED,
        )


def _rename_decisions(old: str, new: str) -> None:
    table = op.create_table(
        new,
        sa.Column("source_id", BIG_ID, sa.ForeignKey("source.id"), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column(
            "decision", sa.String(20), nullable=False, comment="always-remove or never-remove"
        ),
        sa.Column("decided_at", INSTANT, nullable=False),
    )
    names = ["source_id", "key", "decision", "decided_at"]
    known = sa.table(old, *(sa.column(name) for name in names))
    op.execute(sa.insert(table).from_select(names, sa.select(known)))
    op.drop_table(old)


def _comment_on_relearn(old: str, new: str) -> None:
    """On PostgreSQL, which keeps comments."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(
            "source",
            "relearn",
            comment=f"pages were sampled since its {new} was learned",
            existing_comment=f"pages were sampled since its {old} was learned",
        )
