"""`permalien restore`: what was redacted after the backup was made does not come back with it."""

from pathlib import Path

import pytest

from storage.database.archive import Archive
from storage.database.settings import REDACTIONS_VARIABLE
from tests.support.console import Console, undocumented
from tests.support.redacting import NAME, PATHS, Newsroom, newsroom, traces

BY = ("--by", "a court", "--reason", "file 12/26", "--yes")


@pytest.fixture
def desk(archive: Archive) -> Newsroom:
    return newsroom(archive)


@pytest.fixture
def backup(desk: Newsroom, console: Console, tmp_path: Path) -> str:
    """One of before the redaction."""
    path = str(tmp_path / "backup.db")
    assert console.run("backup", path).code == 0
    return path


def redact(desk: Newsroom, console: Console) -> None:
    done = console.run("redact", str(desk.article(PATHS[0]).id), "--words", NAME, *BY)
    assert done.code == 0, done.err


def into(path: Path) -> tuple[str, str]:
    return ("--database", f"sqlite:///{path}")


def traces_in(path: Path) -> set[str]:
    archive = Archive(f"sqlite:///{path}")
    try:
        return traces(archive)
    finally:
        archive.close()


def test_what_is_listed_is_taken_out_again(
    console: Console,
    desk: Newsroom,
    backup: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = tmp_path / "redactions.json"
    monkeypatch.setenv(REDACTIONS_VARIABLE, str(listed))
    redact(desk, console)
    assert NAME not in listed.read_text(encoding="utf-8")
    done = console.run(*into(tmp_path / "one.db"), "restore", backup, "--json")
    assert done.code == 0, done.err
    assert undocumented(dict.fromkeys(done.json())) == set()
    assert done.json()["redacted"] == 1
    assert traces_in(tmp_path / "one.db") == set()
    assert NAME.encode() not in (tmp_path / "one.db").read_bytes()
    monkeypatch.delenv(REDACTIONS_VARIABLE)
    other = (*into(tmp_path / "other.db"), "restore", backup)
    told = console.shows(*other, "--redactions", str(listed))
    assert "1 redactions of after were carried out" in told
    assert traces_in(tmp_path / "other.db") == set()


def test_without_a_list_a_person_has_to_say_that_there_is_none(
    console: Console, desk: Newsroom, backup: str, tmp_path: Path
) -> None:
    redact(desk, console)
    restore = (*into(tmp_path / "restored.db"), "restore", backup)
    done = console.run(*restore)
    assert done.code == 2
    assert "nothing tells what was redacted since the backup" in done.err
    assert console.run(*restore, "--no-redactions").code == 0
    assert traces_in(tmp_path / "restored.db") != set()


def test_a_list_that_is_named_has_to_be_there(
    console: Console, backup: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(REDACTIONS_VARIABLE, str(tmp_path / "lost.json"))
    done = console.run(*into(tmp_path / "restored.db"), "restore", backup)
    assert done.code == 1
    assert "lost.json" in done.err
    assert not (tmp_path / "restored.db").exists()


def test_a_list_only_grows(
    console: Console,
    desk: Newsroom,
    backup: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = tmp_path / "redactions.json"
    monkeypatch.setenv(REDACTIONS_VARIABLE, str(listed))
    redact(desk, console)
    before = listed.read_text(encoding="utf-8")
    restored = into(tmp_path / "restored.db")
    assert console.run(*restored, "restore", backup, "--no-redactions").code == 0
    assert console.run(*restored, "redact", "--save-rules", str(listed)).code == 0
    assert listed.read_text(encoding="utf-8") == before


def test_a_list_that_can_not_be_written_stops_a_redaction(
    console: Console, desk: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(REDACTIONS_VARIABLE, str(tmp_path / "none" / "redactions.json"))
    before = traces(desk.archive)
    done = console.run("redact", str(desk.article(PATHS[0]).id), "--words", NAME, *BY)
    assert done.code == 1
    assert "redactions.json: No such file" in done.err
    assert traces(desk.archive) == before
