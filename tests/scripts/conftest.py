"""An archive with a little history, and the commands that read it."""

from pathlib import Path

import pytest

from storage.database.archive import Archive
from storage.models import Outcome
from tests.support.archiving import Desk
from tests.support.console import Console

OLD_TITLE = "The bridge will close"
TITLE = "The bridge will stay open"
TEXT = "The council met on Monday.\nIt heard the engineers.\nThe café stays."
EDITED = "The council met on Tuesday.\nIt heard the engineers.\nThe café stays."


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """example.org: /bridge in two versions, then unchanged; /ferry, which is gone."""
    desk = Desk(archive)
    desk.read("/bridge", OLD_TITLE, TEXT)
    desk.read("/bridge", TITLE, EDITED)
    desk.read("/bridge", TITLE, EDITED)
    desk.read("/ferry", "The ferry returns", "It was away for a month.")
    desk.check("/ferry", Outcome.GONE)
    return desk


@pytest.fixture
def console(archive: Archive, capsys: pytest.CaptureFixture[str]) -> Console:
    return Console(archive, capsys)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command runs: there is nothing in it."""
    path = tmp_path / "folder"
    path.mkdir()
    monkeypatch.chdir(path)
    return path
