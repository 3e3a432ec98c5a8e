"""The archive that the reader reads: opened when it is first asked, and again after an upgrade."""

import threading
import time
from typing import Final

from storage.database.archive import Archive
from storage.query.opening import open_read_only, require_current
from storage.query.time_limit import keep_time_limits

_TRUSTED: Final = 5.0  # seconds after which the schema is looked at again


class OpenedArchive:
    """One archive, for any number of threads."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._archive: Archive | None = None
        self._looked_at = 0.0
        self._lock = threading.Lock()

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

    def close(self) -> None:
        with self._lock:
            if self._archive is not None:
                self._archive.close()
                self._archive = None
