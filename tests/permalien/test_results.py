"""Answers as tables."""

import sys
from dataclasses import fields
from datetime import UTC, datetime

import pyarrow
import pytest

import permalien
from storage.query.fields import (
    EDIT_FIELDS,
    FETCH_FIELDS,
    HIT_FIELDS,
    OWN_READING_FIELDS,
    SOURCE_FIELDS,
    VERSION_FIELDS,
)


@pytest.mark.parametrize(
    ("record", "columns"),
    [
        (permalien.Article, VERSION_FIELDS),
        (permalien.Version, VERSION_FIELDS),
        (permalien.Source, SOURCE_FIELDS),
        (permalien.Fetch, FETCH_FIELDS),
        (permalien.Edit, EDIT_FIELDS),
        (permalien.Hit, HIT_FIELDS),
        (permalien.OwnReading, OWN_READING_FIELDS),
    ],
)
def test_a_record_has_its_columns_in_order(record: type, columns: tuple[object, ...]) -> None:
    assert [it.name for it in fields(record)] == [it.name for it in columns]  # type: ignore[attr-defined]


def test_arrow(opened: permalien.Archive) -> None:
    versions = opened.versions()
    table = versions.to_arrow()
    assert table.column_names == list(versions.columns)
    assert table["first_seen_at"].type == pyarrow.timestamp("us", tz="UTC")
    assert pyarrow.types.is_list(table["authors"].type)
    assert not table.schema.field("title").nullable
    for row, version in zip(table.to_pylist(), versions, strict=True):
        assert row == {name: getattr(version, name) for name in versions.columns}


def test_batches(opened: permalien.Archive) -> None:
    batches = opened.versions().to_arrow_batches(size=3)
    assert [batch.num_rows for batch in batches] == [3, 1]
    with pytest.raises(ValueError, match="a row at least"):
        opened.versions().to_arrow_batches(size=0)


def test_nothing_is_a_table_with_its_columns(opened: permalien.Archive) -> None:
    table = opened.articles(state="moved").to_arrow()
    assert (table.num_rows, table.column_names[0]) == (0, "version_id")


def test_polars(opened: permalien.Archive) -> None:
    frame = opened.articles().to_polars()
    assert frame["title"].to_list()[0] == "The bridge will stay open"
    assert frame["first_seen_at"].to_list()[0] == datetime(2026, 3, 1, 8, 20, tzinfo=UTC)


def test_pandas(opened: permalien.Archive) -> None:
    frame = opened.articles().to_pandas()
    assert str(frame["first_seen_at"].dtype) == "datetime64[us, UTC]"
    assert frame["state"].tolist() == ["live", "gone", "live"]


def test_every_kind_of_record_is_a_table(opened: permalien.Archive) -> None:
    assert opened.sources().to_arrow().num_rows == 2
    assert opened.edits().to_arrow()["event"].to_pylist() == ["edit", "removal"]
    assert opened.search("bridge").to_arrow()["version"].to_pylist() == [2]
    assert opened.fetches().to_arrow()["status"].to_pylist() == [200, 200, 200, 410, 200]


@pytest.mark.parametrize("name", ["pyarrow", "polars", "pandas"])
def test_what_is_not_installed_is_said(
    opened: permalien.Archive, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        ImportError, match=rf"{name} is not installed: pip install 'permalien\[data\]'"
    ):
        opened.articles().to_pandas() if name == "pandas" else opened.articles().to_polars()
