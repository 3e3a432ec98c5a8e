"""docs/python.md tells the truth, and its examples run."""

import re
from pathlib import Path

import pytest

from storage.database.archive import Archive
from storage.query.fields import (
    EDIT_FIELDS,
    FETCH_FIELDS,
    HIT_FIELDS,
    OWN_READING_FIELDS,
    SOURCE_FIELDS,
    VERSION_FIELDS,
    Field,
)
from tests.support.archiving import Desk

MANUAL = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")


def test_the_examples_run(
    sqlite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "permalien.db"
    path.write_bytes(sqlite_template.read_bytes())
    archive = Archive(f"sqlite:///{path}")
    desk = Desk(archive)
    desk.read("/bridge", "The old bridge", "It stays open.")
    desk.read("/bridge", "The bridge", "It stays open.")
    archive.close()
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    examples = re.findall(r"^```python\n(.+?)^```", MANUAL, flags=re.M | re.S)
    assert len(examples) >= 6
    for example in examples:
        exec(example, names)
    names["archive"].close()  # type: ignore[attr-defined]
    shown = capsys.readouterr().out
    assert "The old bridge -> The bridge" in shown
    assert "The bridge It stays open." in shown
    assert "none.db holds no archive yet" in shown
    assert "It stays open." in shown


FIELDS = [
    *VERSION_FIELDS,
    *SOURCE_FIELDS,
    *FETCH_FIELDS,
    *EDIT_FIELDS,
    *HIT_FIELDS,
    *OWN_READING_FIELDS,
]


@pytest.mark.parametrize("field", FIELDS)
def test_every_column_is_documented(field: Field) -> None:
    null = ", null" if field.nullable else ""
    assert f"| `{field.name}` | {field.kind}{null} | {field.meaning} |" in MANUAL
