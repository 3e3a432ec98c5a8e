"""The archive that the reader reads: opened when it is first asked, and again after an upgrade."""

import threading
import time
from typing import Final

from reader.formats import BRACKETS
from storage.database.archive import Archive
from storage.query.opening import open_read_only, require_current
from storage.query.time_limit import keep_time_limits
from storage.search.search import Search

_PATIENCE: Final = 1.0  # seconds that a page spends on bringing the search index up to date
_TRUSTED: Final = 5.0  # seconds after which the schema is looked at again


class OpenedArchive:
    """One archive, for any number of threads."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._archive: Archive | None = None
        self._looked_at = 0.0
        self._lock = threading.Lock()
        self._kept = threading.local()

    def get(self) -> Archive:
        """The archive. Raises ArchiveNotCreated, ArchiveOutdated, ArchiveTooNew and whatever
        Archive raises, each time until it fits."""
        with self._lock:
            if self._archive is None:
                archive = open_read_only(self._database)
                keep_time_limits(archive)
                self._archive = archive
            elif time.monotonic() - self._looked_at > _TRUSTED:
                require_current(self._archive)
            self._looked_at = time.monotonic()
            return self._archive

    def check(self) -> None:
        """Raises as `get`, and what the database raises that does not answer."""
        require_current(self.get())

    def search(self) -> Search:
        """Searches of the archive, for this thread alone. Raises as `get`, and IndexUnavailable."""
        archive = self.get()
        kept: tuple[Archive, Search] | None = getattr(self._kept, "search", None)
        if kept is None or kept[0] is not archive:
            kept = archive, Search(archive, patience=_PATIENCE, brackets=BRACKETS)
            self._kept.search = kept
        return kept[1]

    def close(self) -> None:
        with self._lock:
            if self._archive is not None:
                self._archive.close()
                self._archive = None
