"""Words as search sees them: case and accents folded, and stems by language.

What is indexed and what is asked for go the same way. Text of Latin letters alone goes through
Tantivy's own analyzers; other text is folded before: NFKD without accents (Unicode Standard Annex
15), case folding, and a character a word in scripts that do not part words by spaces, which are
found as phrases.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from tantivy import Filter, Index, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from storage.database.storable import storable
from storage.database.words import UNSPACED

LANGUAGES: Final = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
}
"""The languages whose words are stemmed, and what Tantivy calls their stemmers."""

WORDS: Final = "words"
"""The name of the analyzer of whole words; a language's is its own code."""

LONGEST_WORD: Final = 200  # bytes; what is longer is not a word anyone looks for

# What goes to an index as it is: Latin letters and signs, but for those that Tantivy's lower case
# and folding make something else of than ours (tests/storage/search/test_analysis.py).
_AS_IT_IS = (
    "\x00-\xa7\xa9\xab-\xac\xae\xb0-\xb3\xb6-\xb7\xb9\xbb\xbf-\u012f\u0131\u0134-\u013e"
    "\u0141-\u0148\u014a-\u017e\u0180-\u01bf\u2000-\u200a\u2010-\u2029\u202f-\u205e"
    "\u20a0-\u20a7\u20a9-\u20bf\u2190-\u245f\u2500-\u2bff\U0001f300-\U0001faff"
)
_TO_FOLD = re.compile(f"[^{_AS_IT_IS}]")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_VIRAMA, _VOICING = 9, 8  # combining classes of marks that make another letter: no accents
_VIRAMA_LETTER = "\N{MODIFIER LETTER PRIME}"  # which stays part of its word
_SPAN = re.compile(rf"[{UNSPACED}]|[^\s\x00-\x2f:-@\[-`{{-\x7f{UNSPACED}]+")


def register(index: Index) -> None:
    """Make the analyzers known to an index, which does not keep them."""
    for name in (WORDS, *LANGUAGES):
        index.register_tokenizer(name, _analyzer(name))


def prepare(text: str) -> str:
    """`text` as it is given to an index."""
    if text.isascii() or not _TO_FOLD.search(text):
        return text
    text = storable(text)
    # Stemmers know words by their accents: a text that was only decomposed keeps them.
    composed = unicodedata.normalize("NFC", text)
    return _fold(text) if _TO_FOLD.search(composed) else composed


def terms(text: str) -> list[str]:
    """The folded words of `text`, in order."""
    return _analyzer(WORDS).analyze(prepare(text))


@lru_cache(maxsize=50_000)
def stem(language: str, word: str) -> str:
    """The stem of a word in a language of LANGUAGES; empty where it is no word."""
    return next(iter(_analyzer(language).analyze(prepare(word))), "")


def words_in_place(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of `text` as it stands there, and where it starts and ends."""
    for match in _SPAN.finditer(text):
        token, offset = match.group(), match.start()
        if token.isalnum():
            yield token, *match.span()
            continue
        start = None
        for at, character in enumerate(token + " ", start=offset):
            if unicodedata.category(character)[0] in "LNM" or character == "\u00ad":
                start = at if start is None else start
            elif start is not None:
                yield text[start:at], start, at
                start = None


@cache
def _analyzer(name: str) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(LONGEST_WORD + 1))
    builder = builder.filter(Filter.lowercase())
    if name in LANGUAGES:
        builder = builder.filter(Filter.stemmer(LANGUAGES[name]))
    return builder.filter(Filter.ascii_fold()).build()


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    changes: dict[int, str | None] = {}
    for character in set(decomposed):
        kind = unicodedata.combining(character)
        if kind == _VIRAMA:
            changes[ord(character)] = _VIRAMA_LETTER
        elif (kind and kind != _VOICING) or unicodedata.category(character) == "Cf":
            changes[ord(character)] = None
    folded = unicodedata.normalize("NFC", decomposed.translate(changes)).casefold()
    parted = {ord(it): f" {it} " for it in set(folded) if _UNSPACED.match(it)}
    return folded.translate(parted) if parted else folded
