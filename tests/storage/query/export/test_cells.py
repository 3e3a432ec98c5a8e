import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.query.export.cells import FORMULAS, harmless_cell, restore_cell


@given(st.text())
def test_a_text_comes_back_as_it_was(text: str) -> None:
    cell = harmless_cell(text)
    assert restore_cell(cell) == text
    assert cell[:1] not in FORMULAS or not cell


@given(st.sampled_from(FORMULAS + "'"), st.text())
def test_a_formula_comes_back_as_it_was(first: str, rest: str) -> None:
    assert harmless_cell(first + rest) == f"'{first}{rest}"
    assert restore_cell(harmless_cell(first + rest)) == first + rest


@pytest.mark.parametrize("text", ["", "The bridge", "1 + 1", "« Oui »"])
def test_a_plain_text_stays(text: str) -> None:
    assert harmless_cell(text) == text
