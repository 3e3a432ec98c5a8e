"""views of addresses, site-wide changes, coverage by day and first sights

`observations` and `findings` have the permanent identifier of the version that was seen as well.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"

ADDRESSES = """
    SELECT address.url, source.name AS source, address.kind, address.article_id, address.guid,
           address.published_at, address.excluded, (
               SELECT target.url FROM address_link AS link
               JOIN address AS target ON target.id = link.to_id
               WHERE link.from_id = address.id AND link.kind = 'redirect'
               ORDER BY link.fetch_id DESC LIMIT 1) AS redirects_to,
           frontier.checked_at, frontier.due_at
    FROM address
    JOIN source ON source.id = address.source_id
    LEFT JOIN frontier ON frontier.address_id = address.id
"""
SITE_CHANGES = """
    SELECT source.name AS source, site_change.recorded_at, site_change.came_from,
           site_change.became, site_change.pages, site_change.signatures
    FROM site_change
    JOIN source ON source.id = site_change.source_id
"""


def _sum(condition: str) -> str:
    return f"CAST(SUM(CASE WHEN {condition} THEN source_day.count ELSE 0 END) AS BIGINT)"


COVERAGE = f"""
    SELECT source.name AS source, source_day.day,
           {_sum("measure LIKE 'listing-%'")} AS listings_asked,
           {_sum("measure IN ('listing-fetched', 'listing-unchanged')")} AS listings_read,
           {_sum("measure = 'listed'")} AS pages_listed,
           {_sum("measure LIKE 'page-%'")} AS pages_asked,
           {_sum("measure LIKE 'page-%' AND measure NOT IN ('page-failed', 'page-blocked')")}
               AS pages_answered,
           {_sum("measure IN ('page-fetched', 'page-unchanged')")} AS pages_got,
           {_sum("measure = 'articles'")} AS articles_new,
           {_sum("measure = 'edits'")} AS versions_new
    FROM source_day
    JOIN source ON source.id = source_day.source_id
    GROUP BY source.name, source_day.day
"""  # noqa: S608
FIRST_SIGHTS = """
    WITH asked AS (
        SELECT listing.source_id, MIN((
            SELECT MIN("fetch".id) FROM "fetch" WHERE "fetch".address_id = listing.id)) AS fetch_id
        FROM address AS listing WHERE listing.kind <> 'page' GROUP BY listing.source_id
    ), began AS (
        SELECT asked.source_id, "fetch".run_id FROM asked
        JOIN "fetch" ON "fetch".id = asked.fetch_id
    )
    SELECT source.name AS source, article.id AS article_id, article.url,
           version.identifier AS version_id, content.published_at, article.first_seen_at,
           CASE WHEN content.published_at IS NOT NULL
                THEN content.published_at < source.added_at
                ELSE COALESCE(seen.run_id = began.run_id, {true}) END AS censored
    FROM article
    JOIN source ON source.id = article.source_id
    JOIN version_state ON version_state.article_id = article.id AND version_state.number = 1
    JOIN version ON version.id = version_state.version_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
    LEFT JOIN "fetch" AS seen ON seen.id = version.fetch_id
    LEFT JOIN began ON began.source_id = article.source_id
"""
NEW = {
    "addresses": ADDRESSES,
    "site_changes": SITE_CHANGES,
    "coverage": COVERAGE,
    "first_sights": FIRST_SIGHTS,
}
LATEST = """(
    SELECT MAX(later.number) FROM finding AS later WHERE later.fetch_id = finding.fetch_id
)"""
OBSERVATIONS = f"""
    SELECT "fetch".id, source.name AS source, address.url, address.kind,
           address.article_id, "fetch".fetched_at AS observed_at,
           CAST(COALESCE(finding.outcome, 'fetched') AS VARCHAR(20)) AS outcome, "fetch".status,
           version_state.number AS version, COALESCE(finding.reason, "fetch".error) AS detail
           {{more}}
    FROM "fetch"
    JOIN address ON address.id = "fetch".address_id
    JOIN source ON source.id = address.source_id
    LEFT JOIN finding ON finding.fetch_id = "fetch".id AND finding.number = {LATEST}
    LEFT JOIN version_state ON version_state.version_id = finding.version_id
    LEFT JOIN version ON version.id = finding.version_id
"""  # noqa: S608
FINDINGS = f"""
    SELECT finding.fetch_id, finding.number, source.name AS source, address.url,
           finding.article_id, version_state.number AS version,
           COALESCE(finding.meaning, finding.outcome) AS finding, finding.outcome,
           finding.reason, finding.confidence, finding.recorded_at,
           finding.number = {LATEST} AS current{{more}}
    FROM finding
    JOIN "fetch" ON "fetch".id = finding.fetch_id
    JOIN address ON address.id = "fetch".address_id
    JOIN source ON source.id = address.source_id
    LEFT JOIN version_state ON version_state.version_id = finding.version_id
    LEFT JOIN version ON version.id = finding.version_id
"""  # noqa: S608
GROWN = {"observations": OBSERVATIONS, "findings": FINDINGS}


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, query in NEW.items():
        query = query.replace("{true}", "1" if sqlite else "TRUE")
        op.execute(f"CREATE VIEW {name} AS {query}")
    more = ", version.identifier AS version_id"
    for name, query in GROWN.items():
        if sqlite:
            op.execute(f"DROP VIEW {name}")
        # In place on PostgreSQL: who may read it still may.
        create = "CREATE VIEW" if sqlite else "CREATE OR REPLACE VIEW"
        op.execute(f"{create} {name} AS {query.format(more=more)}")


def downgrade() -> None:
    for name in NEW:
        op.execute(f"DROP VIEW {name}")
    for name, query in GROWN.items():
        op.execute(f"DROP VIEW {name}")
        op.execute(f"CREATE VIEW {name} AS {query.format(more='')}")
