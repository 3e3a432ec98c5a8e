from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from crawler.importing import restoring
from storage.database.archive import Archive
from storage.database.errors import Refused
from tests.support.warcs import Shot, warc

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
SHOTS = [
    Shot("https://example.org/a", AT, b"<p>One.</p>"),
    Shot("https://example.org/b", AT, None, status="304 Not Modified"),
    Shot("https://example.org/c", AT, b"<p>Two.</p>" * 50),
]


@pytest.fixture(autouse=True)
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies that come to be restored."""
    bodies: list[bytes] = []

    def restore(_: object, given: Iterable[bytes], *__: Any, **___: Any) -> dict[str, int]:
        bodies.extend(given)
        return {"payload": len(bodies)}

    monkeypatch.setattr(restoring, "restore", restore)
    return bodies


def restored(*paths: Path) -> dict[str, int]:
    return restoring.restore_files(cast(Archive, None), paths, Path("sidecar"))


def test_the_bodies_of_all_files_come_in_their_order(taken: list[bytes], tmp_path: Path) -> None:
    for name, shots in (("a.warc.gz", SHOTS), ("b.warc.gz", SHOTS[:1])):
        (tmp_path / name).write_bytes(warc(shots))
    assert restored(tmp_path / "a.warc.gz", tmp_path / "b.warc.gz") == {"payload": 3}
    assert taken == [SHOTS[0].body, SHOTS[2].body, SHOTS[0].body]


def test_a_damaged_file_is_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(warc(SHOTS)[:-100])
    with pytest.raises(Refused, match=r"cut\.warc\.gz at byte [\d,]+: the file ends"):
        restored(path)


def test_what_is_no_warc_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"\xff\xd8\xff" * 1000)
    with pytest.raises(Refused, match=r"holiday\.jpg"):
        restored(path)
