"""What is read of a page once is what would be read of it each time."""

import pytest

from crawler.extraction import PageInput, extract
from tests.benchmark.corpora import Case, read_pages
from tests.benchmark.extraction_scores import score
from tests.benchmark.readers import Job, read_with_permalien
from tests.benchmark.whole_folds import scores_without

RULES = ["rule: furniture", "second opinion", "Trafilatura", "JSON-LD", "body: title"]


SHORT = b"<title>A</title><article><h1>A</h1><p>One line.</p></article>"
CASES = [*read_pages()[:3], Case("short", SHORT, text="B")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_rule_is_left_out_as_if_it_alone_were(case: Case) -> None:
    found = scores_without(case, RULES, models=())
    assert found == {rule: score(case, read_with_permalien(Job(case, part=rule))) for rule in found}
    assert found.keys() == {"", *RULES}


def test_afterwards_all_is_read_anew() -> None:
    case = read_pages()[0]
    scores_without(case, ["rule: furniture"], models=())
    other = extract(PageInput(case.body.replace(b"bridge", b"tunnel")))
    assert "tunnel" in other.text
