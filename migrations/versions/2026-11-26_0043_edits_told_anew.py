"""edits told anew, by the rules of today

The rules of what an edit is have changed since some were told: by when a byline changed, when a
standfirst did. The list of articles that are left is dropped by the next revision.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from storage.history.edit_rows import renew_edits

revision = "0043"
down_revision = "0042"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
VERSIONS = 10  # of an article, about

_LEFT = sa.table("edit_to_tell", sa.column("article_id", BIG_ID))


def upgrade() -> None:
    op.create_table(
        "edit_to_tell",
        sa.Column("article_id", BIG_ID, primary_key=True, autoincrement=False),
    )
    op.execute(
        """INSERT INTO edit_to_tell (article_id)
        SELECT DISTINCT article_id FROM version_state WHERE number > 1"""
    )


def left(connection: sa.Connection) -> int:
    """How many articles."""
    return connection.scalar(sa.select(sa.func.count()).select_from(_LEFT)) or 0


def copy_some(connection: sa.Connection, step: int) -> bool:
    """Tell the edits of articles with about `step` versions anew; whether there may be more. Of
    those that are others the log of changes says that their versions are read better."""
    some = sa.select(_LEFT.c.article_id).order_by(_LEFT.c.article_id)
    articles = connection.scalars(some.limit(max(1, step // VERSIONS))).all()
    if not articles:
        return False
    with Session(connection) as session:
        changed = renew_edits(session, articles)
    for start in range(0, len(changed), step):
        _log(connection, changed[start : start + step])
    connection.execute(sa.delete(_LEFT).where(_LEFT.c.article_id.in_(articles)))
    return True


def downgrade() -> None:
    op.drop_table("edit_to_tell")


def _log(connection: sa.Connection, version_ids: list[int]) -> None:
    if connection.dialect.name == "sqlite":
        transaction, now = "0", "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
    else:
        transaction = "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
        now = "clock_timestamp()"
    insert = sa.text(
        f"""INSERT INTO change (transaction_id, recorded_at, kind, article_id, version_id)
        SELECT {transaction}, {now}, 'reading', article_id, version_id
        FROM version_state WHERE version_id IN :them ORDER BY version_id"""  # noqa: S608
    )
    connection.execute(
        insert.bindparams(sa.bindparam("them", expanding=True)), {"them": version_ids}
    )
