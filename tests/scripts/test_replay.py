"""`permalien replay` crawls a site of the past, and tells what came of it."""

from pathlib import Path

from tests.crawler.replaying.packs_of_test import PATHS, write_pack
from tests.support.command import permalien


def test_a_pack_is_crawled_look_by_look_and_scored(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "quays", packed=True)
    database = f"sqlite:///{tmp_path / 'quays.db'}"
    done = permalien("replay", str(pack), "--json", database=database, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    first, second = done.json()["looks"]
    assert (first["articles"], first["found"], first["others"]) == (len(PATHS), len(PATHS), 0)
    assert (second["edits"], second["at_once"], second["false"]) == (1, 1, 0)
    edits = permalien("edits", "--json", database=database, cwd=tmp_path).json()
    assert str(edits).count("2026-12-24T08:1") > 0  # by the clock of the past

    again = permalien("replay", str(pack), database=database, cwd=tmp_path)
    assert again.code == 1
    assert "an archive of its own" in again.err


def test_what_is_no_pack_is_told_in_a_line(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'none.db'}"
    done = permalien("replay", str(tmp_path), database=database, cwd=tmp_path)
    assert done.code == 1
    assert len(done.err.splitlines()) == 1
