"""fetches and findings, beside the observations that are copied into them

Copied in bounded steps, each in a transaction of its own, so that a kill costs one step; a
Permalien of another revision refuses the archive meanwhile.

Revision ID: 0010
Revises: 0009
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.ledger.fetch_ids import first_id_at
from storage.ledger.headers import Headers

revision = "0010"
down_revision = "0009"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
INSTANT = sa.DateTime(timezone=True)

OUTCOMES = (
    "fetched",
    "unchanged",
    "moved",
    "gone",
    "not-found",
    "blocked",
    "failed",
    "challenge",
    "paywall",
    "not-article",
    "unreadable",
)
MEANINGS = (
    "new",
    "edited",
    "unchanged",
    "returned",
    "removed",
    "undecided",
    "retracted",
    "unreachable",
)

_FETCHES = sa.table(
    "fetch",
    sa.column("id", BIG_ID),
    sa.column("response_headers_id", BIG_ID),
    sa.column("response_values", DOCUMENT),
)
_CAPTURES = sa.table(
    "capture",
    sa.column("observation_id", BIG_ID),
    sa.column("headers", DOCUMENT),
)
_HEADER_SETS = sa.table(
    "header_set",
    sa.column("id", BIG_ID),
    sa.column("digest", sa.LargeBinary(32)),
    sa.column("headers", DOCUMENT),
)

COPY_FETCHES = sa.text(
    """INSERT INTO "fetch" (id, address_id, run_id, url, fetched_at, status, error, milliseconds,
                          response_headers_id, response_values, digest, cut)
    SELECT observation.id, observation.address_id, observation.run_id,
           CASE WHEN address.url <> 'https:' || address.key THEN address.url END,
           observation.observed_at, observation.status,
           CASE WHEN observation.status IS NULL THEN observation.detail END,
           observation.milliseconds, :response_headers_id, :response_values,
           CASE WHEN observation.status = 304 THEN NULL ELSE observation.digest END, false
    FROM observation
    LEFT JOIN address ON address.id = observation.address_id
    WHERE observation.id = :id"""
)
COPY_FINDINGS = sa.text(
    """INSERT INTO finding (fetch_id, number, outcome, meaning, article_id, version_id, reason,
                            recorded_at)
    SELECT observation.id, 1, observation.outcome,
           CASE WHEN version.observation_id = observation.id AND version.number = 1 THEN 'new'
                WHEN version.observation_id = observation.id THEN 'edited'
                WHEN observation.version_id IS NOT NULL THEN 'unchanged'
                WHEN held_check.observation_id IS NOT NULL THEN 'undecided'
                WHEN article.id IS NOT NULL THEN 'removed' END,
           COALESCE(version.article_id, address.article_id), observation.version_id,
           CASE WHEN observation.status IS NOT NULL THEN observation.detail END,
           observation.observed_at
    FROM observation
    LEFT JOIN address ON address.id = observation.address_id
    LEFT JOIN frontier ON frontier.address_id = observation.address_id
              AND frontier.pending_observation_id = observation.id
    LEFT JOIN version ON version.id = observation.version_id
    LEFT JOIN held_check ON held_check.observation_id = observation.id
              AND held_check.settled_at IS NULL
    LEFT JOIN article ON article.id = address.article_id
              AND article.state_observation_id = observation.id
              AND article.state NOT IN ('live', 'walled')
    WHERE observation.id > :after AND observation.id <= :until AND frontier.address_id IS NULL"""
)

SQLITE_GUARDS = [
    guard
    for table, key, what in (
        ("fetch", "id = new.id", "a fetch"),
        ("finding", "fetch_id = new.fetch_id AND number = new.number", "a finding"),
        ("header_set", "id = new.id OR digest = new.digest", "a set of headers"),
    )
    for guard in (
        f"""CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON "{table}" BEGIN
            SELECT RAISE(ABORT, '{what} never changes');
        END""",
        f"""CREATE TRIGGER {table}_is_kept BEFORE DELETE ON "{table}" BEGIN
            SELECT RAISE(ABORT, '{what} is never deleted');
        END""",
        # REPLACE deletes without asking the trigger above.
        f"""CREATE TRIGGER {table}_is_not_replaced BEFORE INSERT ON "{table}"
        WHEN EXISTS (SELECT 1 FROM "{table}" WHERE {key}) BEGIN
            SELECT RAISE(ABORT, '{what} never changes');
        END""",  # noqa: S608
    )
]
POSTGRESQL_GUARDS = [
    guard
    for table, what in (
        ("fetch", "a fetch"),
        ("finding", "a finding"),
        ("header_set", "a set of headers"),
    )
    for guard in (
        f"""CREATE TRIGGER {table}_is_immutable BEFORE UPDATE OR DELETE ON "{table}"
        FOR EACH ROW EXECUTE FUNCTION refuse_change('{what} never changes, is never deleted')""",
        f"""CREATE TRIGGER {table}_is_kept BEFORE TRUNCATE ON "{table}"
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('{what} is never deleted')""",
    )
]


def upgrade() -> None:
    _create_tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        _create_partitions()
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        op.execute(guard)


def downgrade() -> None:
    for table in ("finding", "fetch", "header_set"):
        op.drop_table(table)


def copy_some(connection: sa.Connection, step: int) -> bool:
    """Copy the next `step` observations as they are; whether there may be more."""
    after = connection.scalar(sa.text('SELECT max(id) FROM "fetch"')) or 0
    rows = connection.execute(
        sa.text("SELECT id FROM observation WHERE id > :after ORDER BY id LIMIT :step"),
        {"after": after, "step": step},
    ).all()
    ids = [row.id for row in rows]
    if not ids:
        return False
    captured = dict(
        connection.execute(
            sa.select(_CAPTURES.c.observation_id, _CAPTURES.c.headers).where(
                _CAPTURES.c.observation_id.between(ids[0], ids[-1])
            )
        ).all()
    )
    headers = {
        observation_id: Headers.of((name, value) for name, value in pairs)
        for observation_id, pairs in captured.items()
    }
    sets = _store_headers(connection, {it.digest: it.entries for it in headers.values() if it})
    statement = COPY_FETCHES.bindparams(
        sa.bindparam("response_headers_id", type_=BIG_ID),
        sa.bindparam("response_values", type_=DOCUMENT),
    )
    none = Headers()
    connection.execute(
        statement,
        [
            {
                "id": observation_id,
                "response_headers_id": sets.get(it.digest),
                "response_values": it.values or None,
            }
            for observation_id in ids
            for it in (headers.get(observation_id, none),)
        ],
    )
    connection.execute(COPY_FINDINGS, {"after": after, "until": ids[-1]})
    return len(ids) == step


def _store_headers(
    connection: sa.Connection, sets: dict[bytes, list[list[str | None]]]
) -> dict[bytes, int]:
    wanted = sa.select(_HEADER_SETS.c.digest, _HEADER_SETS.c.id).where(
        _HEADER_SETS.c.digest.in_(list(sets))
    )
    known = dict(connection.execute(wanted).all())
    new = [{"digest": it, "headers": sets[it]} for it in sets if it not in known]
    if new:
        connection.execute(_HEADER_SETS.insert(), new)
    return dict(connection.execute(wanted).all())


def _create_tables() -> None:
    op.create_table(
        "header_set",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False, comment="SHA-256 of headers"),
        sa.Column(
            "headers",
            DOCUMENT,
            nullable=False,
            comment="[name, value]; [name] where the fetch has the value, [name, null] where none",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_header_set"),
        sa.UniqueConstraint("digest", name="uq_header_set_digest"),
    )
    op.create_table(
        "fetch",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("address_id", BIG_ID, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column(
            "url",
            sa.Text(),
            nullable=True,
            comment="as asked; null for https: and the key of its address",
        ),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.Column(
            "status",
            sa.Integer(),
            nullable=True,
            comment="of HTTP; null where there was no answer",
        ),
        sa.Column("error", sa.Text(), nullable=True, comment="why there was no answer"),
        sa.Column(
            "milliseconds", sa.Integer(), nullable=True, comment="from request to the last byte"
        ),
        sa.Column("peer", sa.String(45), nullable=True, comment="IP address that answered"),
        sa.Column("request_headers_id", BIG_ID, nullable=True, comment="in header_set"),
        sa.Column(
            "request_values",
            DOCUMENT,
            nullable=True,
            comment="of the request's headers that header_set leaves to the fetch",
        ),
        sa.Column("response_headers_id", BIG_ID, nullable=True, comment="in header_set"),
        sa.Column(
            "response_values",
            DOCUMENT,
            nullable=True,
            comment="of the answer's headers that header_set leaves to the fetch",
        ),
        sa.Column(
            "digest",
            sa.LargeBinary(32),
            nullable=True,
            comment="SHA-256 of the body, content encodings undone; of listings, whose bodies are "
            "not kept, too",
        ),
        sa.Column(
            "cut",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="only the beginning of the body was kept",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_fetch"),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_fetch_address_id_id", "fetch", ["address_id", "id"])
    op.create_table(
        "finding",
        sa.Column("fetch_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3 …"),
        sa.Column(
            "outcome", _enum("outcome", OUTCOMES), nullable=False, comment="what the answer was"
        ),
        sa.Column(
            "meaning",
            _enum("meaning", MEANINGS),
            nullable=True,
            comment="for the article; null where the outcome says all",
        ),
        sa.Column("article_id", BIG_ID, nullable=True, comment="at that address, at that time"),
        sa.Column("version_id", BIG_ID, nullable=True, comment="the version that was seen"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why, or where a redirect led"),
        sa.Column(
            "confidence",
            sa.Double(),
            nullable=True,
            comment="that it is right, from 0 to 1; null where nothing is in doubt",
        ),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("fetch_id", "number", name="pk_finding"),
        postgresql_partition_by="RANGE (fetch_id)",
    )


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _create_partitions() -> None:
    """The default ones, and one for each month of what is to be copied."""
    first, last = op.get_bind().execute(sa.text("SELECT min(id), max(id) FROM observation")).one()
    for table in ("fetch", "finding"):
        op.execute(f'CREATE TABLE {table}_default PARTITION OF "{table}" DEFAULT')
        month = None if first is None else _month_of(first)
        while month is not None and first_id_at(month) <= last:
            following = month.replace(
                year=month.year + month.month // 12, month=month.month % 12 + 1
            )
            op.execute(
                f'CREATE TABLE {table}_{month:%Y_%m} PARTITION OF "{table}" '
                f"FOR VALUES FROM ({first_id_at(month)}) TO ({first_id_at(following)})"
            )
            month = following


def _month_of(observation_id: Any) -> datetime:
    moment = datetime.fromtimestamp((observation_id >> 21) / 1000, UTC)
    return datetime(moment.year, moment.month, 1, tzinfo=UTC)
