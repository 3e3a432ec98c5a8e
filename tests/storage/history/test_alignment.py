import random
import time
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from storage.history import alignment
from storage.history.alignment import matches
from tests.support.properties import examples

letters = st.lists(st.sampled_from("abcd"), max_size=12)


def longest_common(old: list[str], new: list[str]) -> int:
    """The textbook table."""
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, left in enumerate(old):
        for j, right in enumerate(new):
            longer = max(table[i][j + 1], table[i + 1][j])
            table[i + 1][j + 1] = table[i][j] + 1 if left == right else longer
    return table[-1][-1]


def assert_alignment(old: list[str], new: list[str], found: list[tuple[int, int]]) -> None:
    assert all(old[i] == new[j] for i, j in found)
    assert all(i < next_i and j < next_j for (i, j), (next_i, next_j) in pairwise(found))


@given(old=letters, new=letters)
@settings(deadline=None, max_examples=examples(100))
def test_small_sequences_are_aligned_as_well_as_can_be(old: list[str], new: list[str]) -> None:
    found = matches(old, new)
    assert_alignment(old, new, found)
    assert len(found) == longest_common(old, new)


def test_large_sequences_are_cut_at_what_is_unique() -> None:
    old = [f"word {number}" for number in range(20_000)]
    new = list(old)
    for place in range(0, 20_000, 100):
        new[place] = "edited"
    found = matches(old, new)
    assert_alignment(old, new, found)
    assert len(found) == 20_000 - 200


def test_large_sequences_without_unique_elements_are_cut_at_runs() -> None:
    rng = random.Random(7)
    old = [str(rng.randrange(500)) for _ in range(20_000)]
    new = list(old)
    for place in range(0, 20_000, 100):
        new[place] = "edited"
    found = matches(old, new)
    assert_alignment(old, new, found)
    assert len(found) > 19_500


def test_where_nothing_helps_only_the_ends_match() -> None:
    size = int(alignment.MAX_CELLS**0.5) + 2
    old = ["start", *"ab" * size, "end"]
    new = ["start", *"ba" * size, "end"]
    assert matches(old, new) == [(0, 0), (len(old) - 1, len(new) - 1)]


def test_any_sequences_take_seconds() -> None:
    rng = random.Random(7)
    unique = [str(number) for number in range(100_000)]
    pairs = [
        (unique, unique[::-1]),
        (rng.choices("ab", k=100_000), rng.choices("ab", k=100_000)),
        (unique, rng.sample(unique, len(unique))),
    ]
    started = time.process_time()
    for old, new in pairs:
        assert_alignment(old, new, matches(old, new))
    assert time.process_time() - started < 10
