"""Words as search sees them."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.database.words import (
    LONGEST_WORD,
    fold,
    words,
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


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_takes_no_shortcut_that_shows(text: str) -> None:
    assert fold(text) == fold(text + "\N{GREEK SMALL LETTER ALPHA}")[:-1]


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "\u0301" * 10**6, "京" * 10**6, "_" * 10**6, "a\u0301." * 300_000]
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    began = time.process_time()
    list(words(text))
    assert time.process_time() - began < 5
