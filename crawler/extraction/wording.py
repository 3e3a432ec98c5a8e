"""Two spellings of one name or title, compared."""

import re
import unicodedata
from html import unescape

_WORD = re.compile(r"\w+")


def plain(text: str) -> str:
    """White space squeezed and entities decoded: metadata is often escaped twice."""
    return " ".join(unescape(unescape(text)).split())


def words(text: str) -> list[str]:
    """The words of `text` in compatibility form (NFKC) and lower case."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def squash(text: str) -> str:
    """Letters and digits alone: equal for two spellings of one name or title."""
    return "".join(words(text))
