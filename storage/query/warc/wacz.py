"""WACZ 1.1.1: WARC files, their index and a list of pages in one zip file, by which a browser can
replay them without more (https://specs.webrecorder.net/wacz/1.1.1/).
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any, Final

from storage.query.export.new_file import Digesting

_VERSION: Final = "1.1.1"
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)  # so that the same pages are the same bytes


class WaczFile:
    """Writes the parts of a WACZ to a stream that can be sought in; `finish` comes last."""

    def __init__(self, stream: IO[bytes], software: str) -> None:
        self._zip = zipfile.ZipFile(stream, "w", allowZip64=True)
        self._software = software
        self._resources: list[dict[str, Any]] = []

    @contextmanager
    def part(self, path: str) -> Iterator[Digesting]:
        """A file of that path, to be written to. Nothing is compressed: a replay tool reads pieces
        of it where they lie."""
        entry = zipfile.ZipInfo(path, _LONG_AGO)
        entry.external_attr = 0o644 << 16
        with self._zip.open(entry, "w", force_zip64=True) as stream:
            digesting = Digesting(stream)
            yield digesting
        self._resources.append(
            {
                "name": path.rpartition("/")[2],
                "path": path,
                "hash": f"sha256:{digesting.sha256}",
                "bytes": digesting.size,
            }
        )

    def write(self, path: str, lines: Iterable[str]) -> None:
        with self.part(path) as sink:
            for line in lines:
                sink.write(line.encode())

    def finish(self, title: str, created: datetime | None) -> None:
        """What the package holds, with the digest of that."""
        package: dict[str, Any] = {
            "profile": "data-package",
            "wacz_version": _VERSION,
            "title": title,
            "software": self._software,
            "resources": self._resources,
        }
        if created is not None:
            package["created"] = f"{created:%Y-%m-%dT%H:%M:%SZ}"
        text = json.dumps(package, indent=2).encode()
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(text).hexdigest()}"}
        for path, data in (
            ("datapackage.json", text),
            ("datapackage-digest.json", json.dumps(digest, indent=2).encode()),
        ):
            entry = zipfile.ZipInfo(path, _LONG_AGO)
            entry.external_attr = 0o644 << 16
            self._zip.writestr(entry, data)
        self._zip.close()


def page_lines(pages: Iterable[str]) -> Iterator[str]:
    """The list of pages: what it is, then a line each."""
    yield json.dumps({"format": "json-pages-1.0", "id": "pages", "title": "All pages"}) + "\n"
    yield from pages
