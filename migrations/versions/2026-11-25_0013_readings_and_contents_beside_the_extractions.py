"""readings and contents, beside the extractions that are copied into them

Copied in bounded steps, each in a transaction of its own, as the observations were (0010). A
version's guards are off until the next revision: what it recorded is filled in.

Revision ID: 0013
Revises: 0012
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.history.contents import content_row, detail_row
from storage.ledger.headers import joined

revision = "0013"
down_revision = "0012"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
INSTANT = sa.DateTime(timezone=True)
DIGEST = sa.LargeBinary(32)

VERSION_GUARDS = ("version_is_immutable", "version_is_kept", "version_is_not_replaced")

_EXTRACTIONS = sa.table(
    "extraction",
    sa.column("id", BIG_ID),
    sa.column("digest", DIGEST),
    sa.column("extractor", sa.String()),
    sa.column("profile", sa.String()),
    sa.column("title", sa.Text()),
    sa.column("text", sa.Text()),
    sa.column("authors", DOCUMENT),
    sa.column("published_at", INSTANT),
    sa.column("modified_at", INSTANT),
    sa.column("language", sa.String()),
    sa.column("paragraphs", DOCUMENT),
    sa.column("details", DOCUMENT),
    sa.column("removed", DOCUMENT),
)
_READINGS = sa.table(
    "reading",
    sa.column("id", BIG_ID),
    sa.column("input", DIGEST),
    sa.column("digest", DIGEST),
    sa.column("extractor", sa.String()),
    sa.column("template", sa.String()),
    sa.column("content_digest", DIGEST),
    sa.column("detail_digest", DIGEST),
    sa.column("recorded_at", INSTANT),
)
_CONTENTS = sa.table(
    "content",
    sa.column("digest", DIGEST),
    sa.column("fingerprint", DIGEST),
    sa.column("title", sa.Text()),
    sa.column("text", sa.Text()),
    sa.column("blocks", DOCUMENT),
    sa.column("authors", DOCUMENT),
    sa.column("published_at", INSTANT),
    sa.column("published_offset", sa.Integer()),
    sa.column("published_precision", sa.String()),
    sa.column("modified_at", INSTANT),
    sa.column("modified_offset", sa.Integer()),
    sa.column("modified_precision", sa.String()),
    sa.column("language", sa.String()),
    sa.column("paywalled", sa.Boolean()),
    sa.column("partial", sa.Boolean()),
)
_DETAILS = sa.table(
    "reading_detail",
    sa.column("digest", DIGEST),
    sa.column("details", DOCUMENT),
    sa.column("removed", DOCUMENT),
)
# The page of the version that was first made of a payload: its address and headers are known.
_FIRST_FETCHES = sa.text(
    """SELECT version.digest, "fetch".id, "fetch".fetched_at,
              COALESCE("fetch".url, 'https:' || address.key) AS url,
              "fetch".response_values, header_set.headers
    FROM version
    JOIN "fetch" ON "fetch".id = version.fetch_id
    JOIN address ON address.id = "fetch".address_id
    LEFT JOIN header_set ON header_set.id = "fetch".response_headers_id
    WHERE version.digest IN :digests
    ORDER BY version.id DESC"""
)


def upgrade() -> None:
    _drop_version_guards()
    _create_tables()
    op.add_column(
        "version",
        sa.Column(
            "recorded_content",
            DIGEST,
            nullable=True,
            comment="what that reading said: to be cited",
        ),
    )
    unrecorded = sa.text("recorded_content IS NULL")
    op.create_index(
        "ix_version_unrecorded",
        "version",
        ["id"],
        sqlite_where=unrecorded,
        postgresql_where=unrecorded,
    )


def downgrade() -> None:
    op.drop_index("ix_version_unrecorded", "version")
    op.drop_column("version", "recorded_content")
    for table in ("reading", "reading_detail", "content"):
        op.drop_table(table)
    create_version_guards()


def copy_some(connection: sa.Connection, step: int) -> bool:
    """Copy the next `step` extractions, or let as many versions know what they recorded; whether
    there may be more."""
    after = connection.scalar(sa.text("SELECT max(id) FROM reading")) or 0
    rows = connection.execute(
        sa.select(_EXTRACTIONS)
        .where(_EXTRACTIONS.c.id > after)
        .order_by(_EXTRACTIONS.c.id)
        .limit(step)
    ).all()
    if rows:
        _copy(connection, rows)
        return True
    versions = connection.scalars(
        sa.text("SELECT id FROM version WHERE recorded_content IS NULL ORDER BY id LIMIT :step"),
        {"step": step},
    ).all()
    if versions:
        connection.execute(
            sa.text(
                """UPDATE version SET recorded_content = (
                    SELECT content_digest FROM reading WHERE reading.id = version.extraction_id
                ) WHERE id BETWEEN :first AND :last"""
            ),
            {"first": versions[0], "last": versions[-1]},
        )
    return bool(versions)


def _copy(connection: sa.Connection, rows: Sequence[Any]) -> None:
    contents, details = {}, {}
    inputs = _inputs(connection, sorted({row.digest for row in rows}))
    readings = []
    for row in rows:
        content = content_row(
            title=row.title,
            text=row.text,
            blocks=list(_blocks(row.text, row.paragraphs)),
            authors=row.authors,
            published=(row.published_at, None, None),
            modified=(row.modified_at, None, None),
            language=row.language,
            paywalled=row.details.get("paywalled"),
            partial=bool(row.details.get("partial")),
        )
        detail = detail_row(row.details, row.removed)
        contents[content["digest"]] = content
        details[detail["digest"]] = detail
        given, fetched_at = inputs.get(row.digest, (None, None))
        readings.append(
            {
                "id": row.id,
                "input": given,
                "digest": row.digest,
                "extractor": row.extractor,
                "template": row.profile,
                "content_digest": content["digest"],
                "detail_digest": detail["digest"],
                "recorded_at": fetched_at,
            }
        )
    _insert_new(connection, _CONTENTS, contents)
    _insert_new(connection, _DETAILS, details)
    connection.execute(_READINGS.insert(), readings)


def _blocks(text: str, paragraphs: Sequence[Sequence[str]]) -> Iterator[tuple[str, int]]:
    """The kind and length of each block; none where these are not what the text is made of."""
    if "\n".join(block for _, block in paragraphs) == text:
        for kind, block in paragraphs:
            yield kind, len(block)


def _inputs(connection: sa.Connection, digests: Sequence[bytes]) -> dict[bytes, tuple[bytes, Any]]:
    """What extraction used of each payload's page (crawler.extraction.page_input), and when it was
    fetched."""
    statement = _FIRST_FETCHES.bindparams(sa.bindparam("digests", expanding=True)).columns(
        fetched_at=INSTANT, response_values=DOCUMENT, headers=DOCUMENT
    )
    found = {}
    for row in connection.execute(statement, {"digests": digests}):
        headers = joined(row.headers or [], row.response_values).by_name()
        found[row.digest] = (_input(row.digest, row.url, headers), row.fetched_at)
    return found


def _input(digest: bytes, url: str, headers: Mapping[str, str]) -> bytes:
    given = {name.lower(): value for name, value in headers.items()}
    used = [given.get(name, "") for name in ("content-type", "content-language")]
    return hashlib.sha256("\n".join([digest.hex(), url, *used]).encode()).digest()


def _insert_new(
    connection: sa.Connection, table: sa.TableClause, rows: dict[bytes, dict[str, Any]]
) -> None:
    known = set(connection.scalars(sa.select(table.c.digest).where(table.c.digest.in_(list(rows)))))
    new = [row for digest, row in rows.items() if digest not in known]
    if new:
        connection.execute(table.insert(), new)


def _create_tables() -> None:
    op.create_table(
        "content",
        sa.Column("digest", DIGEST, nullable=False, comment="SHA-256 of the rest"),
        sa.Column(
            "fingerprint",
            DIGEST,
            nullable=False,
            comment="of title and text, spaces and Unicode form aside",
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="a line a block"),
        sa.Column(
            "blocks",
            DOCUMENT,
            nullable=False,
            comment="[kind, characters] of each part of the text, a line break between two",
        ),
        sa.Column("authors", DOCUMENT, nullable=False),
        *_time("published"),
        *_time("modified"),
        sa.Column("language", sa.String(35), nullable=True, comment="BCP 47"),
        sa.Column("paywalled", sa.Boolean(), nullable=True, comment="by the page's own word"),
        sa.Column(
            "partial",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="a text that a wall cuts short",
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_content"),
    )
    op.create_index("ix_content_fingerprint", "content", ["fingerprint"])
    op.create_table(
        "reading_detail",
        sa.Column("digest", DIGEST, nullable=False, comment="SHA-256 of the rest"),
        sa.Column(
            "details",
            DOCUMENT,
            nullable=False,
            comment="kind, section, tags, image, candidates of each field",
        ),
        sa.Column("removed", DOCUMENT, nullable=False, comment="[reason, text] pairs"),
        sa.PrimaryKeyConstraint("digest", name="pk_reading_detail"),
    )
    op.create_table(
        "reading",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column(
            "input",
            DIGEST,
            nullable=True,
            comment="SHA-256 of what extraction used of the page; null where that was not recorded",
        ),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("extractor", sa.String(100), nullable=False),
        sa.Column(
            "template", sa.String(64), nullable=False, comment="its digest, or empty for none"
        ),
        sa.Column("content_digest", DIGEST, nullable=False),
        sa.Column("detail_digest", DIGEST, nullable=False),
        sa.Column(
            "recorded_at",
            INSTANT,
            nullable=True,
            comment="null where that was not recorded",
        ),
        sa.ForeignKeyConstraint(["digest"], ["payload.digest"], name="fk_reading_digest"),
        sa.ForeignKeyConstraint(
            ["content_digest"], ["content.digest"], name="fk_reading_content_digest"
        ),
        sa.ForeignKeyConstraint(
            ["detail_digest"], ["reading_detail.digest"], name="fk_reading_detail_digest"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reading"),
        sa.UniqueConstraint(
            "input", "extractor", "template", name="uq_reading_input_extractor_template"
        ),
    )
    for column in ("digest", "content_digest", "detail_digest"):
        op.create_index(f"ix_reading_{column}", "reading", [column])


def _time(name: str) -> Iterator[sa.Column[Any]]:
    yield sa.Column(f"{name}_at", INSTANT, nullable=True)
    yield sa.Column(
        f"{name}_offset", sa.Integer(), nullable=True, comment="minutes east of UTC, as given"
    )
    yield sa.Column(
        f"{name}_precision",
        sa.String(10),
        nullable=True,
        comment="second, minute or day, as given",
    )


def _drop_version_guards() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for guard in VERSION_GUARDS[:2]:
            op.execute(f"DROP TRIGGER {guard} ON version")
        return
    for guard in VERSION_GUARDS:
        op.execute(f"DROP TRIGGER {guard}")


def create_version_guards() -> None:
    """As revision 0002 made them."""
    guards = (
        [
            """CREATE TRIGGER version_is_immutable BEFORE UPDATE OR DELETE ON version FOR EACH ROW
            EXECUTE FUNCTION refuse_change('a version never changes, is never deleted')""",
            """CREATE TRIGGER version_is_kept BEFORE TRUNCATE ON version
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a version is never deleted')""",
        ]
        if op.get_bind().dialect.name == "postgresql"
        else [
            """CREATE TRIGGER version_is_immutable BEFORE UPDATE ON version BEGIN
                SELECT RAISE(ABORT, 'a version never changes');
            END""",
            """CREATE TRIGGER version_is_kept BEFORE DELETE ON version BEGIN
                SELECT RAISE(ABORT, 'a version is never deleted');
            END""",
            """CREATE TRIGGER version_is_not_replaced BEFORE INSERT ON version
            WHEN EXISTS (
                SELECT 1 FROM version
                WHERE id = new.id OR (article_id = new.article_id AND number = new.number)
            ) BEGIN
                SELECT RAISE(ABORT, 'a version never changes');
            END""",
        ]
    )
    for guard in guards:
        op.execute(guard)
