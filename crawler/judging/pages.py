"""A page as it is judged: what its reader saw of the article, and how the page is built."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import takewhile

from crawler.extraction.article import TextBlock

_SHINGLE = 3
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class PageText:
    """What one page says, read with the template of its layout. `layout` is that layout's
    key; `partial` is a text that a wall cuts short, and `repeating` what the template took
    out."""

    title: str
    blocks: tuple[TextBlock, ...]
    layout: str = ""
    published_at: datetime | None = None
    modified_at: datetime | None = None
    partial: bool = False
    repeating: tuple[TextBlock, ...] = ()

    @cached_property
    def words(self) -> int:
        return sum(len(block.text.split()) for block in self.blocks)

    @cached_property
    def folded(self) -> str:
        """All letters and digits of the text, in small letters, and nothing else."""
        return "".join(folded(block.text) for block in self.blocks)

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        """Each three words that follow one another."""
        found = _NOT_WORD.sub(" ", " ".join(b.text.casefold() for b in self.blocks)).split()
        return frozenset(
            tuple(found[i : i + _SHINGLE]) for i in range(max(1, len(found) - _SHINGLE + 1))
        )

    @cached_property
    def main_place(self) -> str:
        """Where most of the text stands."""
        sizes: dict[str, int] = {}
        for block in self.blocks:
            sizes[block.place] = sizes.get(block.place, 0) + len(block.text)
        return max(sorted(sizes), key=lambda place: sizes[place], default="")

    @cached_property
    def above(self) -> Mapping[str, str]:
        """What stands above the text, by its place, where a place holds one block."""
        opening = takewhile(lambda block: block.place != self.main_place, self.blocks)
        found: dict[str, list[str]] = defaultdict(list)
        for block in opening:
            found[block.place].append(block.text)
        return {place: texts[0] for place, texts in found.items() if len(texts) == 1}


def folded(text: str) -> str:
    return _NOT_WORD.sub("", text.casefold())


def shared(one: PageText, other: PageText) -> float:
    """From 0 to 1: how much of the shorter of two texts is in the other one too."""
    least = min(len(one.shingles), len(other.shingles))
    return len(one.shingles & other.shingles) / least if least else 0.0
