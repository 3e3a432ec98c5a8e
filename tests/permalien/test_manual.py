"""docs/python.md tells the truth, and its examples run."""

import re
from pathlib import Path

import pytest

from storage.database.archive import Archive
from storage.query.fields import FETCH_FIELDS, SOURCE_FIELDS, VERSION_FIELDS
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
    Desk(archive).read("/bridge", "The bridge", "It stays open.")
    archive.close()
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    examples = re.findall(r"^```python\n(.+?)^```", MANUAL, flags=re.M | re.S)
    assert len(examples) >= 6
    for example in examples:
        exec(example, names)
    names["archive"].close()  # type: ignore[attr-defined]
    shown = capsys.readouterr().out
    assert "The bridge" in shown
    assert "none.db holds no archive yet" in shown
    assert "It stays open." in shown


@pytest.mark.parametrize("field", [*VERSION_FIELDS, *SOURCE_FIELDS, *FETCH_FIELDS])
def test_every_column_is_documented(field: object) -> None:
    null = ", null" if field.nullable else ""  # type: ignore[attr-defined]
    row = f"| `{field.name}` | {field.kind}{null} | {field.meaning} |"  # type: ignore[attr-defined]
    assert row in MANUAL
