"""What is written comes back as it was, with the tools that researchers use."""

import csv
import errno
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest

from storage.query.export.cells import restore_cell
from storage.query.export.row_writers import (
    NAMES,
    ROWS_OF_A_GROUP,
    CommaSeparated,
    JsonLines,
    Parquet,
)
from storage.query.fields import VERSION_FIELDS, Kind
from tests.storage.query.export.conftest import SEEN, row

Rows = list[tuple[Any, ...]]


def written(writer: type, rows: Rows) -> bytes:
    stream = io.BytesIO()
    opened = writer(stream)
    opened.write(rows[:1])
    opened.write(rows[1:])
    opened.finish()
    return stream.getvalue()


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def test_json_lines(rows: Rows) -> None:
    lines = written(JsonLines, rows).decode().split("\n")
    assert lines.pop() == ""
    for line, given in zip(lines, rows, strict=True):
        found = json.loads(line)
        assert list(found) == list(NAMES)
        assert list(found.values()) == [plain(value) for value in given]


def test_csv(rows: Rows) -> None:
    names, *lines = csv.reader(io.StringIO(written(CommaSeparated, rows).decode(), newline=""))
    assert tuple(names) == NAMES
    for cells, given in zip(lines, rows, strict=True):
        for field, cell, value in zip(VERSION_FIELDS, cells, given, strict=True):
            match field.kind:
                case _ if value is None:
                    assert cell == ""
                case Kind.TEXTS:
                    assert json.loads(cell) == value
                case Kind.TEXT:
                    assert restore_cell(cell) == value
                case Kind.BOOLEAN:
                    assert cell == str(value).lower()
                case _:
                    assert cell == str(plain(value))


def test_no_cell_of_a_csv_is_a_formula(rows: Rows) -> None:
    lines = list(csv.reader(io.StringIO(written(CommaSeparated, rows).decode(), newline="")))
    numbers = {NAMES.index("published_offset"), NAMES.index("modified_offset")}
    for cells in lines:
        for place, cell in enumerate(cells):
            assert place in numbers or cell[:1] not in tuple("=+-@\t\r\n")


@pytest.fixture
def parquet(rows: Rows, tmp_path: Path) -> Path:
    path = tmp_path / "rows.parquet"
    path.write_bytes(written(Parquet, rows))
    return path


def test_parquet_in_pyarrow(parquet: Path, rows: Rows) -> None:
    table = pyarrow.parquet.read_table(parquet)
    assert table.schema.field("first_seen_at").type == pyarrow.timestamp("us", tz="UTC")
    assert table.schema.field("authors").type.value_type == pyarrow.string()
    assert table.schema.field("title").metadata[b"meaning"] == b"the headline"
    assert [tuple(it.values()) for it in table.to_pylist()] == rows


def test_parquet_in_polars(parquet: Path, rows: Rows) -> None:
    frame = polars.read_parquet(parquet)
    assert frame.schema["first_seen_at"] == polars.Datetime("us", "UTC")
    assert frame.schema["tags"] == polars.List(polars.String)
    assert frame.rows() == rows


def test_parquet_in_pandas(parquet: Path) -> None:
    frame = pandas.read_parquet(parquet)
    assert str(frame["published_at"].dtype) == "datetime64[us, UTC]"
    assert list(frame["authors"][0]) == ["Ada", "Émile"]


def test_parquet_in_duckdb(parquet: Path, rows: Rows) -> None:
    with duckdb.connect() as connection:
        relation = connection.read_parquet(str(parquet))
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        assert types["first_seen_at"] == "TIMESTAMP WITH TIME ZONE"
        assert types["authors"] == "VARCHAR[]"
        asked = connection.sql(
            "SELECT title, len(authors), epoch_us(first_seen_at) FROM relation ORDER BY article_id"
        )
        at = NAMES.index("title"), NAMES.index("authors")
        epoch = round(SEEN.timestamp() * 1_000_000)
        assert asked.fetchall() == [(it[at[0]], len(it[at[1]]), epoch) for it in rows]


def test_a_parquet_file_has_groups_of_one_size() -> None:
    many = [row(number) for number in range(2 * ROWS_OF_A_GROUP + 1)]
    file = pyarrow.parquet.ParquetFile(io.BytesIO(written(Parquet, many)))
    groups = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
    assert groups == [ROWS_OF_A_GROUP, ROWS_OF_A_GROUP, 1]


@pytest.mark.parametrize("writer", [JsonLines, CommaSeparated, Parquet])
def test_the_same_rows_are_the_same_bytes(writer: type, rows: Rows) -> None:
    assert written(writer, rows) == written(writer, rows)


def test_no_rows_are_a_file_with_its_columns() -> None:
    assert written(JsonLines, []) == b""
    assert written(CommaSeparated, []).decode().strip().split(",") == list(NAMES)
    table = pyarrow.parquet.read_table(io.BytesIO(written(Parquet, [])))
    assert (table.num_rows, table.column_names) == (0, list(NAMES))


def test_what_goes_wrong_while_a_group_is_written_is_raised() -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            if self.tell() > 1_000:
                raise OSError(errno.ENOSPC, "no space left on device")
            return super().write(data)  # type: ignore[arg-type]

    many = [row(number) for number in range(ROWS_OF_A_GROUP)]
    writer = Parquet(Full())
    writer.write(many)
    with pytest.raises(OSError, match="no space left on device"):
        writer.write(many)
