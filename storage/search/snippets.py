"""The part of a text around what was asked for."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from storage.database.words import UNSPACED
from storage.search.analysis import LANGUAGES, LONGEST_WORD, stem, terms, words_in_place
from storage.search.compiling import Marks

LENGTH: Final = 160  # characters of the text
BRACKETS: Final = ("[", "]")
_MOST_READ: Final = 200_000  # characters of a text in which matches are looked for


class Snippets:
    """The parts of texts that show what was asked for."""

    def __init__(self, marks: Marks, brackets: tuple[str, str] = BRACKETS) -> None:
        self._marks = marks
        self._brackets = brackets
        self._beginning = _beginning_of(marks)
        self._known: dict[tuple[str, str], bool] = {}  # by language and word

    def of(self, text: str, language: str | None) -> str:
        """The text around the first match, on one line, matches between brackets."""
        code = (language or "").partition("-")[0].lower()
        start, end = 0, LENGTH
        spans: list[tuple[int, int]] = []
        for word, left, right in self._candidates(text[:_MOST_READ]):
            if spans and right > end:
                break
            if not self._is_asked_for(word, code):
                continue
            if not spans and left > LENGTH // 4:
                start = left - LENGTH // 4
                start = text.find(" ", start, left) + 1 or start
                end = start + LENGTH
            spans.append((left, right))
        opening, closing = self._brackets
        shown = []
        at = start
        for left, right in spans:
            shown += [text[at:left], opening, text[left:right], closing]
            at = right
        line = " ".join("".join([*shown, text[at:end]]).split())
        return f"{'… ' if start else ''}{line}{' …' if end < len(text) else ''}"

    def _candidates(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Words of the text, and where they are: those that begin as one that was asked for."""
        if self._beginning is None:
            yield from words_in_place(text)
            return
        for match in self._beginning.finditer(text):
            start = match.start()
            word = next(words_in_place(text[start : start + LONGEST_WORD]), None)
            if word is not None:
                yield word[0], start + word[1], start + word[2]

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


def _beginning_of(marks: Marks) -> re.Pattern[str] | None:
    """What words begin with that may be asked for, however they are accented: two letters, which
    stemmers leave (but for `dying` and its like, which are found and not marked). None where these
    are not Latin, and where there is nothing to look for."""
    stems = (stemmed for some in marks.stems.values() for stemmed in some)
    asked_for = {word[:2] for word in (*marks.words, *marks.prefixes, *stems) if word}
    if not asked_for or not all(it.isascii() and it.isalnum() for it in asked_for):
        return None
    alternatives = [it for letters in sorted(asked_for) for it in _alternatives(letters)]
    spelled = "|".join(f"[{first}]{rest}" for first, rest in alternatives)
    alternatives.append((_MARKS, f"{_MARK}*(?:{spelled})"))
    # What begins with a set of characters is found several times as fast as with a look back.
    firsts = "".join(first for first, _ in alternatives)
    within = rf"(?<![^\W_{UNSPACED}](?s:.))(?<!{_MARK}(?s:.))"
    following = "|".join(f"(?<=[{first}]){rest}" for first, rest in alternatives)
    return re.compile(rf"[{firsts}]{within}(?:{following})")


def _alternatives(letters: str) -> Iterator[tuple[str, str]]:
    """How these letters begin, in any case and with any accents, and how they go on; and those that
    are folded to both."""
    first, *more = (f"{it}{it.upper()}{_folded_to(it)}" for it in letters)
    yield first, "".join(f"{_MARK}*[{it}]" for it in more)
    if more and (together := _folded_to(letters)):
        yield together, ""


@cache
def _folded_to(letters: str) -> str:
    return "".join(it for it, folded in _FOLDED.items() if folded.startswith(letters))


_MARKS: Final = r"\u00ad\u0300-\u036f"
_MARK: Final = f"[{_MARKS}]"
# Latin letters that are not ASCII, and what they are folded to.
_FOLDED: Final = {
    character: folded
    for code in (
        *range(0xAA, 0x250),
        *range(0x1E00, 0x1F00),
        *range(0xFB00, 0xFB07),
        *range(0xFF21, 0xFF5B),
    )
    if (character := chr(code)).isalpha()
    and (folded := "".join(terms(character))).isascii()
    and folded
}
