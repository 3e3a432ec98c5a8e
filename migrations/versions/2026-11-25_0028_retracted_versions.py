"""versions that turned out to be no edits are retracted

Back to 0027 they stand again; an article's pointer stays where it is.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.history.edit_rows import refresh_edits
from storage.models import VersionState

revision = "0028"
down_revision = "0027"

INSTANT = sa.DateTime(timezone=True)

LATEST = """{0}.number = (
        SELECT MAX(later.number) FROM finding AS later WHERE later.fetch_id = {0}.fetch_id)"""
AWAY = "('gone', 'not-found', 'moved')"
SIGHTING = f"""
        FROM address AS way
        JOIN "fetch" AS seen ON seen.address_id = way.id
        JOIN finding AS found ON found.fetch_id = seen.id AND {LATEST.format("found")}
        WHERE way.article_id = {{article}} AND found.version_id IS NOT NULL
              AND found.meaning IN ('new', 'edited', 'unchanged', 'returned'{{retracted}})"""
ABSENCES = f"""
    WITH removal AS (
        SELECT finding.fetch_id, address.article_id, (
            SELECT seen.id {SIGHTING.format(article="address.article_id", retracted="{retracted}")}
                  AND seen.id > finding.fetch_id
            ORDER BY seen.id LIMIT 1) AS returned_id
        FROM finding
        JOIN "fetch" ON "fetch".id = finding.fetch_id
        JOIN address ON address.id = "fetch".address_id
        WHERE finding.meaning = 'removed' AND address.article_id IS NOT NULL
              AND {LATEST.format("finding")}
    ), absence AS (
        SELECT article_id, MIN(fetch_id) AS removed_id, returned_id
        FROM removal GROUP BY article_id, returned_id
    ), bounded AS (
        SELECT absence.article_id, absence.removed_id, absence.returned_id, (
            SELECT seen.id {SIGHTING.format(article="absence.article_id", retracted="{retracted}")}
                  AND seen.id < absence.removed_id
            ORDER BY seen.id DESC LIMIT 1) AS before_id, (
            SELECT seen.id
            FROM address AS way
            JOIN "fetch" AS seen ON seen.address_id = way.id
            JOIN finding AS found ON found.fetch_id = seen.id AND {LATEST.format("found")}
            WHERE way.article_id = absence.article_id AND found.outcome IN {AWAY}
                  AND seen.id >= absence.removed_id
                  AND (absence.returned_id IS NULL OR seen.id < absence.returned_id)
            ORDER BY seen.id DESC LIMIT 1) AS away_id
        FROM absence
    )
    SELECT source.name AS source, article.id AS article_id, article.url,
           before.fetched_at AS seen_until, gone.fetched_at AS away_since,
           away.fetched_at AS away_until, back.fetched_at AS returned_at,
           lost.outcome AS outcome, "old".identifier AS version_id,
           "new".identifier AS returned_version_id,
           gone.id AS removed_fetch_id, back.id AS returned_fetch_id
    FROM bounded
    JOIN article ON article.id = bounded.article_id AND article.dismissed_as IS NULL
    JOIN source ON source.id = article.source_id
    JOIN "fetch" AS gone ON gone.id = bounded.removed_id
    JOIN finding AS lost ON lost.fetch_id = gone.id AND {LATEST.format("lost")}
    LEFT JOIN "fetch" AS before ON before.id = bounded.before_id
    LEFT JOIN finding AS showed ON showed.fetch_id = before.id AND {LATEST.format("showed")}
    LEFT JOIN version AS "old" ON "old".id = {{old}}
    LEFT JOIN "fetch" AS away ON away.id = bounded.away_id
    LEFT JOIN "fetch" AS back ON back.id = bounded.returned_id
    LEFT JOIN finding AS shows ON shows.fetch_id = back.id AND {LATEST.format("shows")}
    LEFT JOIN version AS "new" ON "new".id = {{new}}
"""  # noqa: S608
STANDING = """(
        SELECT stands.version_id FROM version_state AS saw
        JOIN version_state AS stands ON stands.article_id = saw.article_id
        WHERE saw.version_id = {of} AND stands.number <= saw.number AND stands.retracted_at IS NULL
        ORDER BY stands.number DESC LIMIT 1)"""
VERSIONS = """
    SELECT article.id AS article_id, source.name AS source, article.url,
           version_state.number AS version, content.title, content.authors,
           COALESCE(content.published_at, (
               SELECT MIN(address.published_at) FROM address
               WHERE address.article_id = article.id)) AS published_at,
           content.modified_at, content.language, content.text,
           version.first_seen_at, version_state.last_seen_at,
           {primary_language} AS primary_language, recorded.text AS text_as_recorded,
           content.published_offset, content.published_precision,
           content.modified_offset, content.modified_precision, version.identifier AS version_id
    FROM version
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id
         AND article.dismissed_as IS NULL
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
    JOIN content AS recorded ON recorded.digest = version.recorded_content
    {where}
"""
RETRACTED_VERSIONS = f"""
    SELECT source.name AS source, article.id AS article_id, article.url,
           version_state.number AS version, version.identifier AS version_id,
           version_state.retracted_at, finding.reason, stead.identifier AS counts_as_version_id,
           version.first_seen_at, version_state.last_seen_at, content.title, content.text,
           recorded.text AS text_as_recorded
    FROM version_state
    JOIN version ON version.id = version_state.version_id
    JOIN article ON article.id = version_state.article_id
         AND article.dismissed_as IS NULL
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
    JOIN content AS recorded ON recorded.digest = version.recorded_content
    JOIN version AS stead ON stead.id = {STANDING.format(of="version_state.version_id")}
    LEFT JOIN finding ON finding.fetch_id = version.fetch_id AND {LATEST.format("finding")}
    WHERE version_state.retracted_at IS NOT NULL
"""  # noqa: S608
PRIMARY_LANGUAGE = {
    "sqlite": "lower(substr(content.language, 1, instr(content.language || '-', '-') - 1))",
    "postgresql": "lower(split_part(content.language, '-', 1))",
}
RIGHTS_SAID = {
    "sqlite": {
        "reserved": "json_extract({said}, '$.rights.reserved')",
        "policy": "json_extract({said}, '$.rights.policy')",
        "directives": "json_extract({said}, '$.rights.directives')",
        "license": "json_extract({said}, '$.rights.license')",
    },
    "postgresql": {
        "reserved": "CAST({said}->'rights'->>'reserved' AS BOOLEAN)",
        "policy": "{said}->'rights'->>'policy'",
        "directives": "{said}->'rights'->'directives'",
        "license": "{said}->'rights'->>'license'",
    },
}
RIGHTS = """
    SELECT source.name AS source, article.id AS article_id, article.url,
           version_state.number AS version, version.identifier AS version_id,
           {columns}
    FROM version
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id
         AND article.dismissed_as IS NULL
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN reading_detail ON reading_detail.digest = reading.detail_digest
    {where}
"""
FOUND = (
    "finding",
    "INSERT",
    "new.meaning = 'retracted' AND new.article_id IS NOT NULL",
)
SETTLED = ("version_state", "UPDATE", "new.retracted_at IS DISTINCT FROM old.retracted_at")


def upgrade() -> None:
    op.add_column(
        "version_state",
        sa.Column(
            "retracted_at",
            INSTANT,
            nullable=True,
            comment="when it was found to be no edit; null: it stands",
        ),
    )
    _create_views(
        retracted=", 'retracted'",
        where="WHERE version_state.retracted_at IS NULL",
        old=STANDING.format(of="showed.version_id"),
        new=STANDING.format(of="shows.version_id"),
    )
    op.execute(f"CREATE VIEW retracted_versions AS {RETRACTED_VERSIONS}")
    _log(*SETTLED)


def downgrade() -> None:
    with Session(op.get_bind()) as session:
        retracted = session.scalars(
            select(VersionState.version_id).where(VersionState.retracted_at.is_not(None))
        ).all()
        session.execute(update(VersionState).values(retracted_at=None))
        refresh_edits(session, retracted)
        session.flush()
    _log(*FOUND)
    op.execute("DROP VIEW retracted_versions")
    _create_views(retracted="", where="", old="showed.version_id", new="shows.version_id")
    op.drop_column("version_state", "retracted_at")


def _create_views(**parts: str) -> None:
    dialect = op.get_bind().dialect.name
    columns = ", ".join(
        f"{said.format(said='reading_detail.details')} AS {name}"
        for name, said in RIGHTS_SAID[dialect].items()
    )
    views = {
        "absences": ABSENCES.format(**parts),
        "article_versions": VERSIONS.format(primary_language=PRIMARY_LANGUAGE[dialect], **parts),
        "rights": RIGHTS.format(columns=columns, **parts),
    }
    # In place on PostgreSQL: who may read it still may.
    create = "CREATE VIEW" if dialect == "sqlite" else "CREATE OR REPLACE VIEW"
    for name, query in views.items():
        if dialect == "sqlite":
            op.execute(f"DROP VIEW {name}")
        op.execute(f"{create} {name} AS {query}")


def _log(table: str, event: str, condition: str) -> None:
    """Have the log of changes tell of retracted versions when this happens."""
    name, columns = "version_is_retracted", "transaction_id, recorded_at, kind, article_id"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
        # `IS DISTINCT FROM` is SQLite's since 3.39, `IS NOT` since ever.
        when = condition.replace("IS DISTINCT FROM", "IS NOT")
        op.execute(
            f"""CREATE TRIGGER {name} AFTER {event} ON {table} WHEN ({when}) BEGIN
            INSERT INTO change ({columns}, version_id)
            VALUES (0, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 'retracted', new.article_id,
                    new.version_id); END"""  # noqa: S608
        )
        return
    other = {"finding": "version_state", "version_state": "finding"}[table]
    op.execute(f"DROP TRIGGER {name} ON {other}")
    op.execute(
        f"""CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition})
        EXECUTE FUNCTION {name}()"""
    )
