import gzip
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from crawler.extraction.body.second_opinion import MODEL, SecondOpinion, read_model
from tests.benchmark import extraction_quality
from tests.benchmark.extraction_quality import FLOOR, main, measure_floor
from tests.benchmark.teaching import Lesson
from tests.crawler.extraction import wordpress

# what every other column gains when it grows
LOSSES = {"leak"}


def test_no_score_is_below_its_floor() -> None:
    """Where a change is for the better all told, `--raise-floor` accepts it."""
    scores = measure_floor()
    floor = json.loads(FLOOR.read_text(encoding="utf-8"))
    assert scores.keys() == floor.keys()
    for row, least in floor.items():
        assert scores[row].keys() == least.keys()
        for column, value in least.items():
            drop = value - scores[row][column]
            assert (-drop if column in LOSSES else drop) <= 0, (row, column, scores[row])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "few"
    (folder / "html").mkdir(parents=True)
    with (folder / "cases.jsonl").open("w", encoding="utf-8") as lines:
        for number, post in enumerate(wordpress.posts(4)):
            prompt = "Sign up for the letter that we write to all of you every day."
            page = "".join(f"<p>{text}</p>" for text in [*post.texts, prompt])
            page = f"<html><body><article><h1>Day {number}</h1>{page}</article></body></html>"
            (folder / "html" / f"{number}.html.gz").write_bytes(gzip.compress(page.encode()))
            url = f"https://paper{number}.example/"
            case = {"id": str(number), "url": url, "publisher": "P", "text": "\n".join(post.texts)}
            lines.write(json.dumps({**case, "title": f"Day {number}", "without": [prompt]}) + "\n")
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(
        sys, "argv", ["extraction_quality", "--processes", "1", "--folds", "0", *arguments]
    )
    monkeypatch.setattr(extraction_quality, "ROUNDS", 1)
    main()


def test_folders_of_corpora_are_compared(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "--json", "--sample", "3", str(corpus))
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["reader"] for row in rows] == ["Permalien", "+template", "Trafilatura"]
    assert {(row["corpus"], row["pages"]) for row in rows} == {("few", 3)}
    assert rows[1]["figures"]["exact"] == rows[0]["figures"]["title"] == 1.0
    assert rows[0]["figures"]["ratio"] > 0


def test_by_folds_a_site_is_read_as_others_teach(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taught: list[set[str]] = []

    def teach(pages: Sequence[Lesson]) -> SecondOpinion:
        taught.append({page.site for page in pages})
        return read_model(MODEL)

    monkeypatch.setattr(extraction_quality, "teach", teach)
    run(monkeypatch, "--json", "--folds", "2", str(corpus))
    rows = {row["reader"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["by folds"]["pages"] == 4
    assert "exact" in rows["by folds"]["figures"]
    assert set.union(*taught) == {f"paper{number}.example" for number in range(4)}
    assert not set.intersection(*taught)


def test_a_table_has_a_line_for_each_reader(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, str(corpus / "few"))
    head, *lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["Permalien", "+template", "Trafilatura"]
    assert {len(line) for line in lines} == {len(head)}


def test_ablation_tells_what_is_lost(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "--json", "--ablate", str(corpus))
    rows = {row["reader"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["Permalien"]["figures"]["exact"] == 1.0
    assert rows["- ending: prompts"]["figures"]["exact"] == -1.0
    assert rows["- microdata"]["figures"]["exact"] == 0.0
    assert "+template - template: edges" in rows


def test_the_floor_is_raised_to_what_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction_quality, "FLOOR", tmp_path / "floor.json")
    monkeypatch.setattr(extraction_quality, "measure_floor", lambda: {"pages": {"F1": 1.0}})
    run(monkeypatch, "--raise-floor")
    assert json.loads((tmp_path / "floor.json").read_text()) == {"pages": {"F1": 1.0}}
