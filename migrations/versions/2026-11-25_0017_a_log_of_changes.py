"""a log of changes that triggers write, and the archive's identity

Back to 0016 both are lost; what followed the log begins anew.

Revision ID: 0017
Revises: 0016
"""

from collections.abc import Iterator
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

_TRIGGERS = {
    "version_is_added": (
        "version_state",
        "INSERT",
        "",
        "'version', new.article_id, new.version_id",
    ),
    "version_is_reread": (
        "version_state",
        "UPDATE",
        "new.best_reading <> old.best_reading",
        "'reading', new.article_id, new.version_id",
    ),
    "version_leaves": (
        "version_state",
        "UPDATE",
        "new.article_id <> old.article_id",
        "'history', old.article_id, new.version_id",
    ),
    "version_arrives": (
        "version_state",
        "UPDATE",
        "new.article_id <> old.article_id OR (new.number <> old.number AND new.number > 0)",
        "'history', new.article_id, new.version_id",
    ),
    "article_is_changed": (
        "article",
        "UPDATE",
        "new.url <> old.url OR new.current_version_id IS DISTINCT FROM old.current_version_id"
        " OR new.merged_into_id IS DISTINCT FROM old.merged_into_id",
        "'article', new.id, new.current_version_id",
    ),
    "article_comes_or_goes": (
        "article",
        "UPDATE",
        "new.state <> old.state",
        "'presence', new.id, new.current_version_id",
    ),
    "article_is_removed": ("article", "DELETE", "", "'removed', old.id, NULL"),
    "article_is_dated": (
        "address",
        "UPDATE",
        "new.article_id IS NOT NULL AND new.published_at IS DISTINCT FROM old.published_at",
        "'date', new.article_id, NULL",
    ),
    "article_is_found_away": (
        "finding",
        "INSERT",
        "new.meaning = 'removed' AND new.article_id IS NOT NULL",
        "'presence', new.article_id, new.version_id",
    ),
    "version_is_retracted": (
        "finding",
        "INSERT",
        "new.meaning = 'retracted' AND new.article_id IS NOT NULL",
        "'retracted', new.article_id, new.version_id",
    ),
    "source_is_added": ("source", "INSERT", "", "'source', NULL, NULL, new.id"),
    "source_is_changed": (
        "source",
        "UPDATE",
        "new.name <> old.name OR new.url <> old.url OR new.enabled <> old.enabled"
        " OR new.removed_at IS DISTINCT FROM old.removed_at",
        "'source', NULL, NULL, new.id",
    ),
    "source_is_removed": ("source", "DELETE", "", "'source', NULL, NULL, old.id"),
}


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column(
            "transaction_id",
            BIG_ID,
            nullable=False,
            comment="PostgreSQL's, which tells what is durable; 0 on SQLite, which has one writer",
        ),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("article_id", BIG_ID, nullable=True),
        sa.Column("version_id", BIG_ID, nullable=True),
        sa.Column("source_id", BIG_ID, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False, comment="by the database's clock"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_transaction_id_id", "change", ["transaction_id", "id"])
    op.create_table(
        "archive_identity",
        sa.Column("id", sa.String(36), primary_key=True, comment="a UUID"),
    )
    op.execute(f"INSERT INTO archive_identity (id) VALUES ('{uuid4()}')")  # noqa: S608
    op.create_index(
        "ix_finding_removed",
        "finding",
        ["article_id"],
        sqlite_where=sa.text("meaning = 'removed'"),
        postgresql_where=sa.text("meaning = 'removed'"),
    )
    _tell_what_is_there()
    for statement in _triggers():
        op.execute(statement)


def _tell_what_is_there() -> None:
    transaction, now = _now()
    op.execute(
        f"""INSERT INTO change (transaction_id, kind, source_id, recorded_at)
        SELECT {transaction}, 'source', id, {now} FROM source ORDER BY id"""  # noqa: S608
    )
    op.execute(
        f"""INSERT INTO change (transaction_id, kind, article_id, version_id, recorded_at)
        SELECT {transaction}, 'version', version_state.article_id, version.id,
               COALESCE((SELECT min(finding.recorded_at) FROM finding
                         WHERE finding.fetch_id = version.fetch_id
                           AND finding.version_id = version.id), version.first_seen_at)
        FROM version JOIN version_state ON version_state.version_id = version.id
        ORDER BY version.id"""  # noqa: S608
    )


def _triggers() -> Iterator[str]:
    sqlite = op.get_bind().dialect.name == "sqlite"
    transaction, now = _now()
    for name, (table, event, condition, values) in _TRIGGERS.items():
        columns = "kind, article_id, version_id"
        columns += ", source_id" if values.count(",") == 3 else ""
        insert = f"""INSERT INTO change (transaction_id, recorded_at, {columns})
            VALUES ({transaction}, {now}, {values});"""  # noqa: S608
        when = f"WHEN ({condition})" if condition else ""
        if sqlite:
            # `IS DISTINCT FROM` is SQLite's since 3.39, `IS NOT` since ever.
            when = when.replace("IS DISTINCT FROM", "IS NOT")
            yield f"CREATE TRIGGER {name} AFTER {event} ON {table} {when} BEGIN {insert} END"
            continue
        yield f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {insert} RETURN NULL; END $$"""
        yield f"""CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when}
            EXECUTE FUNCTION {name}()"""


def _now() -> tuple[str, str]:
    if op.get_bind().dialect.name == "sqlite":
        return "0", "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
    return "CAST(CAST(pg_current_xact_id() AS text) AS bigint)", "clock_timestamp()"


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, (table, *_) in _TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_finding_removed", "finding")
    op.drop_table("archive_identity")
    op.drop_table("change")
