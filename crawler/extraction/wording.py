"""Two spellings of one name or title, compared."""

import re
import unicodedata
from html import unescape

_WORD = re.compile(r"\w+")
# Kana, Han and Thai.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")


def plain(text: str) -> str:
    """White space squeezed and entities decoded: metadata is often escaped twice."""
    return " ".join(unescape(unescape(text)).split())


def words(text: str) -> list[str]:
    """The words of `text` in compatibility form (NFKC) and lower case."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def word_count(text: str) -> int:
    """How many words, with two characters to one in the scripts that put no spaces between them."""
    unspaced = sum(len(run) for run in _UNSPACED.findall(text))
    return len(text.split()) + unspaced // 2


def squash(text: str) -> str:
    """Letters and digits alone: equal for two spellings of one name or title."""
    return "".join(words(text))
