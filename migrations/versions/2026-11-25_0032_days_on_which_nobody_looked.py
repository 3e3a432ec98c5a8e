"""coverage has days on which nobody looked; what is counted of sources comes from indexes

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def _sum(condition: str) -> str:
    return f"CAST(SUM(CASE WHEN {condition} THEN source_day.count ELSE 0 END) AS BIGINT)"


COUNTS = f"""
           {_sum("measure LIKE 'listing-%'")} AS listings_asked,
           {_sum("measure IN ('listing-fetched', 'listing-unchanged')")} AS listings_read,
           {_sum("measure = 'listed'")} AS pages_listed,
           {_sum("measure LIKE 'page-%'")} AS pages_asked,
           {_sum("measure LIKE 'page-%' AND measure NOT IN ('page-failed', 'page-blocked')")}
               AS pages_answered,
           {_sum("measure IN ('page-fetched', 'page-unchanged')")} AS pages_got,
           {_sum("measure = 'articles'")} AS articles_new,
           {_sum("measure = 'edits'")} AS versions_new"""
COVERAGE_BEFORE = f"""
    SELECT source.name AS source, source_day.day, {COUNTS}
    FROM source_day
    JOIN source ON source.id = source_day.source_id
    GROUP BY source.name, source_day.day
"""  # noqa: S608
OF_SOURCE = "SELECT {0}(counted.day) FROM source_day AS counted WHERE counted.source_id = source.id"
# The first and last day of all by those of each source, which its index has.
COVERAGE = f"""
    WITH RECURSIVE calendar (day) AS (
        SELECT MIN(began.day) FROM (
            SELECT ({OF_SOURCE.format("MIN")}) AS day FROM source) AS began
        UNION ALL
        SELECT {{next}} FROM calendar
        WHERE calendar.day < (
            SELECT MAX(ended.day) FROM (
                SELECT ({OF_SOURCE.format("MAX")}) AS day FROM source) AS ended)
    )
    SELECT source.name AS source, calendar.day, {COUNTS}
    FROM source
    JOIN calendar ON calendar.day >= ({OF_SOURCE.format("MIN")})
                 AND calendar.day <= ({OF_SOURCE.format("MAX")})
    LEFT JOIN source_day ON source_day.source_id = source.id AND source_day.day = calendar.day
    GROUP BY source.name, calendar.day
"""  # noqa: S608
NEXT = {"sqlite": "date(calendar.day, '+1 day')", "postgresql": "calendar.day + 1"}


def upgrade() -> None:
    _create_view(COVERAGE.format(next=NEXT[op.get_bind().dialect.name]))
    columns = ["source_id", "kind", "excluded"]
    op.create_index("ix_address_source_id_kind_excluded", "address", columns)
    op.drop_index("ix_address_source_id", "address")
    seen = sa.text("current_version_id IS NOT NULL AND dismissed_as IS NULL")
    op.create_index(
        "ix_article_current",
        "article",
        ["source_id", "current_version_id", "dismissed_as"],
        sqlite_where=seen,
        postgresql_where=seen,
    )
    columns = ["source_id", "attempts", "checked_at"]
    op.create_index("ix_frontier_source_id_attempts_checked_at", "frontier", columns)


def downgrade() -> None:
    op.drop_index("ix_frontier_source_id_attempts_checked_at", "frontier")
    op.drop_index("ix_article_current", "article")
    op.create_index("ix_address_source_id", "address", ["source_id"])
    op.drop_index("ix_address_source_id_kind_excluded", "address")
    _create_view(COVERAGE_BEFORE)


def _create_view(query: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP VIEW coverage")
        op.execute(f"CREATE VIEW coverage AS {query}")
    else:
        # In place: who may read it still may.
        op.execute(f"CREATE OR REPLACE VIEW coverage AS {query}")
