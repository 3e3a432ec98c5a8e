"""The read-only views, full-text search, immutable versions.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"

VIEWS = {
    "sources": """
        SELECT source.name, source.url, source.enabled, source.added_at,
               source.delay AS delay_seconds, source.cadence AS cadence_seconds
        FROM source
    """,
    "articles": """
        SELECT article.id, source.name AS source, article.url, extraction.title,
               extraction.authors, extraction.published_at, extraction.modified_at,
               extraction.language, extraction.text, version.number AS version,
               article.state, article.first_seen_at, version_state.last_seen_at
        FROM article
        JOIN source ON source.id = article.source_id
        JOIN version ON version.id = article.current_version_id
        JOIN version_state ON version_state.version_id = version.id
        JOIN extraction ON extraction.id = version_state.extraction_id
    """,
    "article_versions": """
        SELECT article.id AS article_id, source.name AS source, article.url,
               version.number AS version, extraction.title, extraction.authors,
               extraction.published_at, extraction.modified_at, extraction.language,
               extraction.text, version.first_seen_at, version_state.last_seen_at
        FROM version
        JOIN article ON article.id = version.article_id
        JOIN source ON source.id = article.source_id
        JOIN version_state ON version_state.version_id = version.id
        JOIN extraction ON extraction.id = version_state.extraction_id
    """,
    "observations": """
        SELECT observation.id, source.name AS source, address.url, address.kind,
               address.article_id, observation.observed_at, observation.outcome,
               observation.status, version.number AS version, observation.detail
        FROM observation
        JOIN address ON address.id = observation.address_id
        JOIN source ON source.id = address.source_id
        LEFT JOIN version ON version.id = observation.version_id
    """,
}

SQLITE = [
    """CREATE VIRTUAL TABLE search_index USING fts5(
        words, content='search_document', content_rowid='article_id',
        tokenize='ascii'
    )""",
    "INSERT INTO search_index (search_index) VALUES ('rebuild')",
    """CREATE TRIGGER search_document_insert AFTER INSERT ON search_document BEGIN
        INSERT INTO search_index (rowid, words) VALUES (new.article_id, new.words);
    END""",
    """CREATE TRIGGER search_document_delete AFTER DELETE ON search_document BEGIN
        INSERT INTO search_index (search_index, rowid, words)
        VALUES ('delete', old.article_id, old.words);
    END""",
    """CREATE TRIGGER search_document_update AFTER UPDATE ON search_document BEGIN
        INSERT INTO search_index (search_index, rowid, words)
        VALUES ('delete', old.article_id, old.words);
        INSERT INTO search_index (rowid, words) VALUES (new.article_id, new.words);
    END""",
    """CREATE TRIGGER version_is_immutable BEFORE UPDATE ON version BEGIN
        SELECT RAISE(ABORT, 'a version never changes');
    END""",
    """CREATE TRIGGER version_is_kept BEFORE DELETE ON version BEGIN
        SELECT RAISE(ABORT, 'a version is never deleted');
    END""",
    # REPLACE deletes without asking the trigger above.
    """CREATE TRIGGER version_is_not_replaced BEFORE INSERT ON version
    WHEN EXISTS (
        SELECT 1 FROM version
        WHERE id = new.id OR (article_id = new.article_id AND number = new.number)
    ) BEGIN
        SELECT RAISE(ABORT, 'a version never changes');
    END""",
]

POSTGRESQL = [
    "CREATE INDEX ix_search_document_words ON search_document USING gin (words)",
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$""",
    """CREATE TRIGGER version_is_immutable BEFORE UPDATE OR DELETE ON version
    FOR EACH ROW EXECUTE FUNCTION refuse_change('a version never changes, is never deleted')""",
    """CREATE TRIGGER version_is_kept BEFORE TRUNCATE ON version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('a version is never deleted')""",
    # The one view that is so simple that PostgreSQL would write through it.
    """CREATE TRIGGER sources_is_read_only INSTEAD OF INSERT OR UPDATE OR DELETE ON sources
    FOR EACH ROW EXECUTE FUNCTION refuse_change('a view is read-only')""",
]


def upgrade() -> None:
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in POSTGRESQL if postgresql else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER version_is_immutable ON version")
        op.execute("DROP TRIGGER version_is_kept ON version")
        op.execute("DROP FUNCTION refuse_change")
        op.execute("DROP INDEX ix_search_document_words")
        return
    for guard in ("immutable", "kept", "not_replaced"):
        op.execute(f"DROP TRIGGER version_is_{guard}")
    for event in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER search_document_{event}")
    op.execute("DROP TABLE search_index")
