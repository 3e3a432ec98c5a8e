"""Words that may not be kept, known by a keyed digest alone, and where a text has them.

A phrase is the letters and digits of some words, without case, accents and what stands between
them: `Jean-Élie Dupont`, `jean elie dupont` and the `jean-elie-dupont` of an address are one. It is
found wherever whole words that follow each other come to it, so markup that splits a word hides
nothing. Nothing of it is kept but the number of its characters and a digest that is keyed with
random bytes (docs/decisions/0043).
"""

import hashlib
import re
import secrets
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

MARK: Final = "[redacted]"
"""What stands where words were; in ASCII, so that every charset has it."""

FEWEST: Final = 2  # characters of a phrase
MOST: Final = 200

LINE: Final = re.compile(r"\n")

_KEY_BYTES: Final = 16
_DIGEST_BYTES: Final = 16
# Letters and digits; within a word also marks that combine, and what is not seen.
_WORD: Final = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff])*")
_TRANSLITERATED: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"}
)

Span = tuple[int, int]
"""Where a word begins and ends in a text."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that may not be kept."""

    key: bytes
    length: int
    digest: bytes

    @classmethod
    def of(cls, letters: str) -> "Phrase":
        """`letters` are as `spellings` gives them."""
        key = secrets.token_bytes(_KEY_BYTES)
        return cls(key, len(letters), keyed_digest(key, letters.encode()))


def keyed_digest(key: bytes, data: bytes) -> bytes:
    """16 bytes, BLAKE2 keyed (RFC 7693)."""
    return hashlib.blake2b(data, key=key, digest_size=_DIGEST_BYTES).digest()


def spellings(words: str) -> list[str]:
    """The letters of these words, as they are and as addresses transliterate them: `müller` and
    `mueller`. Raises ValueError where there are too few or too many."""
    plain = "".join(_folded(match[0]) for match in _WORD.finditer(words))
    lower = unicodedata.normalize("NFC", words).casefold().translate(_TRANSLITERATED)
    other = "".join(_folded(match[0]) for match in _WORD.finditer(lower))
    if not FEWEST <= len(plain) <= len(other) <= MOST:
        raise ValueError(f"{words!r}: give from {FEWEST} to {MOST} letters or digits")
    return [plain] if plain == other else [plain, other]


def find(text: str, phrases: Sequence[Phrase]) -> list[list[Span]]:
    """Where the text has one of the phrases: the words of each place, in order, which may overlap;
    of several that begin at one word the longest."""
    if not phrases:
        return []
    spans: list[Span] = []
    folded: list[str] = []
    ends = [0]  # how many characters the first words have
    for match in _WORD.finditer(text):
        if word := _folded(match[0]):
            spans.append(match.span())
            folded.append(word)
            ends.append(ends[-1] + len(word))
    place = {end: at for at, end in enumerate(ends)}
    by_length: defaultdict[int, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        by_length[phrase.length].append(phrase)
    longest_first = sorted(by_length.items(), reverse=True, key=lambda it: it[0])
    found: list[list[Span]] = []
    for first, end in enumerate(ends[:-1]):
        for length, several in longest_first:
            last = place.get(end + length)
            if last is None:
                continue
            letters = "".join(folded[first:last]).encode()
            if any(keyed_digest(it.key, letters) == it.digest for it in several):
                found.append(spans[first:last])
                break
    return found


def says(value: Any, phrases: Sequence[Phrase]) -> bool:
    """Whether a JSON document has one of the phrases in a string or in the name of a field."""
    match value:
        case str():
            return bool(find(value, phrases))
        case list() | tuple():
            return any(says(it, phrases) for it in value)
        case dict():
            return any(says(it, phrases) for it in (*value.keys(), *value.values()))
    return False


def replacements(
    text: str, places: Sequence[Sequence[Span]], apart: re.Pattern[str], mark: str = MARK
) -> list[tuple[int, int, str]]:
    """What stands instead at these places, which may overlap: begin, end and the words, in order.
    Where `apart` is found between the words of a place, what is between them stays."""
    gone: list[tuple[int, int, str]] = []
    for words in places:
        start, end = words[0][0], words[-1][1]
        between = (text[a[1] : b[0]] for a, b in pairwise(words))
        if any(apart.search(it) for it in between):
            gone += ((a, b, "" if at else mark) for at, (a, b) in enumerate(words))
        else:
            gone.append((start, end, mark))
    kept: list[tuple[int, int, str]] = []
    at = 0
    for start, end, words_there in sorted(gone, key=lambda it: (it[0], -it[1])):
        if start >= at:
            kept.append((start, end, words_there))
        elif end > at:
            kept.append((at, end, ""))
        at = max(at, end)
    return kept


def replaced(text: str, gone: Sequence[tuple[int, int, str]], start: int, end: int) -> str:
    """That part of the text, with what stands instead of words in it."""
    parts, at = [], start
    for first, last, mark in gone:
        if start <= first and last <= end:
            parts += [text[at:first], mark]
            at = last
    return "".join([*parts, text[at:end]])


def redacted_text(text: str, phrases: Sequence[Phrase], mark: str = MARK) -> str:
    """The text with `mark` where it has one of the phrases; line breaks stay."""
    gone = replacements(text, find(text, phrases), LINE, mark)
    return replaced(text, gone, 0, len(text)) if gone else text


def redacted_document(value: Any, redact: Callable[[str], str]) -> Any:
    """A JSON document with each of its strings redacted, the names of its fields too."""
    match value:
        case str():
            return redact(value)
        case list() | tuple():
            return [redacted_document(it, redact) for it in value]
        case dict():
            return {redact(name): redacted_document(it, redact) for name, it in value.items()}
    return value


@lru_cache(maxsize=65_536)
def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    # Twice: case-folding may give what decomposes.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return "".join(it for it in plain if it.isalnum())
