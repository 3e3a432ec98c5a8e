import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.importing import files
from crawler.importing.files import first_date, opened
from crawler.importing.warc_file import NoWarc, Record, WarcFile
from tests.support.warcs import Shot, warc, write

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
SHOT = Shot("https://example.org/ferry", START, b"<p>text</p>")


def urls(path: Path) -> dict[str, list[str]]:
    found = {}
    with opened(path) as parts:
        for name, part in parts:
            with part.open() as stream:
                found[name.removeprefix(str(path))] = [
                    it.url
                    for it in WarcFile(stream)
                    if isinstance(it, Record) and it.kind == "response"
                ]
    return found


def package(path: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return path


def test_a_warc_and_a_wacz(tmp_path: Path) -> None:
    data = warc([SHOT])
    plain = tmp_path / "a.warc.gz"
    plain.write_bytes(data)
    assert urls(plain) == {"": [SHOT.url]}
    entries = {
        "archive/a.warc.gz": data,
        "archive/b.warc": warc([SHOT], compressed=False),
        "pages/pages.jsonl": b"",
    }
    wacz = package(tmp_path / "a.wacz", entries)
    assert urls(wacz) == {": archive/a.warc.gz": [SHOT.url], ": archive/b.warc": [SHOT.url]}


def test_nothing_is_unpacked_wherever_a_name_leads(tmp_path: Path) -> None:
    names = ("../../evil.warc.gz", "/etc/evil.warc.gz", "archive/../../evil.warc.gz")
    path = package(tmp_path / "a.wacz", {name: warc([SHOT]) for name in names})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(NoWarc, match="without a WARC file"):
        urls(path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bomb_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_ALWAYS", 2**20)
    bomb = (
        warc([SHOT], compressed=False)
        + b"\r\n\r\nWARC/1.0\r\nContent-Length: 9\r\n"
        + bytes(50 * 2**20)
    )
    path = package(tmp_path / "a.wacz", {"archive/a.warc": bomb}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    with pytest.raises(NoWarc, match="unpacks to far more"):
        urls(path)


def test_a_wacz_that_is_damaged(tmp_path: Path) -> None:
    path = package(tmp_path / "a.wacz", {"archive/a.warc.gz": warc([SHOT])})
    data = bytearray(path.read_bytes())
    path.write_bytes(data[:-30])
    with pytest.raises(NoWarc, match="damaged WACZ"):
        urls(path)
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    with pytest.raises(NoWarc, match="damaged WACZ"):
        urls(path)


def test_files_are_ordered_by_their_first_record(tmp_path: Path) -> None:
    later = write(tmp_path / "a.warc.gz", [SHOT])
    earlier = Shot(SHOT.url, datetime(2025, 3, 1, tzinfo=UTC), b"x")
    first = write(tmp_path / "b.warc.gz", [earlier])
    (tmp_path / "c.warc.gz").write_bytes(b"none")
    assert sorted([later, first, tmp_path / "c.warc.gz"], key=first_date)[1:] == [first, later]
