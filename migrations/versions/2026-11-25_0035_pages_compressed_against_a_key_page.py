"""pages compressed against a key page, and payloads in a store beside the archive

Back to 0034 each payload is compressed alone again. Those in a payload store have to be taken into
the archive before.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0035"
down_revision = "0034"

DIGEST = sa.LargeBinary(32)
KEYED = sa.text("key_digest IS NOT NULL")
STORED = sa.text("object_digest IS NOT NULL")
COMMENTS = {
    "data": "compressed; empty where the payload store has it",
    "key_digest": "of the key page that data is compressed against",
    "object_digest": "SHA-256 of data, its name in the payload store; null where it is here",
}
PAYLOAD = sa.table(
    "payload", *(sa.column(name, sa.LargeBinary) for name in ("digest", "data", "key_digest"))
)

SQLITE = [
    "ALTER TABLE payload ADD COLUMN key_digest BLOB "
    "CONSTRAINT fk_payload_key_digest REFERENCES payload (digest)",
    "ALTER TABLE payload ADD COLUMN object_digest BLOB",
    """CREATE TRIGGER payload_key_is_plain BEFORE INSERT ON payload
    WHEN new.key_digest IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payload WHERE digest = new.key_digest AND key_digest IS NULL
    ) BEGIN
        SELECT RAISE(ABORT, 'a key page is stored plain');
    END""",
    """CREATE TRIGGER payload_key_stays_plain BEFORE UPDATE OF key_digest ON payload
    WHEN new.key_digest IS NOT NULL AND (
        NOT EXISTS (SELECT 1 FROM payload WHERE digest = new.key_digest AND key_digest IS NULL)
        OR EXISTS (SELECT 1 FROM payload WHERE key_digest = new.digest)
    ) BEGIN
        SELECT RAISE(ABORT, 'a key page is stored plain');
    END""",
]
POSTGRESQL = [
    # The key is locked, so that who would compress it has to wait for those that it is to serve.
    """CREATE FUNCTION require_plain_key() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.key_digest IS NOT NULL THEN
        PERFORM 1 FROM payload WHERE digest = NEW.key_digest AND key_digest IS NULL FOR SHARE;
        IF NOT FOUND OR EXISTS (SELECT 1 FROM payload WHERE key_digest = NEW.digest) THEN
            RAISE EXCEPTION 'a key page is stored plain' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW; END $$""",  # noqa: E501
    """CREATE TRIGGER payload_key_is_plain BEFORE INSERT OR UPDATE OF key_digest ON payload
    FOR EACH ROW EXECUTE FUNCTION require_plain_key()""",
]


def upgrade() -> None:
    if _is_sqlite():
        for statement in SQLITE[:2]:
            op.execute(statement)
    else:
        op.alter_column("payload", "data", comment=COMMENTS["data"])
        for name in ("key_digest", "object_digest"):
            op.add_column("payload", sa.Column(name, DIGEST, nullable=True, comment=COMMENTS[name]))
        op.create_foreign_key(
            "fk_payload_key_digest", "payload", "payload", ["key_digest"], ["digest"]
        )
    for name, where in (("key_digest", KEYED), ("object_digest", STORED)):
        op.create_index(
            f"ix_payload_{name}", "payload", [name], sqlite_where=where, postgresql_where=where
        )
    for statement in SQLITE[2:] if _is_sqlite() else POSTGRESQL:
        op.execute(statement)
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "key_page",
        sa.Column("source_id", _big_id(), sa.ForeignKey("source.id"), primary_key=True),
        sa.Column("digest", DIGEST, sa.ForeignKey("payload.digest"), primary_key=True),
        sa.Column("used_at", instant, nullable=False, comment="or offered first"),
        sa.Column(
            "alone",
            sa.Double(),
            nullable=False,
            comment="bytes that a byte of it is compressed to, alone",
        ),
        sa.Column(
            "pages",
            sa.Integer(),
            nullable=False,
            comment="compressed against it while it was offered",
        ),
        sa.Column(
            "usual",
            sa.Double(),
            nullable=False,
            comment="bytes that a byte of its first pages was compressed to",
        ),
        sa.Column("recent", sa.Double(), nullable=False, comment="the same of its latest pages"),
    )
    op.create_index("ix_key_page_digest", "key_page", ["digest"])


def downgrade() -> None:
    connection = op.get_bind()
    if connection.scalar(sa.text(f"SELECT 1 FROM payload WHERE {STORED} LIMIT 1")):  # noqa: S608
        raise RuntimeError(
            "payloads are in a payload store: run `permalien db compact --into database` before"
        )
    op.drop_table("key_page")
    _compress_alone(connection)
    for trigger in ("payload_key_is_plain", "payload_key_stays_plain"):
        if _is_sqlite():
            op.execute(f"DROP TRIGGER {trigger}")
    if not _is_sqlite():
        op.execute("DROP TRIGGER payload_key_is_plain ON payload")
        op.execute("DROP FUNCTION require_plain_key()")
        op.alter_column("payload", "data", comment=None)
        op.drop_constraint("fk_payload_key_digest", "payload", type_="foreignkey")
    for name in ("key_digest", "object_digest"):
        op.drop_index(f"ix_payload_{name}", "payload")
        op.execute(f"ALTER TABLE payload DROP COLUMN {name}")


def _compress_alone(connection: sa.Connection) -> None:
    some = sa.select(PAYLOAD).where(PAYLOAD.c.key_digest.is_not(None)).limit(100)
    while rows := connection.execute(some).all():
        for row in rows:
            is_key = PAYLOAD.c.digest == row.key_digest
            key = connection.scalar(sa.select(PAYLOAD.c.data).where(is_key))
            content = zstandard.ZstdCompressionDict(
                zstandard.decompress(key or b""), dict_type=zstandard.DICT_TYPE_RAWCONTENT
            )
            body = zstandard.ZstdDecompressor(dict_data=content).decompress(row.data)
            connection.execute(
                PAYLOAD.update()
                .where(PAYLOAD.c.digest == row.digest)
                .values(data=zstandard.compress(body), key_digest=None)
            )


def _big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
