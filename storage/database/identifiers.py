"""Permanent identifiers of versions: what a paper cites (docs/decisions/0027).

Sixteen characters of Crockford's base 32 (https://www.crockford.com/base32.html) in lower case: 75
bits of a digest, and a check character, modulo 37, by which a slip of one character or two swapped
neighbours is noticed. Those are chosen whose check is one of the 32, and which begin with a letter,
so that none is a number.
"""

import hashlib
from itertools import count
from typing import Final

LENGTH: Final = 16

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_BITS: Final = 5 * (LENGTH - 1)
_CHECK: Final = 37
_READ_AS: Final = str.maketrans("ilo", "110", "-")


def version_identifier(
    article_id: int, number: int, fetch_id: int, digest: bytes, recorded_content: bytes
) -> str:
    """The identifier that a version is given when it is recorded, from what of it never changes:
    article and number as they are then, the fetch, and what was stored and read of it."""
    given = f"{article_id}\n{number}\n{fetch_id}\n{digest.hex()}\n{recorded_content.hex()}\n"
    for attempt in count():
        hashed = hashlib.sha256(f"{given}{attempt}".encode()).digest()
        value = int.from_bytes(hashed) >> (8 * len(hashed) - _BITS)
        digits = [_ALPHABET[value >> at & 31] for at in range(_BITS - 5, -1, -5)]
        if value % _CHECK < len(_ALPHABET) and digits[0].isalpha():
            return "".join([*digits, _ALPHABET[value % _CHECK]])
    raise AssertionError("unreachable")


def parse_identifier(text: str) -> str | None:
    """The identifier that was written, in capitals, with hyphens, or with i, l and o for 1 and 0;
    None for what is none, a slip of the pen too."""
    plain = text.strip().lower().translate(_READ_AS)
    if len(plain) != LENGTH or not plain[0].isalpha() or not set(plain) <= set(_ALPHABET):
        return None
    value = 0
    for character in plain[:-1]:
        value = value << 5 | _ALPHABET.index(character)
    return plain if _ALPHABET.index(plain[-1]) == value % _CHECK else None
