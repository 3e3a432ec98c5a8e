import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.history.diffs import DiffOp, DiffSegment, diff, tokens
from tests.support.properties import examples

WORDS = ("The", "mayor", "said", "a", "1,200", "euros", ",", ".", " ", " ", "\n", "東京", "ё", "é")
texts = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=40).map("".join),
    st.text(st.sampled_from("ab \n.東"), max_size=40),
    st.text(max_size=40),
)


def marked(old: str, new: str) -> str:
    """A diff as one string: [-deleted-]{+inserted+}."""
    marks = {DiffOp.EQUAL: "{}", DiffOp.DELETE: "[-{}-]", DiffOp.INSERT: "{{+{}+}}"}
    return "".join(marks[segment.op].format(segment.text) for segment in diff(old, new))


@given(old=texts, new=texts)
@settings(deadline=None, max_examples=examples(200))
def test_a_diff_holds_both_texts(old: str, new: str) -> None:
    segments = diff(old, new)
    assert "".join(each.text for each in segments if each.op is not DiffOp.INSERT) == old
    assert "".join(each.text for each in segments if each.op is not DiffOp.DELETE) == new
    assert all(each.text and "\n" not in each.text[:-1] for each in segments)


@given(text=texts)
@settings(deadline=None)
def test_equal_texts_are_equal_throughout(text: str) -> None:
    segments = diff(text, text)
    assert {each.op for each in segments} <= {DiffOp.EQUAL}
    assert [each.text for each in segments] == re.findall(r"[^\n]*\n|[^\n]+", text)


@given(text=st.text(max_size=60))
def test_tokens_lose_nothing(text: str) -> None:
    assert "".join(tokens(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It cost 1,200.50 euros.", ["It", " ", "cost", " ", "1,200.50", " ", "euros", "."]),
        ("l’été", ["l", "’", "été"]),
        ("東京は", ["東", "京", "は"]),
        ("हिन्दी में", ["हिन्दी", " ", "में"]),
        ("a_b", ["a", "_", "b"]),
    ],
)
def test_tokens_are_words_in_any_script(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "The mayor resigned on Tuesday.",
            "The mayor stepped down on Tuesday.",
            "The mayor [-resigned-]{+stepped down+} on Tuesday.",
        ),
        ("It cost 1,200 euros.", "It cost 1,300 euros.", "It cost [-1,200-]{+1,300+} euros."),
        ("火曜日に発表した。", "水曜日に発表した。", "[-火-]{+水+}曜日に発表した。"),
        ("One. Two.", "One. Three. Two.", "One. {+Three. +}Two."),
        ("a b a b c", "a b c", "[-a b -]a b c"),
        ("A first line.\nB", "A first line.\nB\nC", "A first line.\nB{+\n+}{+C+}"),
        ("", "New", "{+New+}"),
    ],
)
def test_changes_read_well(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


def test_an_unrelated_paragraph_is_replaced_whole() -> None:
    old = "The council voted for the plan after a long debate about money."
    new = "Police said they found the car near the river at noon."
    assert marked(old, new) == f"[-{old}-]{{+{new}+}}"


def test_an_edited_paragraph_is_compared_with_the_one_it_came_from() -> None:
    kept = "Twelve people were hurt when the bridge closed on Monday.\n"
    edited = "Thirteen people were hurt when the bridge closed on Monday.\n"
    added = "Engineers had warned of cracks for years.\n"
    gone = "A spokeswoman declined to say more than that.\n"
    assert marked(gone + kept, added + edited) == (
        f"[-{gone}-]{{+{added}+}}[-Twelve-]{{+Thirteen+}} people were hurt when the bridge closed "
        "on Monday.\n"
    )


def test_words_that_stay_between_larger_changes_are_no_islands() -> None:
    old = "He left the building in the morning and took the last train to the coast."
    new = "He left the ministry before dawn, quietly, and took the last train to the coast."
    shown = marked(old, new)
    assert shown == (
        "He left the [-building in the morning-]{+ministry before dawn, quietly,+} and took the "
        "last train to the coast."
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n".join("ab" * 40_000), "\n".join("ba" * 40_000)),
        ("." * 500_000, "!" * 500_000),
        ("a b " * 120_000, "b a a " * 80_000),
        ("\n" * 100_000, "\n" * 99_999 + "x"),
        ("\n".join(["a b c d " * 6_000] * 20), "\n".join(["b c d a e " * 5_000] * 20)),
    ],
    ids=["paragraphs of a letter", "no words", "few words", "line breaks", "twenty long ones"],
)
def test_hostile_texts_take_a_second_or_two(old: str, new: str) -> None:
    started = time.process_time()
    segments = diff(old, new)
    assert time.process_time() - started < 2.5
    assert "".join(it.text for it in segments if it.op is not DiffOp.INSERT) == old
    assert "".join(it.text for it in segments if it.op is not DiffOp.DELETE) == new


def test_a_word_of_a_megabyte_is_found() -> None:
    before, after = "One or two. " * 50_000, "And so on. " * 50_000
    assert diff(f"{before}It opens. {after}", f"{before}It closes. {after}") == [
        DiffSegment(DiffOp.EQUAL, f"{before}It "),
        DiffSegment(DiffOp.DELETE, "opens"),
        DiffSegment(DiffOp.INSERT, "closes"),
        DiffSegment(DiffOp.EQUAL, f". {after}"),
    ]
