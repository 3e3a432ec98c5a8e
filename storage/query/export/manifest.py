"""The manifest of an export: what another person needs to make the same file, and to check it.

It has no time of its own in it: the same export has the same manifest.
"""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from storage.query.selection import Selection

SUFFIX: Final = ".manifest.json"
_KIND: Final = "permalien-export"
_TIMES: Final = frozenset({"since", "until", "as_of", "known_by"})


class BadManifest(ValueError):
    """The file is no manifest of an export."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`document` is what is written; the rest is read of it."""

    document: dict[str, Any]

    @property
    def file(self) -> str:
        return str(self.document["file"]["name"])

    @property
    def format(self) -> str:
        return str(self.document["file"]["format"])

    @property
    def selection(self) -> Selection:
        given = self.document["query"]
        return Selection(**{name: _read(name, value) for name, value in given.items()})

    def as_text(self) -> str:
        return json.dumps(self.document, ensure_ascii=False, indent=2) + "\n"

    def problems(self, path: Path) -> list[str]:
        """In what the file at `path` is not the one that was written; empty where it is. Raises
        OSError where it can't be read."""
        file = self.document["file"]
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        size = path.stat().st_size
        found = []
        if size != file["bytes"]:
            found.append(f"it has {size:,} bytes, not {file['bytes']:,}")
        if sha256 != file["sha256"]:
            found.append(f"its SHA-256 is {sha256}, not {file['sha256']}")
        return found


def query_document(selection: Selection) -> dict[str, Any]:
    """The selection as the manifest has it."""
    values = {field.name: getattr(selection, field.name) for field in fields(selection)}
    return {name: _written(value) for name, value in values.items()}


def load_manifest(path: Path) -> Manifest:
    """Raises BadManifest, and OSError where it can't be read."""
    try:
        document = json.loads(path.read_bytes())
        if document["manifest"] != _KIND:
            raise KeyError("manifest")
        manifest = Manifest(document)
        _ = (manifest.file, manifest.format, manifest.selection)
        _ = (document["file"]["bytes"], document["file"]["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadManifest(f"{path} is no manifest of an export") from error
    return manifest


def manifest_of(
    *,
    name: str,
    format: str,
    size: int,
    sha256: str,
    rows: int,
    articles: int,
    withheld: int,
    selection: Selection,
    archive: dict[str, str],
    columns: list[dict[str, Any]],
    notes: dict[str, str],
    software: dict[str, str],
) -> Manifest:
    """The manifest of a file that was written."""
    return Manifest(
        {
            "manifest": _KIND,
            "file": {
                "name": name,
                "format": format,
                "bytes": size,
                "sha256": sha256,
                "rows": rows,
                "articles": articles,
                "withheld": withheld,
            },
            "query": query_document(selection),
            "order": ["article_id", "version"],
            "archive": archive,
            "notes": notes,
            "columns": columns,
            "software": software,
        }
    )


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _read(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return datetime.fromisoformat(value) if name in _TIMES and value is not None else value
