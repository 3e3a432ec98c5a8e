"""A selection in a file: the same bytes each time, from either database, and a manifest of it."""

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storage.copying import copy_archive
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.query.export import exporting
from storage.query.export.exporting import Format, export_file
from storage.query.export.manifest import BadManifest, load_manifest
from storage.query.export.new_file import Taken
from storage.query.selection import Selection
from storage.query.version_rows import version_rows
from tests.storage.query.export.conftest import row
from tests.support.archiving import Desk
from tests.support.databases import PostgreSQLServer, fresh_database

EVERY = Selection(all_versions=True)


@pytest.fixture
def desk(archive: Archive) -> Desk:
    desk = Desk(archive, details={"section": "Politics", "tags": ["a", "b"]})
    desk.read("/bridge", "The bridge will close", "One.")
    desk.read("/bridge", "=1+1", "'Two'.")
    desk.read("/ferry", "The ferry", "It \u2028 returns \U0001f600.")
    return desk


@pytest.mark.parametrize("format", list(Format))
def test_the_same_export_is_the_same_bytes(desk: Desk, format: Format, tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        export_file(desk.archive, EVERY, tmp_path / name / "file", format)
        made.append({it.name: it.read_bytes() for it in (tmp_path / name).iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == {"file", "file.manifest.json"}


def test_both_databases_export_the_same_bytes(
    sqlite_archive: Archive, postgresql: PostgreSQLServer, tmp_path: Path
) -> None:
    desk = Desk(
        sqlite_archive, details={"section": "Politics", "tags": ["a", "b"], "partial": True}
    )
    desk.modified["The ferry"] = datetime(2026, 3, 2, 1, 2, 3, 4, tzinfo=UTC)
    desk.read("/bridge", "The bridge will close", "One.")
    desk.read("/bridge", "The bridge stays", "One.")
    desk.read("/ferry", "The ferry", "It returns.")
    desk.extractor = "2"
    selections = [Selection(), EVERY, Selection(as_of=desk.now), Selection(known_by=utc_now())]
    with fresh_database(postgresql) as url:
        other = Archive(url)
        copy_archive(sqlite_archive, other, progress=lambda *_: None)
        for number, selection in enumerate(selections):
            made = []
            for name, archive in (("sqlite", sqlite_archive), ("postgresql", other)):
                path = tmp_path / f"{name}{number}"
                export_file(archive, selection, path, Format.JSONL)
                made.append(path.read_bytes())
            assert made[0] == made[1]
            assert made[0].count(b"\n") >= 2
        other.close()


def test_the_manifest_makes_the_same_file(desk: Desk, tmp_path: Path) -> None:
    selection = Selection(
        sources=("example.org",),
        since=datetime(2026, 3, 1, tzinfo=UTC),
        languages=("fr",),
        known_by=utc_now(),
        all_versions=True,
    )
    path = tmp_path / "file.jsonl"
    made = export_file(desk.archive, selection, path, Format.JSONL)
    desk.read("/bridge", "A third title", "Three.")
    read = load_manifest(tmp_path / "file.jsonl.manifest.json")
    assert read == made
    assert (read.file, read.format, read.selection) == ("file.jsonl", "jsonl", selection)
    of = read.document["file"]
    assert (of["rows"], of["articles"], of["bytes"]) == (3, 2, path.stat().st_size)
    again = export_file(desk.archive, read.selection, tmp_path / "again", Format(read.format))
    assert again.document["file"]["sha256"] == of["sha256"]
    assert read.problems(tmp_path / "again") == []


def test_what_was_changed_is_noticed(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    manifest = export_file(desk.archive, EVERY, path, Format.CSV)
    assert "restore_cell" in manifest.document["notes"]["cells"]
    changed = path.read_bytes().replace(b"ferry", b"Ferry")
    path.write_bytes(changed)
    (digest,) = manifest.problems(path)
    assert "SHA-256" in digest
    path.write_bytes(changed[:-1])
    assert "bytes" in manifest.problems(path)[0]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"manifest": "permalien-export"}', "\xff"])
def test_what_is_no_manifest_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(BadManifest, match="is no manifest"):
        load_manifest(path)


@pytest.mark.parametrize("name", ["file", "file.manifest.json"])
def test_neither_file_is_replaced_unasked(desk: Desk, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(Taken, match=f"{name} is there already"):
        export_file(desk.archive, EVERY, tmp_path / "file", Format.JSONL)
    assert [it.name for it in tmp_path.iterdir()] == [name]
    export_file(desk.archive, EVERY, tmp_path / "file", Format.JSONL, replace=True)
    assert len(list(tmp_path.iterdir())) == 2


def test_what_is_written_meanwhile_is_not_in_it(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = version_rows

    def with_a_crawl_beside(session: Any, *wanted: Any) -> Iterator[Any]:
        desk.read("/school", "The school", "It opens.")
        yield from rows(session, *wanted)

    monkeypatch.setattr(exporting, "version_rows", with_a_crawl_beside)
    made = export_file(desk.archive, EVERY, tmp_path / "file", Format.JSONL)
    assert made.document["file"]["rows"] == 3


@pytest.mark.parametrize("format", list(Format))
def test_memory_does_not_grow_with_the_rows(
    sqlite_archive: Archive, format: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peaks = []
    for count in (6_000, 18_000):
        given = (row(number, text="word " * 100) for number in range(count))
        monkeypatch.setattr(exporting, "version_rows", lambda *_, given=given: given)
        tracemalloc.start()
        made = export_file(sqlite_archive, EVERY, tmp_path / f"{count}", format)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert made.document["file"]["rows"] == count
    assert peaks[1] < 1.2 * peaks[0]


def test_the_manifest_has_no_time_but_those_asked_for(desk: Desk, tmp_path: Path) -> None:
    made = export_file(desk.archive, EVERY, tmp_path / "file", Format.PARQUET)
    assert f"{utc_now():%Y-%m-%d}" not in json.dumps(made.document)
    assert set(made.document["software"]) == {"permalien", "pyarrow", "python"}
