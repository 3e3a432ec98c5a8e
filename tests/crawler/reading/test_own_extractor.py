"""docs/own-extractors.md tells the truth, and its example runs; what an extractor of one's own
reads changes nothing that ours has read."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select, text

from storage.database.archive import Archive
from storage.models import Base, OwnReading, Reading
from tests.support.command import permalien
from tests.support.stale_archive import fill

MANUAL = (Path(__file__).parents[3] / "docs" / "own-extractors.md").read_text(encoding="utf-8")
PAGES = 6
KEPT = ("article", "version", "version_state", "edit", "finding", "source", "template")


def contents(archive: Archive) -> dict[str, list[str]]:
    with archive.reading() as session:
        return {
            name: sorted(
                repr(tuple(row)) for row in session.execute(select(Base.metadata.tables[name]))
            )
            for name in KEPT
        }


def test_the_example_runs(
    new_archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module, asks = re.findall(r"^```python\n(.+?)^```", MANUAL, flags=re.M | re.S)
    (tmp_path / "bylines.py").write_text(module, encoding="utf-8")
    fill(new_archive, PAGES)
    before = contents(new_archive)
    url = new_archive.url.render_as_string(hide_password=False)
    looked = permalien(
        "reextract", "--dry-run", "--extractor", "bylines:read", "--report", "bylines.json",
        database=url, cwd=tmp_path,
    )  # fmt: skip
    assert looked.code == 0, looked.err
    assert f"{PAGES}  not as ours has them" in looked.out
    report = json.loads((tmp_path / "bylines.json").read_text())
    assert (report["extractor"], report["changed"]) == ("bylines:read 2", PAGES)
    assert set(report["fields"]) <= {"title", "text"}, "what it leaves out is no difference"
    assert contents(new_archive) == before
    for read in (PAGES, 0):
        done = permalien(
            "reextract", "--json", "--extractor", "bylines:read", database=url, cwd=tmp_path
        )
        assert done.code == 0, done.err
        assert done.json()["read"] == read
    assert contents(new_archive) == before
    (query,) = re.findall(r"^```sql\n(.+?)^```", MANUAL, flags=re.M | re.S)
    with new_archive.reading() as session:
        assert session.execute(text(query)).all() == []
        names = set(session.scalars(select(Reading.extractor)))
        assert names == {"0", "bylines:read 2"}
        assert len(session.scalars(select(OwnReading.version_id)).all()) == PAGES
        rows = session.execute(text("SELECT title, own FROM own_readings")).all()
        assert len(rows) == PAGES
        assert all(title and "links" in str(own) for title, own in rows)
    exec(asks.replace('"permalien.db"', repr(url)), {})
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == PAGES
    assert all(line.endswith(" 0") for line in shown)


def test_one_that_fails_is_told_of(new_archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def read(page):\n    return {'title': 3}\n")
    fill(new_archive, 12)
    url = new_archive.url.render_as_string(hide_password=False)
    done = permalien("reextract", "--extractor", "broken:read", database=url, cwd=tmp_path)
    assert done.code == 1
    assert done.err.splitlines()[-1] == "permalien: title is a int, and no text"


def test_one_that_dies_is_told_of_page_by_page(new_archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "deadly.py").write_text("import os\ndef read(page):\n    os._exit(3)\n")
    fill(new_archive, 2)
    url = new_archive.url.render_as_string(hide_password=False)
    done = permalien("reextract", "--extractor", "deadly:read", database=url, cwd=tmp_path)
    assert done.code == 0
    assert done.err.count("killed its reader (exit 3)") == 2
    assert "2  not read: it gave none, or failed" in done.out
