"""An archive made again: of the WARC files that were exported, and their sidecar."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from crawler.importing.exchanges import Exchange, exchanges
from crawler.importing.files import opened
from crawler.importing.warc_file import NoWarc, WarcFile
from storage.database.archive import Archive
from storage.database.errors import Refused
from storage.sidecar import restore


def restore_files(
    archive: Archive,
    paths: Sequence[Path],
    sidecar: Path,
    *,
    progress: Callable[[str, int], None] = lambda table, rows: None,
    redact: Callable[[Session], None] = lambda session: None,
) -> dict[str, int]:
    """Make the archive in an empty database, all of it or nothing; how many rows each table has.
    Takes and raises what storage.sidecar.restore does, and Refused for what is damaged."""
    return restore(archive, _bodies(paths), sidecar, progress=progress, redact=redact)


def _bodies(paths: Sequence[Path]) -> Iterator[bytes]:
    for path in paths:
        try:
            with opened(path) as parts:
                for name, part in parts:
                    with part.open() as stream:
                        for item in exchanges(WarcFile(stream)):
                            if not isinstance(item, Exchange):
                                raise Refused(f"{name} at byte {item.offset:,}: {item.why}")
                            if item.body is not None:
                                yield item.body
        except NoWarc as error:
            raise Refused(f"{path}: {error}") from error
