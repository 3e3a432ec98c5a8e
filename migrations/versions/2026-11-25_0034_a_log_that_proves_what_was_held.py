"""a log that proves what the archive held, a Merkle tree a day

What is there already is taken for recorded now: nobody can prove more. Back to 0033 the log is
lost, and the stamps on it.

Revision ID: 0034
Revises: 0033
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DIGEST = sa.LargeBinary(32)
INSTANT = sa.DateTime(timezone=True)
KEYS = {"fetch": ("fetch_id", "id"), "version": ("version_id", "id")}
KEYS |= {"content": ("content_digest", "digest")}
GUARDED = {
    "day_root": "the root of a day",
    "timestamp_token": "a timestamp",
}
REPLACED = {
    "leaf": "day = new.day AND position = new.position",
    "day_root": "day = new.day",
    "timestamp_token": "id = new.id",
}
LEAF_CHANGES = " OR ".join(
    [
        "new.day <> old.day OR new.position <> old.position OR new.hash <> old.hash",
        "new.fetch_id IS DISTINCT FROM old.fetch_id",
        "new.version_id IS DISTINCT FROM old.version_id",
        *(
            f"(new.{it} IS NOT NULL AND new.{it} IS DISTINCT FROM old.{it})"
            for it in ("salt", "content_digest")
        ),
    ]
)


def upgrade() -> None:
    op.create_table(
        "unsealed",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("fetch_id", BIG_ID, nullable=True),
        sa.Column("version_id", BIG_ID, nullable=True),
        sa.Column("content_digest", DIGEST, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False, comment="by the database's clock"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "leaf",
        sa.Column("day", sa.Date(), primary_key=True, comment="UTC"),
        sa.Column(
            "position",
            BIG_ID,
            primary_key=True,
            autoincrement=False,
            comment="in the day's tree: 0, 1, 2 …",
        ),
        sa.Column("fetch_id", BIG_ID, nullable=True),
        sa.Column("version_id", BIG_ID, nullable=True),
        sa.Column("content_digest", DIGEST, nullable=True, comment="null where it went"),
        sa.Column(
            "salt",
            sa.LargeBinary(16),
            nullable=True,
            comment="random; null where it was destroyed with what it hid",
        ),
        sa.Column("hash", DIGEST, nullable=False, comment="storage.proof.leaves says of what"),
        sqlite_with_rowid=False,
    )
    for key, _ in KEYS.values():
        where = sa.text(f"{key} IS NOT NULL")
        op.create_index(
            f"ix_leaf_{key}",
            "leaf",
            [key],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_table(
        "day_root",
        sa.Column("day", sa.Date(), primary_key=True, comment="UTC"),
        sa.Column("leaves", BIG_ID, nullable=False, comment="how many the tree has"),
        sa.Column("root", DIGEST, nullable=False, comment="of the tree, by RFC 9162, section 2.1"),
        sa.Column(
            "chained",
            DIGEST,
            nullable=False,
            comment="SHA-256 of the day, its root and the digest that is chained before it",
        ),
        sa.Column("closed_at", INSTANT, nullable=False, comment="by the database's clock"),
    )
    op.create_table(
        "timestamp_token",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("day", sa.Date(), sa.ForeignKey("day_root.day"), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False, comment="its URL"),
        sa.Column("stamped_at", INSTANT, nullable=False, comment="as the token says"),
        sa.Column("token", sa.LargeBinary(), nullable=False, comment="DER of the TimeStampToken"),
        sa.Column("recorded_at", INSTANT, nullable=False, comment="by the database's clock"),
    )
    op.create_index("ix_timestamp_token_day", "timestamp_token", ["day"])
    for table, (key, column) in KEYS.items():
        op.execute(
            f"""INSERT INTO unsealed ({key}, recorded_at)
            SELECT {column}, {_now()} FROM "{table}" ORDER BY {column}"""  # noqa: S608
        )
    for statement in (*_recording(), *_destroying(), *_guards()):
        op.execute(statement)


def _recording() -> Iterator[str]:
    """What is recorded waits for its day's tree."""
    for table, (key, column) in KEYS.items():
        name = f"{table}_is_to_be_sealed"
        insert = f"""INSERT INTO unsealed ({key}, recorded_at)
            VALUES (new.{column}, {_now()});"""  # noqa: S608
        yield from _after("INSERT", table, name, insert)


def _destroying() -> Iterator[str]:
    """What is deleted leaves nothing by which it could be guessed."""
    for table, (key, column) in KEYS.items():
        name = f"{table}_leaves_no_salt"
        update = f"""UPDATE leaf SET salt = NULL, content_digest = NULL
            WHERE {key} = old.{column};"""  # noqa: S608
        yield from _after("DELETE", table, name, update)


def _after(event: str, table: str, name: str, statement: str) -> Iterator[str]:
    if _is_sqlite():
        yield f'CREATE TRIGGER {name} AFTER {event} ON "{table}" BEGIN {statement} END'
        return
    yield f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN {statement} RETURN NULL; END $$"""
    yield f"""CREATE TRIGGER {name} AFTER {event} ON "{table}" FOR EACH ROW
        EXECUTE FUNCTION {name}()"""


def _guards() -> Iterator[str]:
    never = "a leaf never changes, but that its salt goes"
    if _is_sqlite():
        # `IS DISTINCT FROM` is SQLite's since 3.39, `IS NOT` since ever.
        changes = LEAF_CHANGES.replace("IS DISTINCT FROM", "IS NOT")
        yield f"""CREATE TRIGGER leaf_is_immutable BEFORE UPDATE ON leaf WHEN {changes} BEGIN
            SELECT RAISE(ABORT, '{never}');
        END"""
        for table, what in GUARDED.items():
            yield f"""CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table} BEGIN
                SELECT RAISE(ABORT, '{what} never changes');
            END"""
        for table, what in {"leaf": "a leaf", **GUARDED}.items():
            yield f"""CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table} BEGIN
                SELECT RAISE(ABORT, '{what} is never deleted');
            END"""
            # REPLACE deletes without asking the trigger above.
            yield f"""CREATE TRIGGER {table}_is_not_replaced BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {REPLACED[table]}) BEGIN
                SELECT RAISE(ABORT, '{what} never changes');
            END"""  # noqa: S608
        return
    yield f"""CREATE TRIGGER leaf_is_immutable BEFORE UPDATE ON leaf
        FOR EACH ROW WHEN ({LEAF_CHANGES}) EXECUTE FUNCTION refuse_change('{never}')"""
    for table, what in GUARDED.items():
        yield f"""CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change('{what} never changes')"""
    for table, what in {"leaf": "a leaf", **GUARDED}.items():
        yield f"""CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change('{what} is never deleted')"""
        yield f"""CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('{what} is never deleted')"""


def _now() -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')" if _is_sqlite() else "clock_timestamp()"


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def downgrade() -> None:
    for table in KEYS:
        for name in (f"{table}_is_to_be_sealed", f"{table}_leaves_no_salt"):
            op.execute(f"DROP TRIGGER {name}" + ("" if _is_sqlite() else f' ON "{table}"'))
            if not _is_sqlite():
                op.execute(f"DROP FUNCTION {name}()")
    for table in ("timestamp_token", "day_root", "leaf", "unsealed"):
        op.drop_table(table)
