"""Packs are read from folders and tar files, and nothing else is taken for one."""

import json
from pathlib import Path

import pytest

from crawler.replaying.packs import BadPack, read_pack
from crawler.replaying.replayed_site import ReplayedSite
from tests.crawler.replaying.packs_of_test import EDITED, PATHS, write_pack


@pytest.mark.parametrize("packed", [False, True])
def test_a_pack_is_a_folder_or_a_file(tmp_path: Path, packed: bool) -> None:
    pack = read_pack(write_pack(tmp_path / "quays", packed=packed))
    first, second = pack.looks
    assert (pack.host, pack.is_labelled, first.name) == ("quays.example", True, "a")
    assert first.edits == first.may == frozenset()
    assert second.edits == {PATHS[1]}
    assert pack.body(second.files[PATHS[1]]).decode() == EDITED


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        '{"host": "a.example", "looks": []}',
        '{"host": "a.example", "looks": [{"at": "soon", "files": {}}]}',
    ],
)
def test_what_is_no_pack_is_told(tmp_path: Path, document: str) -> None:
    (tmp_path / "looks.json").write_text(document, encoding="utf-8")
    with pytest.raises(BadPack):
        read_pack(tmp_path)


def test_a_body_is_not_read_from_elsewhere(tmp_path: Path) -> None:
    look = {"at": "2026-11-24T08:00:00Z", "files": {"a.html": "../looks.json"}}
    document = json.dumps({"host": "a.example", "looks": [look]})
    (tmp_path / "looks.json").write_text(document, encoding="utf-8")
    with pytest.raises(BadPack):
        read_pack(tmp_path).body("../looks.json")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://quays.example/", 200),
        ("http://www.quays.example/index.html", 200),
        (f"https://quays.example/{PATHS[0].removesuffix('.html')}", 200),
        ("https://quays.example/nothing", 404),
        ("https://other.example/", 404),
    ],
)
def test_a_site_of_the_past_answers_as_a_server_of_files(
    tmp_path: Path, url: str, status: int
) -> None:
    pack = read_pack(write_pack(tmp_path / "quays"))
    site = ReplayedSite(pack)
    site.files = pack.looks[0].files
    told, headers, body = site.answer(url)
    assert told == status
    if status == 200:
        assert body
        assert site.answer(url, headers["ETag"])[0] == 304


def test_an_alias_is_read_as_the_site(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "quays")
    front = "<a href='https://old.example/a'>a</a> <a href='https://old.example.net/b'>b</a>"
    (folder / "blobs" / "front").write_text(front, encoding="utf-8")
    pack = read_pack(folder)
    site = ReplayedSite(pack, ["old.example"])
    site.files = pack.looks[0].files
    shown = site.answer("https://quays.example/")[2].decode()
    assert shown == front.replace("//old.example/a", "//quays.example/a")
