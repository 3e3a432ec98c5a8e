"""The names of months, in the languages of the press.

They are Unicode's (CLDR), through Babel: in full and abbreviated, within a date and alone.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import product

from babel import Locale

# Where one name is two months the language named first has it: "listopad" is November in Czech
# and Polish, October in Croatian.
_LOCALES = (
    "en", "de", "de_AT", "fr", "es", "it", "pt", "nl", "sv", "nb", "da", "fi", "pl", "cs", "sk",
    "ru", "uk", "tr", "ro", "hu", "id", "ms", "vi", "el", "bg", "sr", "hr", "sl", "lt", "lv", "et",
    "ar", "ar_LB", "ar_DZ", "he", "fa", "hi", "bn", "ta", "te", "ml", "mr", "th", "ca", "gl", "eu",
    "is", "ga", "sq", "mk", "az", "ka", "hy", "kk", "af", "sw", "be", "cy",
)  # fmt: skip
# spellings and abbreviations in use that are not among those
_OTHERS = {"maerz": 3, "сен": 9, "ноя": 11}
_LETTERS = str.maketrans("ıłøđ", "ilod")
_HEBREW_IN = "ב"


def month_of(name: str) -> int | None:
    """The number of the month that goes by `name`, with or without marks and full stop."""
    names = _names()
    key = _bare(name)
    return names.get(key) or names.get(key.removeprefix(_HEBREW_IN))


@cache
def _names() -> dict[str, int]:
    """Read at the first date that names its month: it takes some 0.3 s."""
    names = dict(_OTHERS)
    for number, name in _known():
        names.setdefault(_bare(name), number)
    return names


def _known() -> Iterator[tuple[int, str]]:
    for identifier in _LOCALES:
        months = Locale.parse(identifier).months
        for context, width in product(("format", "stand-alone"), ("wide", "abbreviated")):
            yield from months[context][width].items()


def _bare(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(each for each in decomposed if not unicodedata.combining(each))
    return kept.translate(_LETTERS).strip(" .׳")
