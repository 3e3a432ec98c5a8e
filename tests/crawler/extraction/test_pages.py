"""Pages of ours, each with the furniture of its kind of site, and the article in each.

A folder holds `page.html` and, in `article.json`, every paragraph the article has and nothing else.
"""

import json
from pathlib import Path

import pytest

from crawler.extraction import PageInput, extract

PAGES = sorted((Path(__file__).parent / "pages").iterdir())


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_the_article_is_the_pages_and_nothing_else(folder: Path) -> None:
    expected = json.loads((folder / "article.json").read_text(encoding="utf-8"))
    url = f"https://paper.example/{folder.name}"
    article = extract(PageInput((folder / "page.html").read_bytes(), url=url))
    assert [[p.kind, p.text] for p in article.paragraphs] == expected["paragraphs"]
    assert article.title == expected["title"]
    assert article.kind == expected["kind"]


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_what_was_left_out_is_no_part_of_the_text(folder: Path) -> None:
    article = extract(PageInput((folder / "page.html").read_bytes()))
    kept = {paragraph.text for paragraph in article.paragraphs}
    for removed in article.removed:
        assert removed.text not in kept
        assert removed.reason
