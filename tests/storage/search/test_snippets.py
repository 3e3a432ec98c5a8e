import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storage.search.analysis import LANGUAGES, stem
from storage.search.compiling import Marks
from storage.search.snippets import Snippets


def snippet(text: str, *words: str, prefix: str = "", language: str | None = "fr") -> str:
    marks = Marks(
        words=set(words),
        prefixes={prefix} if prefix else set(),
        stems={code: {stem(code, word) for word in words} for code in LANGUAGES},
    )
    return Snippets(marks).of(text, language)


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("The Élysée and the river", ("elysee", "river"), "The [Élysée] and the [river]"),
        ("E\u0301lyse\u0301e palace", ("elysee",), "[E\u0301lyse\u0301e] palace"),
        ("Une œuvre, des Œuvres", ("oeuvre",), "Une [œuvre], des [Œuvres]"),
        ("des chevaux, un cheval", ("cheval",), "des [chevaux], un [cheval]"),
        ("今日の東京は晴れ", ("東", "京"), "今日の[東][京]は晴れ"),
        ("line\n\nbreaks and  spaces", ("spaces",), "line breaks and [spaces]"),
        ("今日iPhoneの日", ("iphone",), "今日[iPhone]の日"),
        ("यह हिन्दी में", ("हिनʹदी",), "यह [हिन्दी] में"),
        ("a_ferry xferry ferry", ("ferry",), "a_[ferry] xferry [ferry]"),
        ("nothing here", ("elsewhere",), "nothing here"),
        ("nothing here", (), "nothing here"),
        ("", ("elsewhere",), ""),
    ],
)
def test_what_is_asked_for_is_marked(text: str, words: tuple[str, ...], shown: str) -> None:
    assert snippet(text, *words) == shown


def test_words_that_begin_so() -> None:
    assert snippet("Élections, élire", prefix="elec") == "[Élections], élire"


def test_a_stem_is_of_its_language() -> None:
    assert snippet("two ferries", "ferry", language="en-GB") == "two [ferries]"
    assert snippet("two ferries", "ferry", language="sv") == "two ferries"
    assert snippet("two ferries", "ferry", language=None) == "two ferries"


@pytest.mark.parametrize("filler", ["word ", "京", "\n", "élan "])
def test_a_snippet_of_a_long_text_is_short_and_has_the_match(filler: str) -> None:
    shown = snippet(filler * 2_000 + "bridge " + filler * 2_000, "bridge")
    assert "[bridge]" in shown
    assert len(shown) < 250


WORDS = st.text(st.sampled_from("aeoszœæßéÉ\u0301ﬁİ東1"), min_size=1, max_size=4)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=8).map(" ".join), st.sets(WORDS, min_size=1, max_size=3))
@example("Œuvre", {"oeuvre"})
@example("ßa", {"ssa"})
def test_looking_for_beginnings_first_marks_the_same(text: str, asked_for: set[str]) -> None:
    from storage.search.analysis import terms

    folded = {term for word in asked_for for term in terms(word)}
    plain, other = (Snippets(Marks(words=folded)) for _ in range(2))
    other._beginning = None
    assert plain.of(text, "fr") == other.of(text, "fr")
