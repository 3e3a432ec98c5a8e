import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmark.corpora import Case
from tests.benchmark.extraction_scores import Passages, Reading, overlap, score, summarize

WORDS = st.lists(st.sampled_from("abcd"), max_size=8)


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        ("a b", "a b", (1, 1, 1)),
        ("a b c d", "a b", (0.5, 1, 2 / 3)),
        ("a a", "a b", (0.5, 0.5, 0.5)),
        ("x", "a", (0, 0, 0)),
        ("", "a", (0, 0, 0)),
        ("a", "", (0, 0, 0)),
        ("", "", (1, 1, 1)),
    ],
)
def test_overlap_is_over_bags(
    found: str, wanted: str, expected: tuple[float, float, float]
) -> None:
    assert overlap(found.split(), wanted.split()) == expected


@given(WORDS, WORDS)
def test_precision_of_one_is_recall_of_the_other(one: list[str], other: list[str]) -> None:
    precision, recall, f1 = overlap(one, other)
    assert overlap(other, one) == (recall, precision, f1)
    assert (f1 == 1) == (sorted(one) == sorted(other))


@pytest.mark.parametrize(
    ("text", "exact"), [("One,\ntwo!", 1.0), ("two one", 0.0), ("one two three", 0.0)]
)
def test_exact_is_the_words_in_their_order(text: str, exact: float) -> None:
    values = score(Case("", b"", text="One two"), Reading(text)).values
    assert values["exact"] == exact


def test_an_optional_paragraph_counts_where_it_was_kept() -> None:
    case = Case(
        "", b"", text="One\ntwo\nthree", paragraphs=["One", "two", "three"], optional=frozenset({1})
    )
    for text, exact in (("One two three", 1.0), ("One three", 1.0), ("One two", 0.0)):
        assert score(case, Reading(text)).values["exact"] == exact


def test_passages_are_found_whatever_their_white_space() -> None:
    case = Case("", b"", wanted=["a b", "c"], unwanted=["Share", "d  e"])
    assert score(case, Reading("a\nb Share now")).passages == Passages(1, 1, 1)


def test_metadata_match_as_words_days_and_sets() -> None:
    case = Case("", b"", title="Old – bridge", authors=["Ann Lee", "Bo Ek"], date="2025-11-03T07")
    same = Reading(title="OLD BRIDGE", authors=["Bo Ek", "ann lee", ""], date="2025-11-03")
    assert score(case, same).values == {"title": 1.0, "date": 1.0, "authors": 1.0}
    other = Reading(title="Old bridge, mended", authors=["Ann Lee"], date="2025-11-04")
    assert score(case, other).values == {"title": 0.0, "date": 0.0, "authors": 0.0}


def test_what_is_not_known_is_not_scored() -> None:
    unknown = score(Case("", b""), Reading("text", "title", ["A"], "2025-11-03"))
    assert (unknown.values, unknown.passages) == ({}, None)
    assert summarize([unknown]) == {}


def test_a_summary_is_of_the_pages_that_have_a_figure() -> None:
    scores = [
        score(Case("", b"", title="A"), Reading(title="A")),
        score(Case("", b"", title="A", wanted=["a", "b"], unwanted=["c"]), Reading("a c")),
        score(Case("", b"", wanted=["a"]), Reading("a")),
    ]
    assert summarize(scores) == {"title": 0.5, "seg": 4 / 6, "leak": 1}
