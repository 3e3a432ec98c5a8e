"""the latest edits of a source, and the latest removals and returns, by indices

Triggers keep the source: what writes edits, earlier revisions among it, need not know of it.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

AWAY = sa.text("meaning IN ('removed', 'returned')")
SOURCE_OF = """(SELECT article.source_id FROM version_state
        JOIN article ON article.id = version_state.article_id
        WHERE version_state.version_id = {0}.version_id)"""
# What the code writes anew whenever a version moves to another article.
MOVED = "from_version_id"
KEEP = f"""UPDATE edit SET source_id = COALESCE({SOURCE_OF.format("new")}, new.source_id)
        WHERE version_id = new.version_id"""  # noqa: S608


def upgrade() -> None:
    op.add_column(
        "edit",
        sa.Column("source_id", sa.Integer(), nullable=True, comment="the article's source"),
    )
    op.execute(f"UPDATE edit SET source_id = {SOURCE_OF.format('edit')}")  # noqa: S608
    op.create_index("ix_edit_source_id_first_seen_at", "edit", ["source_id", "first_seen_at"])
    op.create_index(
        "ix_finding_away", "finding", ["fetch_id"], sqlite_where=AWAY, postgresql_where=AWAY
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION edit_has_source() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"NEW.source_id = COALESCE({SOURCE_OF.format('NEW')}, NEW.source_id); "
            "RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER edit_has_source BEFORE INSERT OR UPDATE OF {MOVED} ON edit "
            "FOR EACH ROW EXECUTE FUNCTION edit_has_source()"
        )
        return
    for name, event in (("edit_has_source", "INSERT"), ("edit_moves", f"UPDATE OF {MOVED}")):
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON edit BEGIN {KEEP}; END")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER edit_has_source ON edit")
        op.execute("DROP FUNCTION edit_has_source()")
    else:
        op.execute("DROP TRIGGER edit_has_source")
        op.execute("DROP TRIGGER edit_moves")
    op.drop_index("ix_finding_away", "finding")
    op.drop_index("ix_edit_source_id_first_seen_at", "edit")
    op.drop_column("edit", "source_id")
