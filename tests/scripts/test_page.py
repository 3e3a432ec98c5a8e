import hashlib
import sys
from pathlib import Path

import pytest

from storage.database.archive import Archive
from storage.models import AddressKind
from tests.scripts.conftest import EDITED, TITLE
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented


def test_the_bytes_of_a_version_a_fetch_and_an_article(console: Console, desk: Desk) -> None:
    version = desk.history("/bridge")[-1]
    body = desk.body(TITLE, EDITED).decode()
    for name in (version.identifier, str(version.fetch_id), "example.org/bridge"):
        assert console.shows("page", name) == body


def test_a_file_is_written_whole_and_never_over_another(
    console: Console, desk: Desk, tmp_path: Path
) -> None:
    path, body = tmp_path / "bridge.html", desk.body(TITLE, EDITED)
    told = console.shows("page", "example.org/bridge", "--output", str(path))
    assert hashlib.sha256(body).hexdigest() in told
    assert path.read_bytes() == body
    assert "there already" in console.fails("page", "example.org/ferry", "--output", str(path))
    assert path.read_bytes() == body
    console.shows("page", "example.org/ferry", "--output", str(path), "--force")
    assert path.read_bytes() != body
    assert [it.name for it in tmp_path.iterdir()] == ["bridge.html"]
    away = str(tmp_path / "none" / "x")
    assert "No such file" in console.fails("page", "example.org/ferry", "--output", away)


def test_headers_and_json(console: Console, desk: Desk) -> None:
    shown = console.shows("page", "example.org/bridge", "--headers")
    assert shown.startswith("https://example.org/bridge  2026-03-01T08:30:00Z  200") or (
        "https://example.org/bridge  2026-03-01T08:20:00Z  200" in shown
    )
    document = console.run("page", "example.org/bridge", "--json").json()
    assert document["bytes"] == len(desk.body(TITLE, EDITED))
    assert undocumented(document) == set()


def test_what_is_no_text_is_not_shown_on_a_terminal(
    sqlite_archive: Archive, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(sqlite_archive)
    desk.read("/a", "A \x9b2J title", "One two three")
    check, _ = desk.check("/b", body=b"\x89PNG\x00\xff")
    console = Console(sqlite_archive, capsys)
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True, raising=False)
    assert "no text for a terminal" in console.fails("page", str(check.fetch_id))
    assert "\x9b" not in console.shows("page", "example.org/a")


def test_what_is_not_kept(console: Console, desk: Desk) -> None:
    check, _ = desk.check("/feed", body=b"<rss/>", kind=AddressKind.FEED)
    assert "no page that is kept" in console.fails("page", str(check.fetch_id))
    assert "no fetch 1234567890123456789" in console.fails("page", "1234567890123456789")
    assert "no article 999" in console.fails("page", "999")
