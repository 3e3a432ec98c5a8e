"""Exports: what is in them, by warcio, pywb and wacz; the same each time, and bounded in size."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from storage.database.archive import Archive
from storage.database.errors import Damaged
from storage.frontier.sources import add_source
from storage.history.lookup import find_article
from storage.ledger.headers import Headers
from storage.models import AddressKind, Outcome, Reuse
from storage.query.export.new_file import Taken
from storage.query.warc.captures import CaptureSelection
from storage.query.warc.exporting import Exported, export_stream, export_wacz, export_warc
from tests.support.archiving import START, Desk
from tests.support.replaying import replayed, validates

ALL = CaptureSelection()
BRIDGE = "https://example.org/bridge"


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """/bridge in two versions, seen again, unchanged by 304; /ferry gone; a page with an accent,
    encodings and a cookie; a feed; a request without an answer."""
    desk = Desk(archive)
    desk.read("/bridge", "The bridge will close", "It is old.")
    desk.read("/bridge", "The bridge will stay", "It is old, and loved.")
    desk.read("/bridge", "The bridge will stay", "It is old, and loved.")
    desk.check("/bridge", Outcome.UNCHANGED)
    desk.check("/ferry", Outcome.GONE, body=b"<h1>Gone</h1>")
    desk.check("/feed.xml", body=b"<rss/>", kind=AddressKind.FEED)
    check = desk.prepare("/caf%C3%A9/%7Eow?b=2&a=1", body="<p>é</p>".encode())
    sent = [("Content-Encoding", "gzip"), ("Content-Length", "29"), ("Set-Cookie", "id=1")]
    desk.record(replace(check, headers=Headers.of([("Content-Type", "text/html"), *sent])))
    check = desk.prepare("/lost", Outcome.FAILED)
    desk.record(replace(check, status=None, detail="timed out"))
    return desk


def records(path: Path) -> Iterator[tuple[Any, bytes]]:
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, check_digests="raise"):
            yield record, record.content_stream().read()


def kinds(path: Path) -> list[str]:
    return [record.rec_type for record, _ in records(path) if record.rec_type != "request"]


def write(desk: Desk, path: Path, selection: CaptureSelection = ALL, **options: Any) -> Exported:
    return export_warc(desk.archive, selection, path, **options)


def test_a_file_of_more_captures_than_are_in_memory_at_a_time(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.query.warc.captures._BATCH", 2)
    path = tmp_path / "a.warc.gz"
    assert write(desk, path).captures == 6


def test_what_is_in_a_file(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    done = write(desk, path)
    assert (done.captures, done.revisits, done.files) == (6, 2, ["a.warc.gz", "a.cdxj"])
    assert (done.left_out.unanswered, done.left_out.without_body) == (1, 1)
    assert done.size == path.stat().st_size
    response, revisit = "response", "revisit"
    assert kinds(path) == ["warcinfo", response, response, revisit, revisit, response, response]
    found = [(record, body) for record, body in records(path)]
    assert {record.rec_headers.protocol for record, _ in found} == {"WARC/1.1"}
    last, body = next(it for it in reversed(found) if it[0].rec_type == response)
    assert body == "<p>é</p>".encode()
    assert last.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert last.http_headers.get_header("Content-Encoding") is None
    assert last.http_headers.get_header("Set-Cookie") == ""
    again = [record for record, _ in found if record.rec_type == revisit]
    assert [it.rec_headers.get_header("WARC-Profile").rpartition("/")[2] for it in again] == [
        "identical-payload-digest", "server-not-modified",
    ]  # fmt: skip
    second = found[3][0].rec_headers
    for record in again:
        assert record.rec_headers.get_header("WARC-Refers-To-Target-URI") == BRIDGE
        assert record.rec_headers.get_header("WARC-Refers-To-Date") == second.get_header(
            "WARC-Date"
        )
        assert record.rec_headers.get_header("WARC-Refers-To") == second.get_header(
            "WARC-Record-ID"
        )


def test_the_same_bytes_each_time_and_files_of_a_size(desk: Desk, tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        write(desk, folder / "a.warc.gz", size=1_000)
    first = {it.name: it.read_bytes() for it in (tmp_path / "one").iterdir()}
    assert first == {it.name: it.read_bytes() for it in (tmp_path / "two").iterdir()}
    assert len(first) > 3
    assert {"a.warc.gz", "a-00001.warc.gz", "a.cdxj"} <= set(first)
    indexed = [json.loads(line.split(b" ", 2)[2]) for line in first["a.cdxj"].splitlines()]
    for it in indexed:
        start = int(it["offset"])
        member = first[it["filename"]][start : start + int(it["length"])]
        record = next(iter(ArchiveIterator(BytesIO(member))))
        assert record.rec_headers.get_header("WARC-Target-URI") == it["url"]
    assert [it["status"] for it in indexed].count("304") == 0
    assert first["a.cdxj"].splitlines() == sorted(first["a.cdxj"].splitlines())


def test_what_is_asked_for(desk: Desk, tmp_path: Path) -> None:
    with desk.archive.writing() as session:
        other = add_source(session, "https://other.example/", now=START)[0].id
        bridge = find_article(session, BRIDGE).id
    mine = desk.source.id
    until = CaptureSelection(until=START + timedelta(minutes=15))
    since = CaptureSelection(source_ids=(mine,), since=START + timedelta(minutes=25))
    for number, (selection, count) in enumerate(
        [
            (CaptureSelection(source_ids=(mine, other)), 6),
            (CaptureSelection(source_ids=(other,)), 0),
            (CaptureSelection(article_ids=(bridge,)), 4),
            (CaptureSelection(article_ids=()), 0),
            (until, 1),
            (since, 4),
        ]
    ):
        path = tmp_path / f"{number}.warc.gz"
        assert write(desk, path, selection).captures == count
        assert kinds(path)[0] == "warcinfo"
    assert "revisit" in kinds(tmp_path / "5.warc.gz")


def test_what_may_not_go(desk: Desk, tmp_path: Path) -> None:
    with desk.archive.writing() as session:
        session.get_one(type(desk.source), desk.source.id).may_export = Reuse.METADATA
    done = write(desk, tmp_path / "a.warc.gz")
    assert (done.captures, done.left_out.withheld) == (0, 6)


def test_a_file_is_there_whole_or_not_at_all(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    (tmp_path / "a-00001.warc.gz").write_bytes(b"mine")
    with pytest.raises(Taken):
        write(desk, path, size=1_000)
    assert [it.name for it in tmp_path.iterdir()] == ["a-00001.warc.gz"]


def test_bytes_that_are_not_those_that_were_stored(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.query.warc.exporting.load_payload", lambda *_: b"other")
    with pytest.raises(Damaged, match="payload"):
        write(desk, tmp_path / "a.warc.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_stream(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with path.open("wb") as stream:
        assert export_stream(desk.archive, ALL, stream).captures == 6
    assert len(kinds(path)) == 7


def test_a_wacz_that_its_validator_takes(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    done = export_wacz(desk.archive, ALL, path, size=1_000)
    assert (done.captures, done.files, done.size) == (6, ["a.wacz"], path.stat().st_size)
    again = tmp_path / "b" / "a.wacz"
    again.parent.mkdir()
    export_wacz(desk.archive, ALL, again, size=1_000)
    assert again.read_bytes() == path.read_bytes()
    taken, said = validates(path)
    assert taken, said
    with zipfile.ZipFile(path) as package:
        assert all(it.compress_type == zipfile.ZIP_STORED for it in package.infolist())
        pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
    assert pages[0]["format"] == "json-pages-1.0"
    assert [it["title"] for it in pages[1:]] == ["The bridge will close", "The bridge will stay"]


def test_pywb_replays_what_was_stored(sqlite_archive: Archive, tmp_path: Path) -> None:
    desk = Desk(sqlite_archive)
    bodies = {}
    for path in ("/", "/a", "/b?x=1&A=2", "/caf%C3%A9/", "/Ferry/%7Eow"):
        for text in ("first", "second"):
            check, _ = desk.check(path, body=f"<p>{text} {path} é</p>".encode())
            bodies[check.url, f"{check.fetched_at:%Y%m%d%H%M%S}"] = (200, check.body)
    check, _ = desk.check("/a", body=b"<p>second /a \xc3\xa9</p>")
    bodies[check.url, f"{check.fetched_at:%Y%m%d%H%M%S}"] = (200, check.body)  # a revisit
    check, _ = desk.check("/a", Outcome.GONE, body=b"<h1>Gone</h1>")
    bodies[check.url, f"{check.fetched_at:%Y%m%d%H%M%S}"] = (410, check.body)
    warc = tmp_path / "a.warc.gz"
    done = write(desk, warc)
    assert done.revisits == 1
    with replayed(tmp_path / "pywb", [warc], tmp_path / "a.cdxj") as replay:
        for (url, timestamp), expected in bodies.items():
            assert replay.page(url, timestamp) == expected


def test_warcio_finds_nothing_wrong(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(desk, path)
    checked = subprocess.run(
        [Path(sys.prefix) / "bin" / "warcio", "check", "-v", path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert checked.stdout.count("digest pass") == 11
    assert checked.stdout.count("digest present but not checked") == 2  # a revisit has no payload
