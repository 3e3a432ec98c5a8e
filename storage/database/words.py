"""Words by which texts are compared: case and accents folded. Search has its own (search.analysis).

Folding is NFKD without its non-spacing accents (Unicode Standard Annex 15), then case folding.
A word is a run of letters, digits and the marks that scripts such as Devanagari write with.
Scripts that do not part words by spaces give a word a character, and are found as phrases.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST_WORD = 64  # characters; what is longer is not a word anyone looks for
UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""The scripts that part no words by spaces, as a regular expression's character class: Thai, Lao,
Burmese, Khmer, kana, Han."""

_VIRAMA = 9  # canonical combining class of the vowel killers of Indic scripts: no accent
_UNSPACED = re.compile(rf"[{UNSPACED}]")


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
    """The folded words of `text`, in order."""
    folded = fold(text)
    parted = {}
    for character in set(folded):
        if not _is_word(character):
            parted[ord(character)] = " "
        elif _UNSPACED.match(character):
            parted[ord(character)] = f" {character} "
    return (word[:LONGEST_WORD] for word in folded.translate(parted).split())
