"""articles that proved to be none leave the views

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

KINDS = [
    "headline", "standfirst", "body", "byline", "publication_time", "addition", "deletion",
    "rewording", "numbers", "names", "quotations", "correction_notice", "typography",
    "modified_time",
]  # fmt: skip
SAID = """content.title, content.authors,
           COALESCE(content.published_at, (
               SELECT MIN(address.published_at) FROM address
               WHERE address.article_id = article.id)) AS published_at,
           content.modified_at, content.language, content.text"""
ARTICLES = f"""
    SELECT article.id, source.name AS source, article.url, {SAID},
           version_state.number AS version,
           CAST(CASE WHEN article.state = 'live' AND (content.partial OR content.paywalled)
                     THEN 'walled' ELSE article.state END AS VARCHAR(20)) AS state,
           article.first_seen_at, version_state.last_seen_at,
           {{primary_language}} AS primary_language, recorded.text AS text_as_recorded,
           content.published_offset, content.published_precision,
           content.modified_offset, content.modified_precision, version.identifier AS version_id
    FROM article
    JOIN version ON version.id = article.current_version_id {{kept}}
    JOIN version_state ON version_state.version_id = version.id
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
    JOIN content AS recorded ON recorded.digest = version.recorded_content
"""  # noqa: S608
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
    JOIN article ON article.id = bounded.article_id {{kept}}
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
PRESENCE = """
    SELECT source, article_id, url, {no} AS present, away_since AS first_seen_at,
           COALESCE(away_until, away_since) AS last_seen_at
    FROM absences
    UNION ALL
    SELECT source.name, article.id, article.url, {yes}, began.at,
           COALESCE((
               SELECT absences.seen_until FROM absences
               WHERE absences.article_id = article.id AND absences.away_since > began.at
               ORDER BY absences.away_since LIMIT 1
           ), (
               SELECT MAX(version_state.last_seen_at) FROM version_state
               WHERE version_state.article_id = article.id))
    FROM (
        SELECT id AS article_id, first_seen_at AS at FROM article
        WHERE current_version_id IS NOT NULL
        UNION ALL
        SELECT article_id, returned_at FROM absences WHERE returned_at IS NOT NULL
    ) AS began
    JOIN article ON article.id = began.article_id {kept}
    JOIN source ON source.id = article.source_id
"""
NO_FLAGS = ", ".join("CAST(NULL AS BOOLEAN)" for _ in [*KINDS, "declared", "alternating"])
EVENT_OF_PRESENCE = f"""
    SELECT CAST('{{event}}' AS VARCHAR(20)), absences.source, absences.article_id, absences.url,
           {{from_}}, {{to}}, {{from_id}}, {{to_id}}, {{not_before}}, {{not_after}}, {NO_FLAGS},
           CAST(NULL AS INTEGER), CAST(NULL AS INTEGER), {{title_before}}, {{title_after}},
           {{text_before}}, {{text_after}}, {{fetch}}, CAST(NULL AS DOUBLE PRECISION)
    FROM absences
    JOIN version ON version.identifier = absences.{{version}}
    JOIN version_state ON version_state.version_id = version.id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
"""  # noqa: S608
NO_NUMBER, NO_TEXT = "CAST(NULL AS INTEGER)", "CAST(NULL AS TEXT)"
EDITS = f"""
    SELECT CAST('edit' AS VARCHAR(20)) AS event, source.name AS source, article.id AS article_id,
           article.url, earlier_state.number AS from_version, version_state.number AS to_version,
           earlier.identifier AS from_version_id, version.identifier AS to_version_id,
           CASE WHEN earlier_state.last_seen_at <= version.first_seen_at
                THEN earlier_state.last_seen_at END AS not_before,
           edit.first_seen_at AS not_after,
           {", ".join(f"edit.{name}" for name in KINDS)},
           (edit.correction_notice OR edit.modified_time) AS declared, edit.alternating,
           edit.words_deleted, edit.words_inserted,
           before.title AS title_before, after.title AS title_after,
           before.text AS text_before, after.text AS text_after,
           version.fetch_id, finding.confidence
    FROM edit
    JOIN version ON version.id = edit.version_id
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id {{kept}}
    JOIN source ON source.id = article.source_id
    JOIN version AS earlier ON earlier.id = edit.from_version_id
    JOIN version_state AS earlier_state ON earlier_state.version_id = earlier.id
    JOIN content AS before ON before.digest = edit.from_content
    JOIN content AS after ON after.digest = edit.to_content
    LEFT JOIN finding ON finding.fetch_id = version.fetch_id AND {LATEST.format("finding")}
    WHERE NOT edit.completes AND ({" OR ".join(f"edit.{name}" for name in KINDS)})
    UNION ALL
    {
    EVENT_OF_PRESENCE.format(
        event="removal",
        from_="version_state.number",
        to=NO_NUMBER,
        from_id="version.identifier",
        to_id=NO_TEXT,
        not_before="absences.seen_until",
        not_after="absences.away_since",
        title_before="content.title",
        title_after=NO_TEXT,
        text_before="content.text",
        text_after=NO_TEXT,
        fetch="absences.removed_fetch_id",
        version="version_id",
    )
}
    UNION ALL
    {
    EVENT_OF_PRESENCE.format(
        event="return",
        from_=NO_NUMBER,
        to="version_state.number",
        from_id=NO_TEXT,
        to_id="version.identifier",
        not_before="absences.away_until",
        not_after="absences.returned_at",
        title_before=NO_TEXT,
        title_after="content.title",
        text_before=NO_TEXT,
        text_after="content.text",
        fetch="absences.returned_fetch_id",
        version="returned_version_id",
    )
}
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
                ELSE COALESCE(seen.run_id = began.run_id, {yes}) END AS censored
    FROM article
    JOIN source ON source.id = article.source_id
    JOIN version_state ON version_state.article_id = article.id AND version_state.number = 1
         {kept}
    JOIN version ON version.id = version_state.version_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
    LEFT JOIN "fetch" AS seen ON seen.id = version.fetch_id
    LEFT JOIN began ON began.source_id = article.source_id
"""
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
    JOIN article ON article.id = version_state.article_id {kept}
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
    JOIN content AS recorded ON recorded.digest = version.recorded_content
    {where}
"""
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
    JOIN article ON article.id = version_state.article_id {kept}
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN reading_detail ON reading_detail.digest = reading.detail_digest
    {where}
"""

# of what stands of an article's versions
STANDS = {"retracted": "", "where": "", "old": "showed.version_id", "new": "shows.version_id"}


def upgrade() -> None:
    op.add_column(
        "article",
        sa.Column(
            "dismissed_as",
            sa.Text(),
            nullable=True,
            comment="what it proved to be instead of an article, and why",
        ),
    )
    dismissed = sa.text("dismissed_as IS NOT NULL")
    op.create_index(
        "ix_article_dismissed",
        "article",
        ["source_id", "id"],
        sqlite_where=dismissed,
        postgresql_where=dismissed,
    )
    _create_views(kept="AND article.dismissed_as IS NULL")
    _create_trigger()


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER article_is_dismissed{'' if sqlite else ' ON article'}")
    if not sqlite:
        op.execute("DROP FUNCTION article_is_dismissed()")
    _create_views(kept="")
    op.drop_index("ix_article_dismissed", "article")
    op.drop_column("article", "dismissed_as")


def _create_views(kept: str) -> None:
    dialect = op.get_bind().dialect.name
    yes, no = ("1", "0") if dialect == "sqlite" else ("TRUE", "FALSE")
    columns = ", ".join(
        f"{said.format(said='reading_detail.details')} AS {name}"
        for name, said in RIGHTS_SAID[dialect].items()
    )
    language = PRIMARY_LANGUAGE[dialect]
    views = {
        "articles": ARTICLES.format(primary_language=language, kept=kept),
        "article_versions": VERSIONS.format(primary_language=language, kept=kept, **STANDS),
        "absences": ABSENCES.format(kept=kept, **STANDS),
        "presence": PRESENCE.format(yes=yes, no=no, kept=kept),
        "edits": EDITS.format(kept=kept),
        "first_sights": FIRST_SIGHTS.format(yes=yes, kept=kept),
        "rights": RIGHTS.format(columns=columns, kept=kept, **STANDS),
    }
    if dialect == "sqlite":
        for name in reversed(views):
            op.execute(f"DROP VIEW {name}")
    # In place on PostgreSQL: who may read it still may.
    create = "CREATE VIEW" if dialect == "sqlite" else "CREATE OR REPLACE VIEW"
    for name, query in views.items():
        op.execute(f"{create} {name} AS {query}")


def _create_trigger() -> None:
    """Have the log of changes tell of articles that leave the views, and come back."""
    columns = "transaction_id, recorded_at, kind, article_id, version_id"
    values = "'article', new.id, new.current_version_id"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"""CREATE TRIGGER article_is_dismissed AFTER UPDATE ON article
            WHEN (new.dismissed_as IS NOT old.dismissed_as) BEGIN
            INSERT INTO change ({columns})
            VALUES (0, strftime('%Y-%m-%d %H:%M:%f000', 'now'), {values}); END"""  # noqa: S608
        )
        return
    op.execute(
        f"""CREATE FUNCTION article_is_dismissed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO change ({columns})
        VALUES (CAST(CAST(pg_current_xact_id() AS text) AS bigint), clock_timestamp(), {values});
        RETURN NULL; END $$"""  # noqa: S608
    )
    op.execute(
        """CREATE TRIGGER article_is_dismissed AFTER UPDATE ON article FOR EACH ROW
        WHEN (new.dismissed_as IS DISTINCT FROM old.dismissed_as)
        EXECUTE FUNCTION article_is_dismissed()"""
    )
