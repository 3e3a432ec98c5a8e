"""readings and contents, instead of the extractions that were copied into them

Back to 0013 the extractions are made again: of readings of one payload at several addresses, by one
extractor with one template, the first alone stays; offsets and precision of times are lost with the
tables.

Revision ID: 0014
Revises: 0013
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
DIGEST = sa.LargeBinary(32)

PRIMARY_LANGUAGE = {
    "sqlite": "lower(substr({said}.language, 1, instr({said}.language || '-', '-') - 1))",
    "postgresql": "lower(split_part({said}.language, '-', 1))",
}
PUBLISHED_AT = """COALESCE(
    {said}.published_at,
    (SELECT MIN(address.published_at) FROM address WHERE address.article_id = article.id)
)"""
STATE = """CAST(
    CASE WHEN article.state = 'live' AND (content.partial OR content.paywalled) THEN 'walled'
         ELSE article.state END AS VARCHAR(20)
)"""
ARTICLES = """
    SELECT article.id, source.name AS source, article.url, {said}.title,
           {said}.authors, {published_at} AS published_at, {said}.modified_at,
           {said}.language, {said}.text, version_state.number AS version,
           {state} AS state, article.first_seen_at, version_state.last_seen_at,
           {primary_language} AS primary_language{more}
    FROM article
    JOIN source ON source.id = article.source_id
    JOIN version ON version.id = article.current_version_id
    JOIN version_state ON version_state.version_id = version.id
    {join}
"""
ARTICLE_VERSIONS = """
    SELECT article.id AS article_id, source.name AS source, article.url,
           version_state.number AS version, {said}.title, {said}.authors,
           {published_at} AS published_at, {said}.modified_at, {said}.language,
           {said}.text, version.first_seen_at, version_state.last_seen_at,
           {primary_language} AS primary_language{more}
    FROM version
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id
    JOIN source ON source.id = article.source_id
    {join}
"""
VIEWS = {"articles": ARTICLES, "article_versions": ARTICLE_VERSIONS}
NEW_JOIN = """JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
    JOIN content AS recorded ON recorded.digest = version.recorded_content"""
OLD_JOIN = "JOIN extraction ON extraction.id = version_state.extraction_id"
MORE = """, recorded.text AS text_as_recorded,
           content.published_offset, content.published_precision,
           content.modified_offset, content.modified_precision"""

_GUARDED = (("content", "a content"), ("reading_detail", "a reading"), ("reading", "a reading"))
_KEYS = {
    "content": "digest = new.digest",
    "reading_detail": "digest = new.digest",
    "reading": "id = new.id",
}


def upgrade() -> None:
    connection = op.get_bind()
    copied = sa.text("SELECT max(id) FROM extraction WHERE id > (SELECT max(id) FROM reading)")
    unrecorded = sa.text("SELECT min(id) FROM version WHERE recorded_content IS NULL")
    if connection.scalar(copied) is not None or connection.scalar(unrecorded) is not None:
        raise RuntimeError("not all extractions are copied: run `permalien db upgrade`")
    others = _drop_views()
    op.drop_index("ix_version_unrecorded", "version")
    # A column that is renamed in a batch loses its foreign key there.
    op.execute("ALTER TABLE version RENAME COLUMN extraction_id TO reading_id")
    with op.batch_alter_table("version") as batch:
        batch.drop_constraint("fk_version_extraction_id", type_="foreignkey")
        batch.alter_column("recorded_content", existing_type=DIGEST, nullable=False)
        batch.create_foreign_key("fk_version_reading_id", "reading", ["reading_id"], ["id"])
        batch.create_foreign_key(
            "fk_version_recorded_content", "content", ["recorded_content"], ["digest"]
        )
    op.create_index("ix_version_recorded_content", "version", ["recorded_content"])
    op.drop_index("ix_version_state_extraction_id", "version_state")
    op.execute("ALTER TABLE version_state RENAME COLUMN extraction_id TO best_reading")
    with op.batch_alter_table("version_state") as batch:
        batch.drop_constraint("fk_version_state_extraction_id", type_="foreignkey")
        batch.alter_column(
            "best_reading",
            existing_type=BIG_ID,
            existing_nullable=False,
            comment="moves: the one it is read through",
        )
        batch.create_foreign_key(
            "fk_version_state_best_reading", "reading", ["best_reading"], ["id"]
        )
    op.create_index("ix_version_state_best_reading", "version_state", ["best_reading"])
    create = "CREATE VIEW" if _is_sqlite() else "CREATE OR REPLACE VIEW"
    for name, query in VIEWS.items():
        op.execute(f"{create} {name} AS {_said(query, 'content', NEW_JOIN, STATE, MORE)}")
    for statement in others:
        op.execute(statement)
    op.drop_table("extraction")
    _number_on("reading")
    _create_version_guards()
    for guard in _guards():
        op.execute(guard)


def downgrade() -> None:
    others = _drop_views()
    if not _is_sqlite():
        for name in VIEWS:
            op.execute(f"DROP VIEW {name}")
    _drop_guards()
    _create_extractions()
    _fill_extractions()
    op.drop_index("ix_version_recorded_content", "version")
    op.execute("ALTER TABLE version RENAME COLUMN reading_id TO extraction_id")
    with op.batch_alter_table("version") as batch:
        batch.drop_constraint("fk_version_reading_id", type_="foreignkey")
        batch.drop_constraint("fk_version_recorded_content", type_="foreignkey")
        batch.alter_column("recorded_content", existing_type=DIGEST, nullable=True)
        batch.create_foreign_key(
            "fk_version_extraction_id", "extraction", ["extraction_id"], ["id"]
        )
    unrecorded = sa.text("recorded_content IS NULL")
    op.create_index(
        "ix_version_unrecorded",
        "version",
        ["id"],
        sqlite_where=unrecorded,
        postgresql_where=unrecorded,
    )
    op.drop_index("ix_version_state_best_reading", "version_state")
    op.execute("ALTER TABLE version_state RENAME COLUMN best_reading TO extraction_id")
    with op.batch_alter_table("version_state") as batch:
        batch.drop_constraint("fk_version_state_best_reading", type_="foreignkey")
        batch.alter_column(
            "extraction_id",
            existing_type=BIG_ID,
            existing_nullable=False,
            comment=None,
        )
        batch.create_foreign_key(
            "fk_version_state_extraction_id", "extraction", ["extraction_id"], ["id"]
        )
    op.create_index("ix_version_state_extraction_id", "version_state", ["extraction_id"])
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {_said(query, 'extraction', OLD_JOIN, 'article.state')}")
    for statement in others:
        op.execute(statement)


def _number_on(table: str) -> None:
    """The next id that PostgreSQL gives out comes after those that were copied."""
    if not _is_sqlite():
        key = sa.table(table, sa.column("id")).c.id
        sequence = sa.func.pg_get_serial_sequence(table, "id")
        highest = sa.func.max(key)
        op.get_bind().execute(
            sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 1), highest.is_not(None)))
        )


def _said(query: str, said: str, join: str, state: str, more: str = "") -> str:
    language = PRIMARY_LANGUAGE[op.get_bind().dialect.name].format(said=said)
    published_at = PUBLISHED_AT.format(said=said)
    return query.format(
        said=said,
        join=join,
        state=state,
        more=more,
        primary_language=language,
        published_at=published_at,
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _drop_views() -> list[str]:
    """SQLite makes tables anew, and no view may look at one meanwhile; returns the statements that
    make the others again."""
    if not _is_sqlite():
        return []
    views = op.get_bind().execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")
    )
    found = [(name, statement) for name, statement in views]
    for name, _ in found:
        op.execute(f"DROP VIEW {name}")
    return [statement for name, statement in found if name not in VIEWS]


def _create_version_guards() -> None:
    """As revision 0002 made them."""
    if not _is_sqlite():
        op.execute(
            """CREATE TRIGGER version_is_immutable BEFORE UPDATE OR DELETE ON version FOR EACH ROW
            EXECUTE FUNCTION refuse_change('a version never changes, is never deleted')"""
        )
        op.execute(
            """CREATE TRIGGER version_is_kept BEFORE TRUNCATE ON version
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a version is never deleted')"""
        )
        return
    key = "id = new.id OR (article_id = new.article_id AND number = new.number)"
    for guard in _sqlite_guards("version", "a version", key):
        op.execute(guard)


def _guards() -> Iterator[str]:
    for table, what in _GUARDED:
        if _is_sqlite():
            yield from _sqlite_guards(table, what, _KEYS[table])
            continue
        yield f"""CREATE TRIGGER {table}_is_immutable BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change('{what} never changes, is never deleted')"""
        yield f"""CREATE TRIGGER {table}_is_kept BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('{what} is never deleted')"""


def _sqlite_guards(table: str, what: str, key: str) -> Iterator[str]:
    yield f"""CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table} BEGIN
        SELECT RAISE(ABORT, '{what} never changes');
    END"""
    yield f"""CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table} BEGIN
        SELECT RAISE(ABORT, '{what} is never deleted');
    END"""
    # REPLACE deletes without asking the trigger above.
    yield f"""CREATE TRIGGER {table}_is_not_replaced BEFORE INSERT ON {table}
    WHEN EXISTS (SELECT 1 FROM {table} WHERE {key}) BEGIN
        SELECT RAISE(ABORT, '{what} never changes');
    END"""  # noqa: S608


def _drop_guards() -> None:
    for table in ("version", *_KEYS):
        on = "" if _is_sqlite() else f" ON {table}"
        op.execute(f"DROP TRIGGER {table}_is_immutable{on}")
        op.execute(f"DROP TRIGGER {table}_is_kept{on}")
        if _is_sqlite():
            op.execute(f"DROP TRIGGER {table}_is_not_replaced")


def _fill_extractions() -> None:
    connection = op.get_bind()
    extraction = sa.table(
        "extraction",
        *(sa.column(name, BIG_ID if name == "id" else None) for name in ("id", "extractor")),
        *(sa.column(name, DIGEST) for name in ("digest", "fingerprint")),
        *(sa.column(name) for name in ("profile", "title", "text", "language")),
        *(sa.column(name, INSTANT) for name in ("published_at", "modified_at")),
        *(sa.column(name, DOCUMENT) for name in ("authors", "paragraphs", "details", "removed")),
    )
    rows = connection.execute(
        sa.text(
            """SELECT reading.id, reading.digest, extractor, template, fingerprint, title, text,
                      blocks, authors, published_at, modified_at, language, details, removed
            FROM reading
            JOIN content ON content.digest = reading.content_digest
            JOIN reading_detail ON reading_detail.digest = reading.detail_digest
            WHERE reading.id IN (
                SELECT min(id) FROM reading GROUP BY digest, extractor, template
            )"""
        ).columns(
            published_at=INSTANT,
            modified_at=INSTANT,
            blocks=DOCUMENT,
            authors=DOCUMENT,
            details=DOCUMENT,
            removed=DOCUMENT,
        )
    )
    for some in rows.partitions(500):
        values = []
        for row in some:
            given = dict(row._mapping)
            given["profile"] = given.pop("template")
            given["paragraphs"] = list(_paragraphs(given["text"], given.pop("blocks")))
            values.append(given)
        connection.execute(extraction.insert(), values)
    _number_on("extraction")
    for table, column in (("version", "reading_id"), ("version_state", "best_reading")):
        op.execute(
            f"""UPDATE {table} SET {column} = (
                SELECT min(first.id) FROM reading
                JOIN reading AS first ON first.digest = reading.digest
                     AND first.extractor = reading.extractor
                     AND first.template = reading.template
                WHERE reading.id = {table}.{column}
            )"""  # noqa: S608
        )


def _paragraphs(text: str, blocks: list[Any]) -> Iterator[list[str]]:
    start = 0
    for kind, characters in blocks:
        yield [kind, text[start : start + characters]]
        start += characters + 1


def _create_extractions() -> None:
    op.create_table(
        "extraction",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("extractor", sa.String(100), nullable=False),
        sa.Column(
            "profile", sa.String(64), nullable=False, comment="its digest, or empty for none"
        ),
        sa.Column(
            "fingerprint",
            DIGEST,
            nullable=False,
            comment="of title and text, spaces and Unicode form aside",
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("authors", DOCUMENT, nullable=False),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("modified_at", INSTANT, nullable=True),
        sa.Column("language", sa.String(35), nullable=True, comment="BCP 47"),
        sa.Column("paragraphs", DOCUMENT, nullable=False, comment="[kind, text] pairs"),
        sa.Column(
            "details",
            DOCUMENT,
            nullable=False,
            comment="kind, section, tags, image, candidates of each field",
        ),
        sa.Column("removed", DOCUMENT, nullable=False, comment="[reason, text] pairs"),
        sa.ForeignKeyConstraint(["digest"], ["payload.digest"], name="fk_extraction_digest"),
        sa.PrimaryKeyConstraint("id", name="pk_extraction"),
        sa.UniqueConstraint(
            "digest", "extractor", "profile", name="uq_extraction_digest_extractor_profile"
        ),
    )
    op.create_index("ix_extraction_fingerprint", "extraction", ["fingerprint"])
