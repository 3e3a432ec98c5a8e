import gzip
import json
from pathlib import Path

import pytest

from tests.benchmark import reading_speed
from tests.benchmark.corpora import LEARNABLE, read_pages


def test_it_tells_two_checkouts_apart_by_what_they_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = read_pages()[:LEARNABLE]
    (tmp_path / "html").mkdir()
    lines = [json.dumps({"id": case.id, "url": case.url}) for case in cases]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for case in cases:
        (tmp_path / "html" / f"{case.id}.html.gz").write_bytes(gzip.compress(case.body))
    arguments = ["", str(tmp_path), "--beside", str(reading_speed.HERE), "--rounds", "1"]
    monkeypatch.setattr("sys.argv", arguments)
    reading_speed.main()
    told = capsys.readouterr().out
    assert told.count(f"({LEARNABLE} pages)") == 2
    assert "the answers are the same" in told
