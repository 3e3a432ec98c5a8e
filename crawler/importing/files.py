"""The WARC files that are to be imported: each by itself, or those of a WACZ."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

from crawler.importing.warc_file import NoWarc, Record, WarcFile

_MOST_UNPACKED: Final = 100  # times the size it has in the zip file,
_ALWAYS: Final = 64 * 2**20  # and so many bytes
_MOST_FILES: Final = 10_000  # in a WACZ


def first_date(path: Path) -> tuple[str, str]:
    """What files are sorted by: the date of the first record, as it is written, then the name.
    What comes first was seen first: a version is dated by the first capture that is imported."""
    try:
        with opened(path) as parts:
            for _, part in parts:
                with part.open() as stream:
                    for record in WarcFile(stream):
                        if isinstance(record, Record):
                            return record.headers.get("warc-date", ""), str(path)
    except (NoWarc, OSError):
        pass
    return "", str(path)


@contextmanager
def opened(path: Path) -> Iterator[list[tuple[str, "Part"]]]:
    """The WARC files in a file, with the name of each. Nothing of a WACZ is unpacked to the disk.

    Raises NoWarc, and OSError.
    """
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            file.seek(0)
            yield [(str(path), Part(file, path.stat().st_size))]
            return
        file.seek(0)
        try:
            with zipfile.ZipFile(file) as package:
                entries = [it for it in package.infolist() if _is_warc(it)]
                if not entries:
                    raise NoWarc("it is a zip file without a WARC file in archive/")
                if len(entries) > _MOST_FILES:
                    raise NoWarc(f"it is a zip file of more than {_MOST_FILES:,} WARC files")
                yield [
                    (f"{path}: {it.filename}", Part(file, it.file_size, package, it))
                    for it in entries
                ]
        except zipfile.BadZipFile as error:
            raise NoWarc(f"it is a damaged WACZ: {error}") from error


class Part:
    """One WARC file; `size` is what it says it has, in bytes."""

    def __init__(
        self,
        file: IO[bytes],
        size: int,
        package: zipfile.ZipFile | None = None,
        entry: zipfile.ZipInfo | None = None,
    ) -> None:
        self._file = file
        self._package = package
        self._entry = entry
        self.size = size

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Its bytes. Raises NoWarc."""
        if self._package is None or self._entry is None:
            yield self._file
            return
        try:
            with self._package.open(self._entry) as stream:
                most = _MOST_UNPACKED * self._entry.compress_size + _ALWAYS
                yield cast(IO[bytes], _Bounded(stream, most))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise NoWarc(f"it is a damaged WACZ: {error}") from error


class _Bounded:
    """A stream of which no more than `most` bytes are read: a small file may unpack to any size."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int = -1) -> bytes:
        return self._counted(self._stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._counted(self._stream.readline(size))

    def seek(self, position: int) -> int:
        return self._stream.seek(position)

    def tell(self) -> int:
        return self._stream.tell()

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise NoWarc("it unpacks to far more than a WARC file would")
        return data


def _is_warc(entry: zipfile.ZipInfo) -> bool:
    """By its name alone, which names nothing on this machine: nothing is unpacked."""
    folder, _, name = entry.filename.rpartition("/")
    return folder == "archive" and name.lower().endswith((".warc", ".warc.gz"))
