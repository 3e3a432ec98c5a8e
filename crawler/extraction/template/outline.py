"""A page's outline: the fingerprint of each block that may be its article's, in page order.

An entry is one line of text: key, kind, place and the beginning of the text, between tabs. The key
is the same for the same words in the same place, whatever their digits, so that "12 comments" and
"3 comments" are one block of a template, and a line of "1,001", "1 001" or "1.2k" of them is too.
Blocks that the page alone showed to be furniture are part of the outline, their kind marked by a
minus: another page may not show it. The kind of a block that is mostly a link is marked by an @.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from crawler.extraction.body.containers import PROSE_WEIGHT
from crawler.extraction.page.blocks import Block, Scope

PLACE_LEVELS = 4
EXAMPLE_CHARACTERS = 80
OUTLINE_BLOCKS = 1000

_DIGITS = re.compile(r"\d+")
_COUNT = re.compile(
    r"(?<!\d)\d{1,3}(?:[.,'’\s]\d{3})+(?!\d)"  # 1,001
    r"|\d+(?:[.,]\d+)?\s?(?:[kK]|M|Mio|Mrd|[Tt]sd)\b"  # 1.2k
    r"|\d+"
)
_NOT_WORD = re.compile(r"[\W_]+")
_AFTER_OPENING = re.compile(r"\s?[:>»→|–—]\s")  # as in "Most read: …"
_OPENING_CHARACTERS, _OPENING_WORDS = 50, 6
_LINKED = 0.5  # the share of a block's characters that stand in links
# their classes tell what an article is about as often as where it stands
_UNCLASSED = frozenset(["article", "main", "body", "html"])


class BlockKind(StrEnum):
    """A bold line stands for a heading."""

    HEADING = "h"
    PROSE = "p"
    LINE = "l"


@dataclass(frozen=True, slots=True)
class Entry:
    key: str
    kind: BlockKind
    place: str
    example: str
    kept: bool = True
    linked: bool = False

    def __str__(self) -> str:
        kind = f"{self.kind}{'' if self.kept else '-'}{'@' if self.linked else ''}"
        return "\t".join((self.key, kind, self.place, self.example))

    @classmethod
    def parse(cls, line: str) -> "Entry":
        """Raises ValueError for what is no line of an outline."""
        key, marked, place, example = line.split("\t", 3)
        kind, marks = BlockKind(marked[:1]), marked[1:]
        return cls(key, kind, place, example, "-" not in marks, "@" in marks)

    @property
    def is_text(self) -> bool:
        """Whether it is prose, and was taken for the article's own."""
        return self.kept and self.kind is BlockKind.PROSE

    @property
    def place_key(self) -> str:
        """The fingerprint of the place alone, whatever stands there."""
        return _fingerprint_of_place(self.place)

    @property
    def words_key(self) -> str:
        """The fingerprint of the words it begins with, wherever they stand: a redesign gives them
        another place."""
        return _fingerprint(_NOT_WORD.sub("", _DIGITS.sub("0", self.example.casefold())))

    @property
    def older_key(self) -> str | None:
        """The key that extractors before 14 gave it, for which "1,001" was two numbers; None where
        it is the same."""
        words = _numbers_folded(self.example)
        older = _DIGITS.sub("0", self.example)
        return None if words == older else _fingerprint(f"{self.place}\n{older}")

    @property
    def openings(self) -> tuple[str, ...]:
        """How a line begins: its words up to a colon, dash or arrow, then its first three and two
        words. What follows them is another article's headline in some templates."""
        if self.kind is BlockKind.HEADING:
            return ()
        found = []
        mark = _AFTER_OPENING.search(self.example, 1, _OPENING_CHARACTERS)
        if mark and len(self.example[: mark.start()].split()) <= _OPENING_WORDS:
            found.append(self.example[: mark.end()].rstrip())
        words = self.example.split(maxsplit=3)
        if len(words) == 4:
            found += [" ".join(words[:3]), " ".join(words[:2])]
        return tuple(found)

    def opening_key(self, opening: str) -> str:
        """The fingerprint of the place and one of `openings`, whatever follows."""
        return _fingerprint(f"{self.place}\n{opening} …")

    @property
    def text_container(self) -> str:
        """The place of the element that holds the block."""
        return self.place.rpartition("/")[0]


def outline_entry(block: Block, *, kept: bool = True) -> Entry:
    place = _place(block.scope)
    words = _numbers_folded(block.text)
    prose = block.weight >= PROSE_WEIGHT
    if block.scope.heading is not None or (block.strong and not prose):
        kind = BlockKind.HEADING
    else:
        kind = BlockKind.PROSE if prose else BlockKind.LINE
    return Entry(
        _fingerprint(f"{place}\n{words}"),
        kind,
        place,
        block.text[:EXAMPLE_CHARACTERS],
        kept,
        block.linked >= _LINKED,
    )


def outline_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    """The outline of a page's candidate blocks, of which no more than the first 1,000 count."""
    return tuple(map(str, islice(entries, OUTLINE_BLOCKS)))


def _numbers_folded(text: str) -> str:
    """The text with 0 for each number; of what is longer than a line that counts, for each run of
    digits."""
    return (_COUNT if len(text) < EXAMPLE_CHARACTERS else _DIGITS).sub("0", text)


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


# a site's pages have few places
_fingerprint_of_place = lru_cache(maxsize=8192)(_fingerprint)


def _place(scope: Scope | None) -> str:
    steps: list[str] = []
    while scope is not None and len(steps) < PLACE_LEVELS:
        steps.append(_step(scope.tag, scope.classes))
        scope = scope.parent
    return "/".join(reversed(steps))


@lru_cache(maxsize=8192)
def _step(tag: str, classes: frozenset[str]) -> str:
    return ".".join((tag, *(() if tag in _UNCLASSED else sorted(classes))))
