"""The notebook in the docs runs, from an archive to its plot."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

from storage.database.archive import Archive
from tests.support.archiving import START, Desk

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "edits-by-hour.ipynb"


def test_the_notebook_plots_edits_by_hour(
    sqlite_archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    titles = ["A bridge", "The bridge", "Bridges", "A ferry", "Ferries"]
    desk = Desk(sqlite_archive, published=dict.fromkeys(titles, START))
    desk.modified["The bridge"] = START + timedelta(hours=1)
    for path, title, minutes in [
        ("/a", "A bridge", 10),
        ("/b", "A ferry", 10),
        ("/a", "The bridge", 40),
        ("/a", "Bridges", 120),
        ("/b", "Ferries", 10),
    ]:
        desk.read(path, title, "One two three.", minutes=minutes)
    mpl.use("Agg")
    url = sqlite_archive.url.render_as_string(hide_password=False)
    monkeypatch.setenv("PERMALIEN_DATABASE_URL", url)
    names: dict[str, Any] = {}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert "2 articles, 3 edits" in capsys.readouterr().out
    declared, silent = names["axes"].containers
    assert [bar.get_height() for bar in declared] == [0, 1, 0, 0]
    assert [bar.get_height() for bar in silent] == [0, 0, 0, 2]
    names["figure"].clear()
    names["archive"].close()
