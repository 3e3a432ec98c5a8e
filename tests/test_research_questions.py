"""docs/research-questions.md: every answer runs, and answers."""

import re
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from storage.database.archive import Archive
from storage.models import Outcome
from tests.support.archiving import START, Desk
from tests.support.console import Console

DOCUMENT = (Path(__file__).parents[1] / "docs" / "research-questions.md").read_text(
    encoding="utf-8"
)
COMMANDS = re.findall(r"^    permalien (.+)$", DOCUMENT, flags=re.M)
QUERIES = re.findall(r"^```sql\n(.+?)```", DOCUMENT, flags=re.M | re.S)
PYTHON = re.findall(r"^```python\n(.+?)```", DOCUMENT, flags=re.M | re.S)


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """A bridge, whose headline was changed silently the next day; a ferry, which was taken away."""
    titles = ["The bridge will close", "The bridge stays", "The ferry"]
    desk = Desk(archive, published=dict.fromkeys(titles, START))
    desk.read("/bridge", titles[0], "The council met.")
    desk.read("/ferry", titles[2], "It was away.")
    desk.now += timedelta(days=1)
    desk.read("/bridge", titles[1], "The council met.")
    desk.check("/ferry", Outcome.GONE)
    return desk


def test_every_question_has_an_answer() -> None:
    sections = re.split(r"^## \d+\. ", DOCUMENT, flags=re.M)[1:]
    assert len(sections) == 10
    assert all("    permalien" in it or "```" in it for it in sections)


def test_the_commands(
    desk: Desk, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    console = Console(desk.archive, capsys)
    for line in COMMANDS:
        done = console.run(*shlex.split(line))
        assert done.code == 0, (line, done.err)
        assert done.out.strip(), line
    (then,) = (tmp_path / "then.jsonl").read_text(encoding="utf-8").splitlines()[:1]
    assert "The bridge will close" in then


def test_the_queries(desk: Desk) -> None:
    for query in QUERIES:
        with desk.archive.reading() as session:
            assert session.execute(text(query)).all(), query


def test_the_python(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    url = desk.archive.url.render_as_string(hide_password=False)
    monkeypatch.setenv("PERMALIEN_DATABASE_URL", url)
    names: dict[str, Any] = {}
    for example in PYTHON:
        exec(example, names)
    assert names["titles"] == ["The bridge stays"]
    assert names["silent"]["title_before"].tolist() == ["The bridge will close"]
    assert names["then"] == "The council met."
    assert names["hours"].round(1).tolist() == [24.5]
    assert len(names["authors"]) == 0
    names["archive"].close()
