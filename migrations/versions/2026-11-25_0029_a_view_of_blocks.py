"""a view of the blocks of each version, those beside the text too

Revision ID: 0029
Revises: 0028
"""

from alembic import op

revision = "0029"
down_revision = "0028"

OF_A_VERSION = """source.name AS source, article.id AS article_id, article.url,
           version_state.number AS version, version.identifier AS version_id"""
READ = """FROM version
    JOIN version_state ON version_state.version_id = version.id
    JOIN article ON article.id = version_state.article_id AND article.dismissed_as IS NULL
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
    JOIN reading_detail ON reading_detail.digest = reading.detail_digest"""
STANDS = "WHERE version_state.retracted_at IS NULL"
BLOCKS = {
    "sqlite": f"""
    SELECT {OF_A_VERSION}, each.key AS paragraphs_before, 0 AS apart, each.key + 1 AS number,
           json_extract(each.value, '$[0]') AS kind,
           substr(content.text, 1 + (
               SELECT COALESCE(SUM(json_extract(one.value, '$[1]') + 1), 0)
               FROM json_each(content.blocks) AS one WHERE one.key < each.key
           ), json_extract(each.value, '$[1]')) AS text, (
               SELECT json_extract(entry.value, '$[1]')
               FROM json_each(reading_detail.details, '$.live_entries') AS entry
               WHERE json_extract(entry.value, '$[0]') = each.key LIMIT 1) AS entry_at,
           NULL AS picture_url
    {READ}
    JOIN json_each(content.blocks) AS each
    {STANDS}
    UNION ALL
    SELECT {OF_A_VERSION}, json_extract(each.value, '$[2]'), 1, each.key + 1,
           json_extract(each.value, '$[0]'), json_extract(each.value, '$[1]'), NULL,
           json_extract(each.value, '$[3]')
    {READ}
    JOIN json_each(reading_detail.details, '$.apart') AS each
    {STANDS}
""",  # noqa: S608
    "postgresql": f"""
    SELECT {OF_A_VERSION}, each.key AS paragraphs_before, FALSE AS apart, each.key + 1 AS number,
           each.kind, substr(content.text, each.begins, each.size) AS text, (
               SELECT entry->>1
               FROM jsonb_array_elements(reading_detail.details->'live_entries') AS entry
               WHERE CAST(entry->>0 AS INTEGER) = each.key LIMIT 1) AS entry_at,
           CAST(NULL AS TEXT) AS picture_url
    {READ}
    CROSS JOIN LATERAL (
        SELECT CAST(one.key - 1 AS INTEGER) AS key, one.value->>0 AS kind,
               CAST(one.value->>1 AS INTEGER) AS size,
               CAST(1 + SUM(CAST(one.value->>1 AS INTEGER) + 1) OVER (ORDER BY one.key)
                    - CAST(one.value->>1 AS INTEGER) - 1 AS INTEGER) AS begins
        FROM jsonb_array_elements(content.blocks) WITH ORDINALITY AS one (value, key)
    ) AS each
    {STANDS}
    UNION ALL
    SELECT {OF_A_VERSION}, CAST(each.value->>2 AS INTEGER), TRUE, CAST(each.key AS INTEGER),
           each.value->>0, each.value->>1, NULL, each.value->>3
    {READ}
    CROSS JOIN LATERAL jsonb_array_elements(
        CASE WHEN reading_detail.details ? 'apart' THEN reading_detail.details->'apart'
             ELSE CAST('[]' AS JSONB) END) WITH ORDINALITY AS each (value, key)
    {STANDS}
""",  # noqa: S608
}


def upgrade() -> None:
    op.execute(f"CREATE VIEW blocks AS {BLOCKS[op.get_bind().dialect.name]}")


def downgrade() -> None:
    op.execute("DROP VIEW blocks")
