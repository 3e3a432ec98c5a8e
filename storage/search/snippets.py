"""The part of a text around what was asked for."""

from typing import Final

from storage.search.analysis import LANGUAGES, stem, terms, words_in_place
from storage.search.compiling import Marks

LENGTH: Final = 160  # characters of the text
_MOST_READ: Final = 200_000  # characters of a text in which matches are looked for


class Snippets:
    """The parts of texts that show what was asked for."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._known: dict[tuple[str, str], bool] = {}  # by language and word

    def of(self, text: str, language: str | None) -> str:
        """The text around the first match, on one line, matches between `[` and `]`."""
        code = (language or "").partition("-")[0].lower()
        start, end = 0, LENGTH
        spans: list[tuple[int, int]] = []
        for word, left, right in words_in_place(text[:_MOST_READ]):
            if spans and right > end:
                break
            if not self._is_asked_for(word, code):
                continue
            if not spans and left > LENGTH // 4:
                start = left - LENGTH // 4
                start = text.find(" ", start, left) + 1 or start
                end = start + LENGTH
            spans.append((left, right))
        shown = []
        at = start
        for left, right in spans:
            shown += [text[at:left], "[", text[left:right], "]"]
            at = right
        line = " ".join("".join([*shown, text[at:end]]).split())
        return f"{'… ' if start else ''}{line}{' …' if end < len(text) else ''}"

    def _is_asked_for(self, word: str, code: str) -> bool:
        key = code, word
        found = self._known.get(key)
        if found is None:
            folded, marks = "".join(terms(word)), self._marks
            found = self._known[key] = (
                folded in marks.words
                or any(folded.startswith(prefix) for prefix in marks.prefixes)
                or (code in LANGUAGES and stem(code, word) in marks.stems.get(code, ()))
            )
        return found
