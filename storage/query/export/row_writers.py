"""Rows of versions in each format, written as they come."""

import csv
import io
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Protocol

import orjson

from storage.query.export.cells import harmless_cell
from storage.query.export.new_file import Sink
from storage.query.fields import VERSION_FIELDS, Kind

NAMES: Final = tuple(field.name for field in VERSION_FIELDS)
ROWS_OF_A_GROUP: Final = 5_000
"""Of a Parquet file: what is held in memory at a time."""


class RowWriter(Protocol):
    """Writes rows, some at a time, and at last what comes after them."""

    def write(self, rows: Sequence[Sequence[Any]]) -> None: ...

    def finish(self) -> None: ...


class JsonLines:
    """An object a line, UTF-8; times as `2026-03-01T08:00:00+00:00`."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        # A line at a time: joined, they would be copied, and large copies are paged in each time.
        for row in rows:
            said = dict(zip(NAMES, row, strict=True))
            self._sink.write(orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE))

    def finish(self) -> None:
        pass


class CommaSeparated:
    """RFC 4180, UTF-8, with a line of names. Lists are JSON, null is an empty cell, and texts are
    as `harmless_cell` leaves them."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = io.StringIO(newline="")
        self._csv = csv.writer(self._buffer)
        self._cells: tuple[Callable[[Any], Any], ...] = tuple(
            _CELLS[field.kind] for field in VERSION_FIELDS
        )
        self._csv.writerow(NAMES)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        self._csv.writerows(
            [
                "" if value is None else cell(value)
                for cell, value in zip(self._cells, row, strict=True)
            ]
            for row in rows
        )
        self._flush()

    def finish(self) -> None:
        self._flush()

    def _flush(self) -> None:
        self._sink.write(self._buffer.getvalue().encode())
        self._buffer.seek(0)
        self._buffer.truncate()


class Parquet:
    """Parquet 2.6, compressed with zstd, in groups of ROWS_OF_A_GROUP rows. Needs pyarrow.

    Most of the work is the compression, in which pyarrow lets other threads run: a group is
    written while the rows of the next one are read. What goes wrong with it is raised by the next
    `write`, or by `finish`.
    """

    def __init__(self, sink: Sink) -> None:
        import pyarrow
        import pyarrow.parquet

        from storage.query.arrow import arrow_schema

        self._schema = arrow_schema(VERSION_FIELDS)
        self._file = pyarrow.PythonFile(sink, mode="w")
        self._writer = pyarrow.parquet.ParquetWriter(
            # A level of 3 takes twice the time, for files that are an eighth smaller.
            self._file, self._schema, version="2.6", compression="zstd", compression_level=1,
            use_dictionary=_REPEATED, write_statistics=_SMALL, data_page_version="1.0",
        )  # fmt: skip
        self._waiting: list[Sequence[Any]] = []
        self._thread = ThreadPoolExecutor(1, "parquet")
        self._written: Future[None] | None = None

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        self._waiting += rows
        while len(self._waiting) >= ROWS_OF_A_GROUP:
            self._write(self._waiting[:ROWS_OF_A_GROUP])
            del self._waiting[:ROWS_OF_A_GROUP]

    def finish(self) -> None:
        if self._waiting:
            self._write(self._waiting)
        if self._written is not None:
            self._written.result()
        self._thread.shutdown()
        self._writer.close()

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        from storage.query.arrow import record_batch

        batch = record_batch(rows, self._schema)
        if self._written is not None:
            self._written.result()
        self._written = self._thread.submit(
            self._writer.write_batch, batch, row_group_size=len(rows)
        )


_CELLS: Final[dict[Kind, Callable[[Any], Any]]] = {
    Kind.TEXT: harmless_cell,
    Kind.INTEGER: str,
    Kind.NUMBER: repr,
    Kind.BOOLEAN: lambda value: "true" if value else "false",
    Kind.TIME: lambda value: value.isoformat(),
    Kind.TEXTS: lambda value: orjson.dumps(value).decode(),
}

_LONG: Final = frozenset({"text", "title", "description", "url"})
_OWN: Final = frozenset({"version_id", "payload_sha256", "content_sha256"}) | _LONG
# A dictionary of what differs in every row is waste, and a text's bounds tell nothing.
_REPEATED: Final = [
    f"{field.name}.list.element" if field.kind is Kind.TEXTS else field.name
    for field in VERSION_FIELDS
    if field.name not in _OWN and field.kind in (Kind.TEXT, Kind.TEXTS)
]
_SMALL: Final = [
    f"{field.name}.list.element" if field.kind is Kind.TEXTS else field.name
    for field in VERSION_FIELDS
    if field.name not in _LONG
]
