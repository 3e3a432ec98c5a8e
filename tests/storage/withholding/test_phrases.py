"""Words are found however they are written, and nothing that is kept of them has them."""

import pytest

from storage.withholding.markup import redacted_body
from storage.withholding.phrases import (
    MARK,
    Phrase,
    find,
    redacted_document,
    redacted_text,
    spellings,
)


def phrases(*words: str) -> list[Phrase]:
    return [Phrase.of(it) for text in words for it in spellings(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Jean-Élie Müller",
        "JEAN ELIE MULLER",
        "jean-elie-mueller",
        "jean_elie_muller",
        "Jean\u00ad-E\u0301lie  Mül\u00adler",
        "Jean\u00a0Élie\nMüller".replace("\n", " "),
        "Ｊｅａｎ Élie Müller",
        "jeanelie muller",
    ],
)
def test_words_are_found_however_they_are_written(text: str) -> None:
    found = redacted_text(f"It was {text}, they say", phrases("Jean-Élie Müller"))
    assert found == f"It was {MARK}, they say"


@pytest.mark.parametrize("text", ["Jean Müller", "Jean-Élie Müllers", "Élie Müller Jean", ""])
def test_other_words_stay(text: str) -> None:
    assert redacted_text(text, phrases("Jean-Élie Müller")) == text


def test_line_breaks_stay() -> None:
    assert redacted_text("by Jane\nDoe said", phrases("Jane Doe")) == f"by {MARK}\n said"


def test_places_that_overlap_go_whole() -> None:
    assert redacted_text("a b a b a", phrases("a b a")) == MARK
    assert len(find("ab ab ab", phrases("ab"))) == 3


@pytest.mark.parametrize(
    "words", [("Skipper Jane", "Jane Doe"), ("Jane", "Jane Doe", "Skipper"), ("Doe", "Jane Doe")]
)
def test_no_form_hides_another_that_begins_within_it(words: tuple[str, ...]) -> None:
    assert "Jane" not in redacted_text("Skipper Jane Doe said", phrases(*words))
    assert "Doe" not in redacted_text("Skipper Jane Doe said", phrases(*words))
    assert redacted_body(b"<p>Skipper <b>Jane</b> Doe said", phrases(*words)).count(b"Doe") == 0


def test_what_is_kept_does_not_tell_the_words() -> None:
    first, second = phrases("Jane Doe", "Jane Doe")
    assert first.digest != second.digest
    assert b"jane" not in first.key + first.digest


def test_documents_are_redacted_throughout() -> None:
    document = {"Jane Doe": ["Jane Doe", {"a": 1, "b": "by Jane Doe"}], "c": None}
    redacted = redacted_document(document, lambda text: redacted_text(text, phrases("Jane Doe")))
    assert redacted == {MARK: [MARK, {"a": 1, "b": f"by {MARK}"}], "c": None}


@pytest.mark.parametrize("words", ["", "…", "x", "x" * 201])
def test_too_few_and_too_many_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="give from 2 to 200"):
        spellings(words)
