"""Two spellings of one name or title, compared."""

import re
import unicodedata
from html import unescape

_WORD = re.compile(r"\w+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Kana, Han and Thai.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")


def squeeze(text: str) -> str:
    """White space as a browser shows it: a run of it is one space, none stands at the ends.

    The ideographic space is no white space to HTML: it divides Japanese headlines, and stays.
    """
    if "\u3000" not in text:
        return " ".join(text.split())
    return "\u3000".join(" ".join(part.split()) for part in text.split("\u3000")).strip()


def plain(text: str) -> str:
    """White space squeezed and entities decoded: metadata is often escaped twice."""
    return squeeze(unescape(unescape(text)))


def words(text: str) -> list[str]:
    """The words of `text` in compatibility form (NFKC) and lower case."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def word_count(text: str) -> int:
    """How many words, with two characters to one in the scripts that put no spaces between them."""
    count = len(text.split())
    return count if text.isascii() else count + sum(map(len, _UNSPACED.findall(text))) // 2


def squash(text: str) -> str:
    """Letters and digits alone: equal for two spellings of one name or title."""
    return "".join(words(text))


def weight(text: str) -> int:
    """Length in characters, an ideograph or syllable counting as three."""
    size = len(text)
    return size if text.isascii() else size + 2 * len(_CJK.findall(text))


def fold(text: str) -> str:
    """Words in lower case between single spaces, for comparing texts."""
    return f" {' '.join(_WORD.findall(text.lower()))} "
