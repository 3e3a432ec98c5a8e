import pytest

from crawler.extraction import PageInput, extract
from tests.benchmark.corpora import Case, by_publisher
from tests.benchmark.own_pages import own_corpora

CORPORA = own_corpora()


@pytest.mark.parametrize("cases", CORPORA.values(), ids=CORPORA.keys())
def test_every_page_says_what_its_right_answer_says(cases: list[Case]) -> None:
    assert len({case.id for case in cases}) == len(cases) >= 10
    for case in cases:
        page = "".join(case.body.decode().split())
        assert case.text
        assert case.title
        for passage in case.unwanted:
            assert "".join(passage.split()).replace("'", "&#x27;") in page or passage in page


def test_every_theme_differs_from_its_neighbours() -> None:
    shown = {case.publisher: case.body for case in CORPORA["themes"]}
    assert len({*shown.values()}) == len(shown)
    assert len(by_publisher(CORPORA["themes"])) == len(shown)


def test_nothing_unwanted_is_part_of_an_article() -> None:
    for cases in CORPORA.values():
        for case in cases:
            for passage in case.unwanted:
                assert passage not in (case.text or ""), case.id


def test_every_page_is_read() -> None:
    for cases in CORPORA.values():
        assert all(extract(PageInput(case.body, url=case.url)).paragraphs for case in cases)
