"""What imports make of an archive: test_importer.py."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from crawler.importing import taking_in
from crawler.importing.importer import import_files
from crawler.reading.pool import ReaderPool
from storage.database.archive import Archive
from storage.models import RunEnd
from tests.support.warcs import Shot, write

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Broken:
    """Readers that read nothing any more."""

    workers = 1

    async def read(self, *_: object) -> None:
        raise OSError("the readers are gone")


def test_it_stops_soon_after_its_readers_fail(
    sqlite_archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_in, "_BATCH", 2)
    shots = [
        Shot(f"https://example.org/2026/{n}.html", START + n * timedelta(hours=1), b"<p>%d" % n)
        for n in range(40)
    ]
    path = write(tmp_path / "a.warc.gz", shots)
    done = import_files(sqlite_archive, [path], pool=cast(ReaderPool, Broken()))
    assert done.how is RunEnd.FAILED
    assert str(done.error) == "the readers are gone"
    assert done.tally.captures < len(shots) / 2
