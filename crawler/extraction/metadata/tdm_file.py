"""A site's /.well-known/tdmrep.json: which of its pages it reserves from text and data mining.

TDM Reservation Protocol, section 6.2,
https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/: an array of rules, of which
the first in sequence counts whose `location` matches. That is a path as in robots.txt, where `*`
is any characters and `$` the end, in upper and lower case as it is written.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

MAX_BYTES: Final = 128 * 1024
"""A longer file says nothing: half of a JSON document can't be read."""

_MOST_RULES: Final = 1_000
_LONGEST: Final = 2_000  # characters of a location or a policy's address
_RESERVATIONS: Final = {0: False, 1: True, "0": False, "1": True}
_PLAIN: Final = re.compile(r"%(2[DE]|3\d|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])", re.IGNORECASE)
_SAFE: Final = "%/:?#[]@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class TdmRule:
    """What the file says of some pages: whether mining is reserved, and the policy's address."""

    reserved: bool
    policy: str | None = None


def rule_of(body: bytes | None, url: str | None) -> TdmRule | None:
    """What this tdmrep.json says of the page at `url`; None where it says nothing, is none, or is
    put wrongly, in whatever way."""
    if not body or not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = _comparable(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
    return next((rule for location, rule in _rules(body) if _matches(location, path)), None)


@lru_cache(maxsize=64)
def _rules(body: bytes) -> tuple[tuple[str, TdmRule], ...]:
    """The rules that are put rightly, by location, in the file's order."""
    if len(body) > MAX_BYTES:
        return ()
    try:
        given = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return ()
    rules = []
    for it in given[:_MOST_RULES] if isinstance(given, list) else ():
        location, reservation = (
            (it.get("location"), it.get("tdm-reservation"))
            if isinstance(it, dict)
            else (None, None)
        )
        # True is 1 to Python, and no number to JSON.
        if not isinstance(reservation, int | str) or isinstance(reservation, bool):
            continue
        reserved = _RESERVATIONS.get(reservation)
        if not isinstance(location, str) or len(location) > _LONGEST or reserved is None:
            continue
        rules.append((_comparable(location), TdmRule(reserved, _policy(it.get("tdm-policy")))))
    return tuple(rules)


def _policy(given: object) -> str | None:
    if not isinstance(given, str) or not 0 < len(given.strip()) <= _LONGEST:
        return None
    return given.strip()


def _comparable(path: str) -> str:
    """With what need not be escaped plain, and the rest escaped, in upper case."""
    plain = _PLAIN.sub(lambda found: chr(int(found[1], 16)), path)
    escaped = quote(plain, safe=_SAFE, errors="replace")
    return re.sub(r"%[0-9a-f]{2}", lambda found: found[0].upper(), escaped, flags=re.IGNORECASE)


def _matches(location: str, path: str) -> bool:
    """Whether the pattern matches from the path's start. In linear time, whatever its stars."""
    if not location.startswith(("/", "*")):
        return False
    first, *rest = location.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    end = rest.pop() if rest and location.endswith("$") else None
    for part in rest:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if end is not None:
        return path.endswith(end) and len(path) - len(end) >= at
    return at == len(path) if location.endswith("$") else True
