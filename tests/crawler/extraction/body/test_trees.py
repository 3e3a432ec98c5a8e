import numpy as np
import pytest

from crawler.extraction.body.trees import Trees

# above 5 in the first number, then above 2 in the second; and a tree that is one leaf
TREES = Trees(
    np.array([[0, 1, 1], [0, 0, 0]], dtype=np.int16),
    np.array([[5, 2, 2], [np.inf, np.inf, np.inf]], dtype=np.float32),
    np.array([[-2, -1, 1, 2], [0.5, 9, 9, 9]], dtype=np.float32),
)


@pytest.mark.parametrize(
    ("row", "total"), [((5, 2), -1.5), ((5, 2.1), -0.5), ((6, 2), 1.5), ((6, 3), 2.5)]
)
def test_the_leaves_a_row_comes_to_are_summed(row: tuple[float, float], total: float) -> None:
    assert TREES.probabilities([row]) == [pytest.approx(1 / (1 + np.exp(-total)), abs=0.0001)]


def test_rows_are_judged_apart() -> None:
    rows = [(5.0, 2.0), (6.0, 3.0), (5.0, 2.1)]
    assert TREES.probabilities(rows) == [TREES.probabilities([row])[0] for row in rows]


def test_the_last_digits_of_a_number_do_not_matter() -> None:
    assert TREES.probabilities([(5.00001, 2)]) == TREES.probabilities([(5, 2)])


def test_arrays_make_the_trees_again() -> None:
    again = Trees.of_arrays(TREES.arrays("first"), "first")
    assert again.probabilities([(6, 3)]) == TREES.probabilities([(6, 3)])
