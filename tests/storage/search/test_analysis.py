import pytest

from storage.search import analysis
from storage.search.analysis import prepare, stem, terms, words_in_place


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L’Élection d'Orléans", ["l", "election", "d", "orleans"]),
        ("Élection", ["election"]),
        ("a_b c-d e.f", ["a", "b", "c", "d", "e", "f"]),
        ("Straße ŒUVRE ﬁne", ["strasse", "oeuvre", "fine"]),
        ("İstanbul IŞIK", ["istanbul", "isik"]),
        ("Donau\u00addampf", ["donaudampf"]),
        ("今日の東京 カフェ", [*"今日の東京カフェ"]),
        ("ไทย", [*"ไทย"]),
        ("がか", ["が", "か"]),
        ("한국어를", ["한국어를"]),
        ("हिन्दी में", ["हिनʹदी", "में"]),
        ("Ελλάδα", ["ελλαδα"]),
        ("الْعَرَبِيَّة", ["العربية"]),
        ("➔ 👍 …", []),
        ("C++ & R 2026", ["c", "r", "2026"]),
        ("x" * 500, []),
        ("\0\ud800", []),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert terms(text) == words


def test_what_is_not_folded_before_is_folded_alike() -> None:
    """Every letter that goes to Tantivy as it is becomes what `prepare` would have made of it."""
    words, differ = analysis._analyzer(analysis.WORDS), []
    for code in range(0x20000):
        character = chr(code)
        text = f"a{character}b {character} {character}b a{character}"
        if 0xD800 <= code < 0xE000 or prepare(text) is not text:
            continue
        if words.analyze(text) != words.analyze(analysis._fold(text)):
            differ.append(character)
    assert differ == []


@pytest.mark.parametrize(
    ("language", "word", "other"),
    [
        ("fr", "élections", "élection"),
        ("fr", "chevaux", "cheval"),
        ("en", "ferries", "ferry"),
        ("de", "Häuser", "haus"),
        ("es", "canciones", "canción"),
        ("it", "ragazze", "ragazza"),
        ("pt", "notícias", "notícia"),
        ("nl", "huizen", "huizing"),
    ],
)
def test_forms_of_a_word_have_one_stem(language: str, word: str, other: str) -> None:
    assert stem(language, word) == stem(language, other) != ""


def test_words_in_place() -> None:
    text = "L’été à 東京, Donau\u00addampf"
    found = [text[start:end] for _, start, end in words_in_place(text)]
    assert found == ["L", "été", "à", "東", "京", "Donau\u00addampf"]
