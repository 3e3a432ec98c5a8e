"""A selection in a file: streamed, whole or not at all, the same each time."""

import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import schema
from storage.database.archive import Archive
from storage.database.snapshot import snapshot
from storage.models import ArchiveIdentity, Reuse
from storage.query.export.manifest import SUFFIX, Manifest, manifest_of
from storage.query.export.new_file import Digesting, NewFile, Sink
from storage.query.export.row_writers import CommaSeparated, JsonLines, Parquet, RowWriter
from storage.query.export.tei import Tei
from storage.query.fields import VERSION_FIELDS
from storage.query.matching import matching_versions
from storage.query.rights import is_open, may_export
from storage.query.selection import Selection
from storage.query.version_rows import count_version_rows, version_rows

_BATCH: Final = 500
_NAMES: Final = [field.name for field in VERSION_FIELDS]
_ARTICLE: Final = _NAMES.index("article_id")
_IDENTIFIER: Final = _NAMES.index("version_id")
_WITHHELD: Final[dict[str, Any]] = {
    "text": "",
    "paragraph_kinds": [],
    "description": None,
    "apart": "[]",
    "live_entries": "[]",
}


class Format(StrEnum):
    """What an export is written in."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    TEI = "tei"


_WRITERS: Final[dict[Format, Callable[[Sink], RowWriter]]] = {
    Format.JSONL: JsonLines,
    Format.CSV: CommaSeparated,
    Format.PARQUET: Parquet,
    Format.TEI: Tei,
}
_NOTES: Final = {
    Format.JSONL: {},
    Format.CSV: {
        "cells": "a text that begins with = + - @ ' a tab, a line end or a full-width = + - @ has "
        "an apostrophe before it, so that no spreadsheet runs it; permalien.restore_cell takes it "
        "off",
        "null": "an empty cell",
        "lists": "JSON",
    },
    Format.PARQUET: {"writer": "the same bytes come of the same version of pyarrow"},
    Format.TEI: {"characters": "what XML 1.0 can't hold is U+FFFD"},
}

Progress = Callable[[int, int], None]
"""Told how many rows are written, of how many; of the past the latter is the most there can be."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    rows: int
    articles: int
    size: int
    sha256: str
    withheld: int = 0
    """Rows that are left out, or written without their text, by the settings of their sources."""


def export_file(
    archive: Archive,
    selection: Selection,
    path: Path,
    format: Format,
    *,
    replace: bool = False,
    progress: Progress = lambda done, whole: None,
) -> Manifest:
    """Write the selection to `path`, and its manifest beside it; both, or neither is left.

    Raises Taken where one of them is there already, unless `replace`, NotFound for a source that
    is not there, ImportError where Parquet is asked for and pyarrow is not there, and OSError.
    """
    beside = path.with_name(path.name + SUFFIX)
    with NewFile(beside, replace=replace) as description, NewFile(path, replace=replace) as file:
        matched = matching_versions(archive, selection)
        with snapshot(archive) as session:
            identity = session.scalar(select(ArchiveIdentity.id)) or ""
            written = _write(session, selection, matched, file.stream, format, progress)
        manifest = manifest_of(
            name=path.name,
            format=format.value,
            size=written.size,
            sha256=written.sha256,
            rows=written.rows,
            articles=written.articles,
            withheld=written.withheld,
            selection=selection,
            archive={"identity": identity, "schema": schema.head()},
            columns=[
                {"name": it.name, "type": it.kind, "null": it.nullable, "meaning": it.meaning}
                for it in VERSION_FIELDS
            ],
            notes=_NOTES[format] | _told(written),
            software=_software(format),
        )
        description.stream.write(manifest.as_text().encode())
        description.settle()
    return manifest


def export_stream(
    archive: Archive,
    selection: Selection,
    stream: Sink,
    format: Format,
    *,
    without: Sequence[str] = (),
    progress: Progress = lambda done, whole: None,
) -> Written:
    """Write the selection to a stream, which stays open; what its search finds but for the sources
    `without`. Raises as `export_file`."""
    matched = matching_versions(archive, selection, without=without)
    with snapshot(archive) as session:
        return _write(session, selection, matched, Digesting(stream), format, progress)


def _write(
    session: Session,
    selection: Selection,
    matched: Sequence[int] | None,
    sink: Digesting,
    format: Format,
    progress: Progress,
) -> Written:
    whole = count_version_rows(session, selection) if matched is None else len(matched)
    writer = _WRITERS[format](sink)
    rows = articles = withheld = 0
    last = None
    progress(0, whole)
    is_free = is_open(session)
    for batch in _batches(version_rows(session, selection, matched)):
        some, held = (batch, 0) if is_free else _permitted(session, batch)
        withheld += held
        writer.write(some)
        for row in some:
            articles += row[_ARTICLE] != last
            last = row[_ARTICLE]
        rows += len(some)
        progress(rows, whole)
    writer.finish()
    sink.flush()
    return Written(rows, articles, sink.size, sink.sha256, withheld)


def _told(written: Written) -> dict[str, str]:
    if not written.withheld:
        return {}
    return {
        "withheld": f"{written.withheld} versions are left out, or without their text, as their "
        "sources' settings say (`permalien sources edit --may-export`)"
    }


def _permitted(session: Session, rows: Sequence[Sequence[Any]]) -> tuple[list[Sequence[Any]], int]:
    """The rows that may be exported, without their texts where these may not; and how many of them
    all may not be had whole."""
    allowed = may_export(session, [row[_IDENTIFIER] for row in rows])
    kept = [row for row in rows if allowed[row[_IDENTIFIER]] is not Reuse.NONE]
    some = [row if allowed[row[_IDENTIFIER]] is Reuse.ALL else _without_text(row) for row in kept]
    return some, sum(1 for it in allowed.values() if it is not Reuse.ALL)


def _without_text(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(_WITHHELD.get(name, value) for name, value in zip(_NAMES, row, strict=True))


def _batches(rows: Iterator[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    while some := list(islice(rows, _BATCH)):
        yield some


def _software(format: Format) -> dict[str, str]:
    names = ["permalien", *(["pyarrow"] if format is Format.PARQUET else [])]
    return {**{name: version(name) for name in names}, "python": platform.python_version()}
