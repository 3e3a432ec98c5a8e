"""What a search finds as rows, streamed: the values of HIT_FIELDS, in the order asked for."""

from collections.abc import Iterator
from typing import Any

from storage.database.archive import Archive
from storage.search.options import Options
from storage.search.search import Search


def hit_rows(archive: Archive, query: str, options: Options) -> Iterator[tuple[Any, ...]]:
    """Everything that matches. Raises BadQuery for a query that is wrong."""
    with Search(archive) as search:
        for it in search.hits(query, options):
            yield (
                it.identifier, it.article_id, it.source, it.url, it.version, it.title,
                it.published_at, it.version_first_seen_at, it.language, it.snippet, it.rank,
            )  # fmt: skip


def count_hits(archive: Archive, query: str, options: Options) -> int:
    with Search(archive) as search:
        return search.count(query, options)
