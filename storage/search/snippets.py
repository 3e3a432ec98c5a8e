"""The part of a text around what was asked for, on one line."""

from collections.abc import Callable
from typing import Final

from storage.search.analysis import LANGUAGES, stem, terms, words_in_place
from storage.search.compiling import Marks

LENGTH: Final = 160  # characters of the text
_MOST_READ: Final = 200_000  # characters of a text in which matches are looked for


def snippet(text: str, language: str | None, marks: Marks) -> str:
    """The text around the first match, matches between `[` and `]`."""
    asked_for = _asked_for(language, marks)
    read = text[:_MOST_READ]
    spans = [(start, end) for word, start, end in words_in_place(read) if asked_for(word)]
    first = spans[0][0] if spans else 0
    start = max(0, first - LENGTH // 4)
    if start:
        start = text.find(" ", start, first) + 1 or start
    end = start + LENGTH
    shown = []
    at = start
    for left, right in spans:
        if left < start or right > end:
            continue
        shown += [text[at:left], "[", text[left:right], "]"]
        at = right
    line = " ".join("".join([*shown, text[at:end]]).split())
    return f"{'… ' if start else ''}{line}{' …' if end < len(text) else ''}"


def _asked_for(language: str | None, marks: Marks) -> Callable[[str], bool]:
    code = (language or "").partition("-")[0].lower()
    stems = marks.stems.get(code, set()) if code in LANGUAGES else set()
    known: dict[str, bool] = {}

    def asked_for(word: str) -> bool:
        found = known.get(word)
        if found is None:
            folded = "".join(terms(word))
            found = known[word] = (
                folded in marks.words
                or any(folded.startswith(prefix) for prefix in marks.prefixes)
                or bool(stems and stem(code, word) in stems)
            )
        return found

    return asked_for
