"""An archive that went through files is the same, in a database of the other kind too."""

import gzip
import json
from pathlib import Path

import pytest

from crawler.importing.restoring import restore_files
from storage.database.archive import Archive
from storage.database.errors import Refused
from storage.frontier.sources import add_source
from storage.models import Reuse, Source
from storage.query.export.exporting import Format, export_file
from storage.query.selection import Selection
from storage.query.warc.captures import CaptureSelection
from storage.query.warc.exporting import export_wacz, export_warc
from storage.redaction.carrying_out import redact
from storage.redaction.carrying_over import carry_over, redactions_document
from storage.sidecar import BadSidecar
from tests.storage.test_copying import both_ways, filled, target, without_derived
from tests.support.archiving import START, Desk
from tests.support.redacting import TRACES, newsroom, request, traces

__all__ = ["filled", "target"]

ALL = CaptureSelection()
_TRACES = [it.encode() for it in TRACES]


def written(archive: Archive, folder: Path, *, wacz: bool = False) -> tuple[Path, Path]:
    """The archive in a WARC file or a WACZ, and its sidecar."""
    folder.mkdir()
    path = folder / ("a.wacz" if wacz else "a.warc.gz")
    export = export_wacz if wacz else export_warc
    assert "a.sidecar.jsonl.gz" in export(archive, ALL, path, sidecar=True).files
    return path, folder / "a.sidecar.jsonl.gz"


@both_ways
def test_the_same_archive(filled: Archive, target: Archive, tmp_path: Path) -> None:
    pages, sidecar = written(filled, tmp_path / "first")
    rows = restore_files(target, [pages], sidecar)
    before, after = without_derived(filled), without_derived(target)
    # A page is compressed anew: its bytes are the same.
    assert [row[:2] for row in after.pop("payload")] == [row[:2] for row in before.pop("payload")]
    assert after == before
    assert {name: len(found) for name, found in after.items()} == {
        name: count for name, count in rows.items() if name != "payload"
    }
    _, beside = written(target, tmp_path / "again")
    assert beside.read_bytes() == sidecar.read_bytes()
    exports = []
    for number, archive in enumerate((filled, target)):
        path = tmp_path / f"{number}.jsonl"
        export_file(archive, Selection(all_versions=True), path, Format.JSONL)
        exports.append(path.read_bytes())
    assert exports[0] == exports[1]
    with target.writing() as session:
        assert add_source(session, "https://example.com/", now=START)[1]


def test_a_wacz_and_what_no_record_can_hold(
    sqlite_archive: Archive, target: Archive, tmp_path: Path
) -> None:
    desk = Desk(sqlite_archive)
    desk.read("/a", "Title", "Text")
    desk.check("/empty", body=b"")
    check = desk.prepare("/odd", body=b"an answer without a status")
    object.__setattr__(check, "status", None)
    desk.record(check)
    pages, sidecar = written(sqlite_archive, tmp_path / "wacz", wacz=True)
    assert restore_files(target, [pages], sidecar)["payload"] == 3


def test_what_is_not_whole_leaves_nothing(filled: Archive, target: Archive, tmp_path: Path) -> None:
    pages, sidecar = written(filled, tmp_path / "first")
    text = gzip.decompress(sidecar.read_bytes()).splitlines()
    place = next(n for n, line in enumerate(text) if b'"table":"article"' in line) + 1
    row = json.loads(text[place])
    row[2] = "https://example.org/another"

    other, old = json.dumps(row).encode(), text[0].replace(b'"schema":"', b'"schema":"9')

    def changed(name: str, *lines: bytes) -> Path:
        path = tmp_path / f"{name}.jsonl.gz"
        path.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))
        return path

    empty = tmp_path / "empty.warc.gz"
    export_warc(filled, CaptureSelection(article_ids=()), empty)
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(pages.read_bytes()[:-50])
    for path, beside, why in (
        (empty, sidecar, "lack a stored page"),
        (cut, sidecar, "the file ends"),
        (pages, pages, "no sidecar"),
        (sidecar, sidecar, "no record where one should begin"),
        (pages, changed("a", *text[:place], other, *text[place + 1 :]), "article is not"),
        (pages, changed("b", *text[:-1]), "ends before its end"),
        (pages, changed("c", old, *text[1:]), "of schema 9"),
    ):
        with pytest.raises(Refused, match=why):
            restore_files(target, [path], beside)
        assert not any(without_derived(target).values())
    assert restore_files(target, [pages], changed("d", *text))
    with pytest.raises(Refused, match="holds an archive already"):
        restore_files(target, [pages], sidecar)


def test_what_may_not_go_goes_with_no_sidecar(filled: Archive, tmp_path: Path) -> None:
    with filled.writing() as session:
        session.get_one(Source, 1).may_export = Reuse.NONE
    with pytest.raises(Refused, match="leave --sidecar out"):
        export_warc(filled, ALL, tmp_path / "a.warc.gz", sidecar=True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_none(target: Archive, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"[1]\n"))
    with pytest.raises(BadSidecar, match="it is no sidecar"):
        restore_files(target, [], path)


def test_what_was_redacted_after_it_was_written_does_not_come_back(
    sqlite_archive: Archive, target: Archive, tmp_path: Path
) -> None:
    desk = newsroom(sqlite_archive)
    pages, sidecar = written(sqlite_archive, tmp_path / "before")
    with sqlite_archive.writing() as session:
        redact(session, request(desk), desk.now)
        document = redactions_document(session)
    assert traces(sqlite_archive) == set()
    done = []
    restore_files(
        target, [pages], sidecar, redact=lambda session: done.append(carry_over(session, document))
    )
    assert done == [1]
    assert traces(target) == set()
    assert without_derived(target)["version"]


def test_one_of_after_a_redaction_has_nothing_of_it(
    sqlite_archive: Archive, target: Archive, tmp_path: Path
) -> None:
    desk = newsroom(sqlite_archive)
    _, sidecar = written(sqlite_archive, tmp_path / "before")
    assert any(it in gzip.decompress(sidecar.read_bytes()).lower() for it in _TRACES)
    with sqlite_archive.writing() as session:
        redact(session, request(desk), desk.now)
    pages, sidecar = written(sqlite_archive, tmp_path / "after")
    for file in (pages, sidecar):
        text = gzip.decompress(file.read_bytes()).lower()
        assert not [it for it in _TRACES if it in text]
    restore_files(target, [pages], sidecar)
    assert traces(target) == set()
    before, after = without_derived(sqlite_archive), without_derived(target)
    assert after["redaction"] == before["redaction"] != []
    assert after["version"] == before["version"]
