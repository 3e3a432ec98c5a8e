"""no words for search in the archive: an index beside it follows the log of changes

Back to 0022 the words of current versions are made again.

Revision ID: 0023
Revises: 0022
"""

from collections.abc import Iterator
from itertools import islice

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.database.words import words

revision = "0023"
down_revision = "0022"

_BATCH = 500

_SQLITE = (
    """CREATE VIRTUAL TABLE search_index USING fts5(
        words, content='search_document', content_rowid='article_id',
        tokenize='ascii'
    )""",
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
)


def upgrade() -> None:
    if _is_sqlite():
        op.execute("DROP TABLE search_index")
    op.drop_table("search_document")


def downgrade() -> None:
    op.create_table(
        "search_document",
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_search_document_article_id"
        ),
        sa.PrimaryKeyConstraint("article_id", name="pk_search_document"),
    )
    if _is_sqlite():
        for statement in _SQLITE:
            op.execute(statement)
    else:
        op.execute("CREATE INDEX ix_search_document_words ON search_document USING gin (words)")
    _index()


def _index() -> None:
    connection = op.get_bind()
    value = ":words" if _is_sqlite() else "CAST(:words AS tsvector)"
    insert = sa.text(
        f"INSERT INTO search_document (article_id, words) VALUES (:article_id, {value})"  # noqa: S608
    )
    rows = connection.execute(
        sa.text(
            """SELECT article.id, content.title, content.text FROM article
            JOIN version_state ON version_state.version_id = article.current_version_id
            JOIN reading ON reading.id = version_state.best_reading
            JOIN content ON content.digest = reading.content_digest"""
        )
    )
    for some in rows.partitions(_BATCH):
        found = [
            {"article_id": id_, "words": _words(f"{title}\n{text}")} for id_, title, text in some
        ]
        connection.execute(insert, found)


def _words(text: str) -> str:
    """As revision 0022's program put them: words between spaces, or a tsvector with positions, of
    which PostgreSQL takes 255 a word."""
    if _is_sqlite():
        return " ".join(_some(text))
    positions: dict[str, list[int]] = {}
    for at, word in enumerate(_some(text), start=1):
        places = positions.setdefault(word, [])
        if len(places) < 255:
            places.append(at)
    return " ".join(f"'{word}':{','.join(map(str, at))}" for word, at in positions.items())


def _some(text: str) -> Iterator[str]:
    """What fits into a tsvector, of 1 MiB and 16,383 positions."""
    size = 0
    for word in islice(words(text), 16_000):
        size += len(word.encode())
        if size > 800_000:
            return
        yield word


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
