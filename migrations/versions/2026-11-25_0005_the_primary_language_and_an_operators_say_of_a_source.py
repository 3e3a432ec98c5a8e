"""the primary language in the views, and what an operator says of a source

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

PUBLISHED_AT = """COALESCE(
    extraction.published_at,
    (SELECT MIN(address.published_at) FROM address WHERE address.article_id = article.id)
)"""

# New columns come last: PostgreSQL then replaces a view in place, and who may read it still may.
VIEWS = {
    "articles": """
        SELECT article.id, source.name AS source, article.url, extraction.title,
               extraction.authors, {published_at} AS published_at, extraction.modified_at,
               extraction.language, extraction.text, version_state.number AS version,
               article.state, article.first_seen_at, version_state.last_seen_at{more}
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
               extraction.text, version.first_seen_at, version_state.last_seen_at{more}
        FROM version
        JOIN version_state ON version_state.version_id = version.id
        JOIN article ON article.id = version_state.article_id
        JOIN source ON source.id = article.source_id
        JOIN extraction ON extraction.id = version_state.extraction_id
    """,
    "sources": """
        SELECT source.name, source.url, source.enabled, source.added_at,
               source.delay AS delay_seconds, source.cadence AS cadence_seconds{more}
        FROM source
    """,
}

PRIMARY_LANGUAGE = {
    "sqlite": "lower(substr(extraction.language, 1, instr(extraction.language || '-', '-') - 1))",
    "postgresql": "lower(split_part(extraction.language, '-', 1))",
}


def upgrade() -> None:
    op.add_column(
        "source",
        sa.Column(
            "resume_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when a source that is paused is crawled again; null for not by itself",
        ),
    )
    op.add_column(
        "source",
        sa.Column(
            "terms", sa.Text(), nullable=True, comment="on which its publisher lets it be archived"
        ),
    )
    op.add_column("source", sa.Column("notes", sa.Text(), nullable=True, comment="an operator's"))
    op.add_column(
        "address",
        sa.Column(
            "excluded",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="an operator does not want it fetched, whatever names it",
        ),
    )
    dialect = op.get_bind().dialect.name
    language = f", {PRIMARY_LANGUAGE[dialect]} AS primary_language"
    more = {"articles": language, "article_versions": language}
    for name, query in VIEWS.items():
        if dialect == "sqlite":
            op.execute(f"DROP VIEW {name}")
        create = "CREATE VIEW" if dialect == "sqlite" else "CREATE OR REPLACE VIEW"
        columns = more.get(name, ", source.resume_at, source.terms, source.notes")
        op.execute(f"{create} {name} AS {query.format(published_at=PUBLISHED_AT, more=columns)}")


def downgrade() -> None:
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")
    for name in ("resume_at", "terms", "notes"):
        op.drop_column("source", name)
    op.drop_column("address", "excluded")
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query.format(published_at=PUBLISHED_AT, more='')}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE TRIGGER sources_is_read_only INSTEAD OF INSERT OR UPDATE OR DELETE ON sources
            FOR EACH ROW EXECUTE FUNCTION refuse_change('a view is read-only')"""
        )
