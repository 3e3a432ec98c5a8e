"""What searching raises.

ArchiveError
|- DamagedIndex        the index can't be read: `discard` it, and make it anew
|- IndexUnavailable    the index can't be kept where it should be: the message says what to do
`- BadQuery            the query is put wrongly, at a place that `pointed` shows
"""

from storage.database.errors import ArchiveError


class DamagedIndex(ArchiveError):
    """The index can't be read."""


class IndexUnavailable(ArchiveError):
    """The index can't be written or read."""


class BadQuery(ArchiveError):
    """The query is put wrongly, at character `at` of it, counted from 0."""

    def __init__(self, message: str, query: str, at: int) -> None:
        super().__init__(message)
        self.query = query
        self.at = at

    def pointed(self) -> tuple[str, str]:
        """The query, or the part of it around the place, and a line with `^` under the place."""
        start = max(0, self.at - 60)
        shown = self.query[start : self.at + 40]
        return shown, f"{' ' * (self.at - start)}^"
