"""dates of feeds and sitemaps, for articles whose pages do not say when they were published

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OF_THE_PAGE = "extraction.published_at"
OF_THE_PAGE_OR_LISTED = """COALESCE(
    extraction.published_at,
    (SELECT MIN(address.published_at) FROM address WHERE address.article_id = article.id)
)"""

VIEWS = {
    "articles": """
        SELECT article.id, source.name AS source, article.url, extraction.title,
               extraction.authors, {published_at} AS published_at, extraction.modified_at,
               extraction.language, extraction.text, version_state.number AS version,
               article.state, article.first_seen_at, version_state.last_seen_at
        FROM article
        JOIN source ON source.id = article.source_id
        JOIN version ON version.id = article.current_version_id
        JOIN version_state ON version_state.version_id = version.id
        JOIN extraction ON extraction.id = version_state.extraction_id
    """,
    "article_versions": """
        SELECT article.id AS article_id, source.name AS source, article.url,
               version_state.number AS version, extraction.title, extraction.authors,
               {published_at} AS published_at, extraction.modified_at, extraction.language,
               extraction.text, version.first_seen_at, version_state.last_seen_at
        FROM version
        JOIN version_state ON version_state.version_id = version.id
        JOIN article ON article.id = version_state.article_id
        JOIN source ON source.id = article.source_id
        JOIN extraction ON extraction.id = version_state.extraction_id
    """,
}


def upgrade() -> None:
    op.add_column(
        "address",
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="of the page, as a feed or sitemap first said",
        ),
    )
    # What is far ahead, or was never set, is not believed: storage.frontier, crawler.discovery.
    if op.get_bind().dialect.name == "sqlite":
        hint = "json_extract(hints, '$.published_at')"
        instant = f"strftime('%Y-%m-%d %H:%M:%f', {hint}) || '000'"
        tomorrow = "strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 day') || '000'"
    else:
        hint = "hints ->> 'published_at'"
        instant = f"({hint})::timestamptz"
        tomorrow = "now() + interval '1 day'"
    op.execute(
        f"UPDATE address SET published_at = {instant} "  # noqa: S608
        f"WHERE {instant} BETWEEN '1970-01-03' AND {tomorrow}"
    )
    _replace_views(OF_THE_PAGE_OR_LISTED)


def downgrade() -> None:
    _replace_views(OF_THE_PAGE)
    op.drop_column("address", "published_at")


def _replace_views(published_at: str) -> None:
    for name, query in VIEWS.items():
        op.execute(f"DROP VIEW {name}")
        op.execute(f"CREATE VIEW {name} AS {query.format(published_at=published_at)}")
