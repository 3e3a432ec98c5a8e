from pathlib import Path

import pytest

from crawler.extraction.body import second_opinion
from crawler.extraction.body.second_opinion import read_model, write_model
from crawler.extraction.extract import extract
from tests.benchmark import teaching
from tests.benchmark.corpora import Case, part_of
from tests.benchmark.teaching import lessons, score_names, teach
from tests.crawler.extraction import wordpress

PROMPT = "Every day we write a letter to all of those who live in the valley and beyond it."


def cases(count: int) -> list[Case]:
    """Pages whose last paragraph has a name that no rule knows."""
    found = []
    for number, post in enumerate(wordpress.posts(count)):
        text = "".join(f"<p>{paragraph}</p>" for paragraph in post.texts)
        page = f"<article><h1>Day</h1>{text}<p class='lumen'>{PROMPT} {number}</p></article>"
        found.append(
            Case(
                id=str(number),
                body=f"<html><body>{page}</body></html>".encode(),
                url=f"https://paper{number}.example/",
                text="\n".join(post.texts),
            )
        )
    return found


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "TREES", 40)
    monkeypatch.setattr(teaching, "PARAMETERS", {**teaching.PARAMETERS, "min_data_in_leaf": 5})


def test_a_name_is_learned(small: None) -> None:
    scores = score_names(lessons({"few": cases(24)}))
    assert scores["lumen"] < -0.3


def test_what_was_learned_is_read_from_its_file(
    small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = cases(24)
    learned = teach(lessons({"few": pages}))
    write_model(learned, tmp_path / "model.npz")
    monkeypatch.setattr(second_opinion, "MODEL", tmp_path / "model.npz")
    monkeypatch.setattr(second_opinion, "UNLIKELY", 0.5)
    article = extract(pages[0].body, url=pages[0].url)
    assert article.text == pages[0].text
    assert [(removed.text, removed.reason) for removed in article.removed][-1] == (
        f"{PROMPT} 0",
        "unlikely",
    )
    assert read_model(tmp_path / "model.npz").name_scores.keys() == learned.name_scores.keys()


def test_the_same_lessons_give_the_same_opinion(small: None, tmp_path: Path) -> None:
    files = [tmp_path / "1.npz", tmp_path / "2.npz"]
    for file in files:
        write_model(teach(lessons({"few": cases(18)})), file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_site_is_in_one_part() -> None:
    assert {part_of("paper.example", 5) for _ in range(3)} == {part_of("paper.example", 5)}
    assert {part_of(f"{number}.example", 5) for number in range(40)} == set(range(5))
