import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from crawler.process.printable import printable

BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_escapes_and_turned_lines_are_marked_and_layout_stays() -> None:
    assert printable("a\x1b[31mb\x07\u202ec\td\n") == "a\ufffd[31mb\ufffd\ufffdc\td\n"


@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_that_drives_a_terminal_gets_out(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    shown.encode()
    for character in set(shown) - {"\t", "\n"}:
        assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
        assert unicodedata.bidirectional(character) not in BIDI


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M", "Zs"])))
def test_words_of_any_language_are_as_they_were(text: str) -> None:
    assert printable(text) == text
