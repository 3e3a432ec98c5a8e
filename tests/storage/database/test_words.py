"""Words as search sees them."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.database.words import (
    LONGEST_WORD,
    MOST_BYTES,
    MOST_WORDS,
    fold,
    search_words,
    words,
    words_in_place,
)

ANY_TEXT = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Council's e-mail", ["the", "council", "s", "e", "mail"]),
        ("Élysée ELYSÉE E\u0301lyse\u0301e", ["elysee"] * 3),
        ("Straße STRASSE ﬁn", ["strasse", "strasse", "fin"]),
        ("İstanbul ΣΊΣΥΦΟΣ", ["istanbul", "σισυφοσ"]),
        ("naïve_snake 3,5 % 2026-03-01", ["naive", "snake", "3", "5", "2026", "03", "01"]),
        ("東京 Tokyo", ["東", "京", "tokyo"]),
        ("カタカナ", ["カ", "タ", "カ", "ナ"]),
        ("हिन्दी", ["हिन्दी"]),
        ("العَرَبِيَّة", ["العربية"]),
        ("𝔊othic Ⅷ ½", ["gothic", "viii", "1", "2"]),
        ("a\u00a0b\u200bc\u2028d", ["a", "b", "c", "d"]),
        ("\0a\0b 👍🏽 ' \" \\ & | ! ( ) : * <->", ["a", "b"]),
        ("", []),
    ],
)
def test_the_words_of(text: str, found: list[str]) -> None:
    assert list(words(text)) == found


@given(ANY_TEXT)
def test_words_are_letters_marks_and_digits_alone(text: str) -> None:
    for word in words(text):
        assert word
        assert len(word) <= LONGEST_WORD
        assert {unicodedata.category(character)[0] for character in word} <= set("LNM")


@given(ANY_TEXT)
def test_case_and_form_make_no_difference(text: str) -> None:
    found = list(words(text))
    assert list(words(unicodedata.normalize("NFD", text))) == found
    assert list(words(unicodedata.normalize("NFC", text))) == found


@given(ANY_TEXT, ANY_TEXT)
def test_lines_are_read_one_after_the_other(one: str, other: str) -> None:
    assert list(words(f"{one}\n{other}")) == [*words(one), *words(other)]


@given(ANY_TEXT)
def test_a_word_in_place_is_the_text_there(text: str) -> None:
    end_before = 0
    for word, start, end in words_in_place(text):
        assert end_before <= start < end
        assert word == fold(text[start:end])
        end_before = end


def test_words_in_place_are_those_of_the_text() -> None:
    text = "L'Élysée, 東京 & हिन्दी"
    assert [word for word, _, _ in words_in_place(text)] == list(words(text))


@given(ANY_TEXT)
def test_words_of_a_folded_text_are_those_in_place_there(text: str) -> None:
    folded = fold(text)
    expected = [folded[start:end][:LONGEST_WORD] for _, start, end in words_in_place(folded)]
    assert list(words(text)) == expected


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_takes_no_shortcut_that_shows(text: str) -> None:
    assert fold(text) == fold(text + "\N{GREEK SMALL LETTER ALPHA}")[:-1]


def test_a_document_of_nothing_but_words_is_cut() -> None:
    text = " ".join(str(number) for number in range(MOST_WORDS + 100))
    assert len(search_words("", text, "sqlite").split()) == MOST_WORDS
    assert len(search_words("", text, "postgresql").split()) == MOST_WORDS


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_document_of_very_long_words_is_cut(dialect: str) -> None:
    text = " ".join(f"{number:05}" + "\N{GOTHIC LETTER AHSA}" * 59 for number in range(9_000))
    size = len(search_words("", text, dialect).encode())
    assert MOST_BYTES * 0.9 < size < 2**20


def test_both_databases_leave_out_the_same_occurrences() -> None:
    text = " ".join(f"a {number}" for number in range(300))
    kept = search_words("", text, "sqlite").split()
    assert kept.count("a") == 255
    assert kept[-1] == "299"
    positions = dict(part.split(":") for part in search_words("", text, "postgresql").split())
    assert positions["'299'"] == str(len(kept))
    assert [int(at) for at in positions["'a'"].split(",")] == [
        at for at, word in enumerate(kept, start=1) if word == "a"
    ]


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "\u0301" * 10**6, "京" * 10**6, "_" * 10**6, "a\u0301." * 300_000]
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    began = time.process_time()
    search_words("", text, "postgresql")
    assert time.process_time() - began < 5
