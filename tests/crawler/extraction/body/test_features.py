from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from crawler.extraction.body.claims import Claims
from crawler.extraction.body.element_names import name_rows
from crawler.extraction.body.features import PageFeatures, _counts
from crawler.extraction.page.blocks import read_blocks

PROSE = "The council met on Monday and agreed to mend the old bridge before winter comes."
PAGE = (
    "<body><main class='story'><h1>The old bridge</h1>"
    + "".join(f"<p>{PROSE} {number}</p>" for number in range(5))
    + f"<div class='related small'><p>{PROSE}</p><ul><li><a href='/x'>More</a></li></ul></div>"
    "</main></body>"
)
CLAIMS = Claims("The old bridge", ["Ann Fell"], ["Winter is near."], PROSE)
SCORES = {"related": -0.4, "small": -0.1, "story": 0.3}


def features(page: str = PAGE, claims: Claims = CLAIMS) -> PageFeatures:
    return PageFeatures(read_blocks(html.document_fromstring(page)), claims)


def test_every_block_has_as_many_numbers() -> None:
    page = features()
    numbers = range(len(page.blocks))
    assert len({len(row) for row in page.rows(numbers)}) == 1
    assert len({len(row) for row in name_rows(page, numbers, SCORES)}) == 1


def test_the_same_page_has_the_same_numbers() -> None:
    assert features().rows(range(8)) == features().rows(range(8))


def test_the_anchors_are_the_headline_and_the_element_with_most_prose() -> None:
    page = features()
    assert (page.headline, page.first, page.last) == (0, 1, 5)
    assert page.around_main[page.blocks[0].scope.parent or page.scopes[0]] == 0


def test_names_below_the_main_element_are_scored() -> None:
    rows = name_rows(features(), range(8), SCORES)
    lowest, highest = 4, 5
    assert (rows[1][lowest], rows[1][highest]) == (0.0, 0.0)
    assert rows[6][lowest] == -0.4
    assert rows[6][highest] == 0.0


def test_a_page_of_one_word_has_numbers() -> None:
    assert len(features("<p>Bridge</p>", Claims()).rows([0])) == 1


@given(st.text())
def test_letters_digits_and_capitals_are_those_of_any_script(text: str) -> None:
    counted = [sum(map(test, text)) for test in (str.isalpha, str.isdigit, str.isupper)]
    assert [*_counts(text)] == counted
