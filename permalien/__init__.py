"""Permalien's Python API: an archive of the news, read.

    import permalien

    with permalien.open("permalien.db") as archive:
        for article in archive.articles(language="fr"):
            print(article.published_at, article.title)

This is the only public one: names here stay, with their meaning. docs/python.md tells more.
Importing it is quick; the database's library is imported by `open`, and those of tables by what
makes one.
"""

from typing import TYPE_CHECKING, Any

from permalien.archive import Archive, open
from permalien.records import Article, Edit, Fetch, Hit, OwnReading, Page, Source, Version
from permalien.results import Results
from storage.query.export.cells import harmless_cell, restore_cell

if TYPE_CHECKING:
    from storage.database.errors import (
        ArchiveError,
        ArchiveNotCreated,
        ArchiveOutdated,
        ArchiveTooNew,
        ArchiveUnavailable,
        BadDatabaseURL,
        Damaged,
        NotFound,
        Refused,
    )
    from storage.search.errors import BadQuery

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveNotCreated",
    "ArchiveOutdated",
    "ArchiveTooNew",
    "ArchiveUnavailable",
    "Article",
    "BadDatabaseURL",
    "BadQuery",
    "Damaged",
    "Edit",
    "Fetch",
    "Hit",
    "NotFound",
    "OwnReading",
    "Page",
    "Refused",
    "Results",
    "Source",
    "Version",
    "harmless_cell",
    "open",
    "restore_cell",
]


def __getattr__(name: str) -> Any:
    # The errors come with the database's library.
    if name == "BadQuery":
        from storage.search.errors import BadQuery

        return BadQuery
    if name in __all__:
        from storage.database import errors

        return getattr(errors, name)
    raise AttributeError(f"module 'permalien' has no attribute {name!r}")
