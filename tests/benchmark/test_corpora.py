import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmark.corpora import LEARNABLE, Case, by_publisher, read_corpus, read_pages, sample


def cases(count: int, publisher: str | None = None) -> list[Case]:
    return [Case(str(number), b"", publisher=publisher) for number in range(count)]


def test_a_folder_is_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    given: list[dict[str, Any]] = [
        {
            "id": "a",
            "url": "https://paper.example/a",
            "publisher": "Paper",
            "text": "One two",
            "paragraphs": ["One", "two"],
            "optional": [1],
            "title": "T",
            "authors": ["Ann Lee"],
            "date": "2025-11-03",
            "with": ["One"],
            "without": ["Share"],
        },
        {"id": "b", "authors": "Ann Lee and Bo Ek, Cy Orr"},
    ]
    for case in given:
        (tmp_path / "html" / f"{case['id']}.html.gz").write_bytes(gzip.compress(b"<p>One"))
    lines = "".join(json.dumps(case) + "\n" for case in given)
    (tmp_path / "cases.jsonl").write_text(lines, encoding="utf-8")
    first, second = read_corpus(tmp_path)
    assert first == Case(
        id="a",
        body=b"<p>One",
        url="https://paper.example/a",
        publisher="Paper",
        text="One two",
        paragraphs=["One", "two"],
        optional=frozenset({1}),
        title="T",
        authors=["Ann Lee"],
        date="2025-11-03",
        wanted=["One"],
        unwanted=["Share"],
    )
    assert second == Case("b", b"<p>One", authors=["Ann Lee", "Bo Ek", "Cy Orr"])


def test_the_pages_of_ours_have_their_articles() -> None:
    pages = read_pages()
    assert {"bridge-en", "live-en"} <= {page.id for page in pages}
    assert all(page.text and page.title and page.body for page in pages)


@pytest.mark.parametrize(
    ("size", "expected"), [(0, ""), (1, "0"), (4, "0246"), (8, "01234567"), (99, "01234567")]
)
def test_a_sample_is_evenly_spread(size: int, expected: str) -> None:
    assert "".join(case.id for case in sample(cases(8), size)) == expected


def test_publishers_with_too_few_pages_teach_nothing() -> None:
    found = by_publisher(cases(LEARNABLE, "a") + cases(LEARNABLE - 1, "b") + cases(9))
    assert {name: len(pages) for name, pages in found.items()} == {"a": LEARNABLE}
