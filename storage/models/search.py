"""The words of full-text search."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class SearchDocument(Base):
    """The words of an article's current version, folded by storage.words, for full-text search.

    PostgreSQL keeps them as a tsvector under a GIN index; SQLite as text, which triggers hand to
    the FTS5 table `search_index`.
    """

    __tablename__ = "search_document"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    words: Mapped[str] = mapped_column(Text().with_variant(postgresql.TSVECTOR(), "postgresql"))
