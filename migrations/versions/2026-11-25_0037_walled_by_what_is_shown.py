"""an article is walled where its page shows but a part of it

Not for its page's word alone that it is for subscribers, which some sites say of each page.

Revision ID: 0037
Revises: 0036
"""

from alembic import op

revision = "0037"
down_revision = "0036"

SAID = """content.title, content.authors,
           COALESCE(content.published_at, (
               SELECT MIN(address.published_at) FROM address
               WHERE address.article_id = article.id)) AS published_at,
           content.modified_at, content.language, content.text"""
ARTICLES = f"""
    SELECT article.id, source.name AS source, article.url, {SAID},
           version_state.number AS version,
           CAST(CASE WHEN article.state = 'live' AND {{walled}}
                     THEN 'walled' ELSE article.state END AS VARCHAR(20)) AS state,
           article.first_seen_at, version_state.last_seen_at,
           {{language}} AS primary_language, recorded.text AS text_as_recorded,
           content.published_offset, content.published_precision,
           content.modified_offset, content.modified_precision, version.identifier AS version_id
    FROM article
    JOIN version ON version.id = article.current_version_id AND article.dismissed_as IS NULL
    JOIN version_state ON version_state.version_id = version.id
    JOIN source ON source.id = article.source_id
    JOIN reading ON reading.id = version_state.best_reading
    JOIN content ON content.digest = reading.content_digest
    JOIN content AS recorded ON recorded.digest = version.recorded_content
"""  # noqa: S608
PRIMARY_LANGUAGE = {
    "sqlite": "lower(substr(content.language, 1, instr(content.language || '-', '-') - 1))",
    "postgresql": "lower(split_part(content.language, '-', 1))",
}


def upgrade() -> None:
    _create_view("content.partial")


def downgrade() -> None:
    _create_view("(content.partial OR content.paywalled)")


def _create_view(walled: str) -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        op.execute("DROP VIEW articles")
    # In place on PostgreSQL: who may read it still may.
    create = "CREATE VIEW" if dialect == "sqlite" else "CREATE OR REPLACE VIEW"
    query = ARTICLES.format(language=PRIMARY_LANGUAGE[dialect], walled=walled)
    op.execute(f"{create} articles AS {query}")
