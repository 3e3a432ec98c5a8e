"""A site-wide change in words: what came, went or was put in other words, for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from crawler.judging.comparison import Signature

_BECAME = "→"


class What(StrEnum):
    """What happened to part of the pages. `LEARNED` is what is known to be the site's only since
    then and may have been there before, `LEFT_IN` what is taken out of texts no longer."""

    CAME = "came"
    LEARNED = "learned"
    LEFT_IN = "left-in"
    WENT = "went"
    REWORDED = "reworded"
    COUNTED = "counted"
    TITLE = "title"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Told:
    """Part of a site-wide change. `key` is its block's, as in templates, where it is one block;
    `before` and `after` are words, None where none were there or they were not kept. Where each
    page has words of its own there is the `place` alone, where these stand on the page. `pages` is
    on how many it was seen, where that was counted."""

    what: What
    key: str | None = None
    place: str | None = None
    before: str | None = None
    after: str | None = None
    pages: int | None = None


def tell(signature: Signature, examples: Mapping[str, str]) -> Told:
    """What a signature (comparison.Change) says, with the words that blocks of these keys begin
    with. Raises ValueError for what is none."""
    match signature:
        case ("+", key):
            return Told(What.CAME, key, after=examples.get(key))
        case ("-", key):
            return Told(What.WENT, key, before=examples.get(key))
        case ("#", key):
            return Told(What.COUNTED, key, after=examples.get(key))
        case ("+@", place):
            return Told(What.CAME, place=place)
        case ("-@", place):
            return Told(What.WENT, place=place)
        case ("~@", _, place):
            return Told(What.REWORDED, place=place)
        case ("t@",):
            return Told(What.TITLE)
        case ("order",):
            return Told(What.ORDER)
        case ("~" | "t" as sign, *words) if _BECAME in words:
            at = words.index(_BECAME)
            what = What.TITLE if sign == "t" else What.REWORDED
            before, after = " ".join(words[:at]), " ".join(words[at + 1 :])
            return Told(what, before=before or None, after=after or None)
    raise ValueError(f"no signature of a change: {signature!r}")


def keys_of(signature: Signature) -> set[str]:
    """The keys of the blocks that it names."""
    match signature:
        case ("+" | "-" | "#", key):
            return {key}
    return set()
