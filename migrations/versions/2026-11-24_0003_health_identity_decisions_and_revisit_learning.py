"""what a source's health, operators' decisions on identity, and learning to revisit need

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)

OLD_STATES = ("live", "gone", "not-found", "moved")
NEW_STATES = (*OLD_STATES, "soft-404", "to-front-page", "walled")
OLD_LINKS = ("redirect", "canonical")
NEW_LINKS = (*OLD_LINKS, "guid", "same-words")

# The versions stand in the history that version_state says, and not in the one they came from.
VIEWS = {
    "articles": """
        SELECT article.id, source.name AS source, article.url, extraction.title,
               extraction.authors, extraction.published_at, extraction.modified_at,
               extraction.language, extraction.text, {number} AS version,
               article.state, article.first_seen_at, version_state.last_seen_at
        FROM article
        JOIN source ON source.id = article.source_id
        JOIN version ON version.id = article.current_version_id
        JOIN version_state ON version_state.version_id = version.id
        JOIN extraction ON extraction.id = version_state.extraction_id
    """,
    "article_versions": """
        SELECT article.id AS article_id, source.name AS source, article.url,
               {number} AS version, extraction.title, extraction.authors,
               extraction.published_at, extraction.modified_at, extraction.language,
               extraction.text, version.first_seen_at, version_state.last_seen_at
        FROM version
        JOIN version_state ON version_state.version_id = version.id
        JOIN article ON article.id = {article_id}
        JOIN source ON source.id = article.source_id
        JOIN extraction ON extraction.id = version_state.extraction_id
    """,
    "observations": """
        SELECT observation.id, source.name AS source, address.url, address.kind,
               address.article_id, observation.observed_at, observation.outcome,
               observation.status, {number} AS version, observation.detail
        FROM observation
        JOIN address ON address.id = observation.address_id
        JOIN source ON source.id = address.source_id
        LEFT JOIN version ON version.id = observation.version_id
        LEFT JOIN version_state ON version_state.version_id = version.id
    """,
}
SOURCE_DAYS = """
    SELECT source.name AS source, source_day.day, source_day.measure, source_day.count
    FROM source_day
    JOIN source ON source.id = source_day.source_id
"""


def upgrade() -> None:
    _drop_views()
    _allow("article", "state", "articlestate", NEW_STATES)
    _allow("address_link", "kind", "linkkind", NEW_LINKS)
    with op.batch_alter_table("article") as table:
        table.add_column(
            sa.Column(
                "merged_into_id",
                BIG_ID,
                nullable=True,
                comment="the article that has its versions now",
            )
        )
        table.create_foreign_key("fk_article_merged_into_id", "article", ["merged_into_id"], ["id"])
    _learn_to_revisit()
    op.add_column(
        "source",
        sa.Column(
            "good_at",
            INSTANT,
            nullable=True,
            comment="when a run last came to the end of what was due",
        ),
    )
    _create_partial_index("ix_frontier_failing", "frontier", "source_id", "attempts >= 3")
    _keep_guids()
    op.create_index("ix_extraction_fingerprint", "extraction", ["fingerprint"])
    _let_versions_move()
    _create_tables()
    _create_views("version_state.number", "version_state.article_id")
    op.execute(f"CREATE VIEW source_days AS {SOURCE_DAYS}")


def downgrade() -> None:
    op.execute("DROP VIEW source_days")
    _drop_views()
    for table in ("held_check", "alarm", "source_day", "identity_decision"):
        op.drop_table(table)
    with op.batch_alter_table("version_state") as batch:
        batch.drop_constraint("uq_version_state_article_id_number", type_="unique")
        batch.drop_constraint("fk_version_state_article_id", type_="foreignkey")
        batch.drop_column("article_id")
        batch.drop_column("number")
    op.drop_index("ix_extraction_fingerprint", "extraction")
    op.drop_index("ix_address_source_id_guid", "address")
    op.drop_column("address", "guid")
    op.drop_index("ix_frontier_failing", "frontier")
    for table in ("source", "frontier"):
        op.drop_column(table, "edits")
        op.drop_column(table, "exposure")
    op.drop_column("frontier", "held")
    op.drop_column("source", "good_at")
    with op.batch_alter_table("article") as batch:
        batch.drop_constraint("fk_article_merged_into_id", type_="foreignkey")
        batch.drop_column("merged_into_id")
    op.execute("UPDATE article SET state = 'not-found' WHERE state = 'soft-404'")
    op.execute("UPDATE article SET state = 'moved' WHERE state = 'to-front-page'")
    op.execute("UPDATE article SET state = 'live' WHERE state = 'walled'")
    op.execute("DELETE FROM address_link WHERE kind IN ('guid', 'same-words')")
    _allow("article", "state", "articlestate", OLD_STATES)
    _allow("address_link", "kind", "linkkind", OLD_LINKS)
    _create_views("version.number", "version.article_id")


def _learn_to_revisit() -> None:
    seen = "in which they were seen: storage.revisits"
    zero = sa.text("0")
    for table, kind, edits in (
        ("source", sa.Double(), "seen lately: storage.revisits"),
        ("frontier", sa.Integer(), "that were seen here"),
    ):
        op.add_column(
            table, sa.Column("edits", kind, nullable=False, server_default=zero, comment=edits)
        )
        op.add_column(
            table,
            sa.Column("exposure", sa.Double(), nullable=False, server_default=zero, comment=seen),
        )
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


def _keep_guids() -> None:
    op.add_column(
        "address",
        sa.Column("guid", sa.Text(), nullable=True, comment="of the feed entry that named it"),
    )
    guid = "json_extract(hints, '$.guid')" if _is_sqlite() else "hints ->> 'guid'"
    # Longer ones are beyond what PostgreSQL's index takes: storage.frontier leaves them out too.
    op.execute(f"UPDATE address SET guid = {guid} WHERE length({guid}) <= 500")  # noqa: S608
    op.create_index("ix_address_source_id_guid", "address", ["source_id", "guid"])


def _let_versions_move() -> None:
    article_id = sa.Column("article_id", BIG_ID, nullable=True)
    number = sa.Column(
        "number", sa.Integer(), nullable=True, comment="1, 2, 3 … in that article's history"
    )
    op.add_column("version_state", article_id)
    op.add_column("version_state", number)
    op.execute(
        """UPDATE version_state SET
        article_id = (SELECT article_id FROM version WHERE id = version_state.version_id),
        number = (SELECT number FROM version WHERE id = version_state.version_id)"""
    )
    with op.batch_alter_table("version_state") as batch:
        batch.alter_column("article_id", existing_type=BIG_ID, nullable=False)
        batch.alter_column(
            "number", existing_type=sa.Integer(), existing_comment=number.comment, nullable=False
        )
        batch.create_unique_constraint(
            "uq_version_state_article_id_number", ["article_id", "number"]
        )
        batch.create_foreign_key("fk_version_state_article_id", "article", ["article_id"], ["id"])


def _create_tables() -> None:
    op.create_table(
        "identity_decision",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column(
            "change",
            sa.Enum(
                "merge",
                "split",
                name="identitychange",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("from_article_id", BIG_ID, nullable=False, comment="that gave what moved"),
        sa.Column("to_article_id", BIG_ID, nullable=False, comment="that has it since"),
        sa.Column("address_ids", DOCUMENT, nullable=False, comment="that moved"),
        sa.Column(
            "before",
            DOCUMENT,
            nullable=False,
            comment="of both, by id: versions in order, current, url",
        ),
        sa.Column(
            "observation_id",
            BIG_ID,
            nullable=True,
            comment="of the redirect that showed it; none where an operator decided",
        ),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["from_article_id"], ["article.id"], name="fk_identity_decision_from_article_id"
        ),
        sa.ForeignKeyConstraint(
            ["to_article_id"], ["article.id"], name="fk_identity_decision_to_article_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_identity_decision"),
    )
    op.create_table(
        "source_day",
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("count", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_source_day_source_id"),
        sa.PrimaryKeyConstraint("source_id", "day", "measure", name="pk_source_day"),
    )
    op.create_table(
        "alarm",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", DOCUMENT, nullable=False, comment="what was counted"),
        sa.Column("cleared_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_alarm_run_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_alarm_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
    )
    op.create_index("ix_alarm_source_id_cleared_at", "alarm", ["source_id", "cleared_at"])
    op.create_table(
        "held_check",
        sa.Column("observation_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("address_id", BIG_ID, nullable=False),
        sa.Column("alarm_id", BIG_ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="what is doubtful about it"),
        sa.Column(
            "settled_at",
            INSTANT,
            nullable=True,
            comment="when it was taken into the record after all",
        ),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_held_check_address_id"),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name="fk_held_check_alarm_id"),
        sa.PrimaryKeyConstraint("observation_id", name="pk_held_check"),
    )
    for name, column in (
        ("ix_held_check_unsettled", "address_id"),
        ("ix_held_check_unsettled_of_alarm", "alarm_id"),
    ):
        _create_partial_index(name, "held_check", column, "settled_at IS NULL")


def _create_partial_index(name: str, table: str, column: str, where: str) -> None:
    op.create_index(
        name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def _allow(table: str, column: str, constraint: str, values: Sequence[str]) -> None:
    """Let the column have these values and no others."""
    name = op.f(f"ck_{table}_{constraint}")
    with op.batch_alter_table(table, recreate="always" if _is_sqlite() else "never") as batch:
        # SQLite's table is made anew, and its checks are not taken over.
        if not _is_sqlite():
            batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, sa.column(column).in_(values))


def _drop_views() -> None:
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")


def _create_views(number: str, article_id: str) -> None:
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query.format(number=number, article_id=article_id)}")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
