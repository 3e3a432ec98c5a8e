"""Words as search sees them: case and accents folded, the same on every database.

Folding is NFKD without its non-spacing accents (Unicode Standard Annex 15), then case folding.
A word is a run of letters, digits and the marks that scripts such as Devanagari write with.
Scripts that do not part words by spaces give a word a character, and are found as phrases.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

LONGEST_WORD = 64  # characters; what is longer is not a word anyone looks for
MOST_WORDS = 16_000  # a document; PostgreSQL's tsvector counts positions to 16,383
MOST_BYTES = 800_000  # a document's words in UTF-8; a tsvector takes 1 MiB with its positions
UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""The scripts that part no words by spaces, as a regular expression's character class: Thai, Lao,
Burmese, Khmer, kana, Han."""

_MOST_POSITIONS = 255  # a word; as PostgreSQL
_NO_WORD = "\N{MIDDLE DOT}"  # keeps the place of a word that is left out
_VIRAMA = 9  # canonical combining class of the vowel killers of Indic scripts: no accent
_UNSPACED = re.compile(rf"[{UNSPACED}]")
_TOKEN = re.compile(rf"[{UNSPACED}]|[^\s\x00-\x2f:-@\[-`{{-\x7f{UNSPACED}]+")


def fold(text: str) -> str:
    """`text` without case and accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    accents = {c for c in set(decomposed) if unicodedata.combining(c) not in (0, _VIRAMA)}
    return decomposed.translate(dict.fromkeys(map(ord, accents))).casefold()


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


def words(text: str) -> Iterator[str]:
    """The folded words of `text`, in order; those of `words_in_place`, faster."""
    folded = fold(text)
    parted = {}
    for character in set(folded):
        if not _is_word(character):
            parted[ord(character)] = " "
        elif _UNSPACED.match(character):
            parted[ord(character)] = f" {character} "
    return (word[:LONGEST_WORD] for word in folded.translate(parted).split())


def words_in_place(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of `text` as it is folded, and where it starts and ends there."""
    for start, end in _spans(text):
        yield fold(text[start:end]), start, end


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for match in _TOKEN.finditer(text):
        token, offset = match.group(), match.start()
        if token.isalnum():
            yield match.span()
            continue
        start = None
        for at, character in enumerate(token + " ", start=offset):
            if _is_word(character):
                start = at if start is None else start
            elif start is not None:
                yield start, at
                start = None


def search_words(title: str, text: str, dialect: str) -> str:
    """The folded words of an article in the form that the database's index takes.

    For SQLite words with spaces between, for PostgreSQL a tsvector literal, whose positions are
    ours: neither database's own idea of a word comes into it.
    """
    found, positions = [], dict[str, list[int]]()
    size = 0
    for at, word in enumerate(islice(words(f"{title}\n{text}"), MOST_WORDS), start=1):
        size += len(word.encode())
        if size > MOST_BYTES:
            break
        places = positions.setdefault(word, [])
        if len(places) < _MOST_POSITIONS:
            places.append(at)
            found.append(word)
        else:
            found.append(_NO_WORD)
    if dialect != "postgresql":
        return " ".join(found)
    return " ".join(f"'{word}':{','.join(map(str, at))}" for word, at in positions.items())
