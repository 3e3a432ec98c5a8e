"""Searching, in a line."""

from storage.database.archive import Archive
from storage.search.options import Options
from storage.search.search import Hit, Search


def search(archive: Archive, query: str, options: Options | None = None) -> list[Hit]:
    """What is found in the archive as it is now."""
    with Search(archive, patience=60) as opened:
        return list(opened.find(query, options).hits)
