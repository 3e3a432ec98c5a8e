from pathlib import Path

import pytest

from storage.database.archive import Archive
from tests.benchmark.export_speed import measure
from tests.benchmark.made_up_archive import fill


def test_every_format_is_measured(
    sqlite_archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_archive, 20, lambda _: None)
    monkeypatch.setattr("tests.benchmark.export_speed.ROUNDS", 1)
    lines = measure(sqlite_archive.url.render_as_string(hide_password=False), tmp_path)
    assert [line.split(" | ")[0].strip("| ") for line in lines] == [
        "rows read, and thrown away",
        "jsonl",
        "csv",
        "parquet",
        "tei",
    ]
