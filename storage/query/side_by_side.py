"""Two texts paragraph beside paragraph, with the words that changed, and what only moved."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from storage.history.diffs import DiffOp, DiffSegment, diff, tokens

_MOVED: Final = 0.8
"""The share of words in common from which a paragraph that went is one that came elsewhere."""
_FEWEST_WORDS: Final = 4  # of a paragraph that can be told to have moved
_MOST_PAIRS: Final = 10_000  # of paragraphs that are compared for it


class RowKind(StrEnum):
    """What became of a paragraph."""

    SAME = "same"
    EDITED = "edited"
    REMOVED = "removed"
    ADDED = "added"
    MOVED_FROM = "moved-from"
    MOVED_TO = "moved-to"


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of the old text, of the new one, or of both. `pieces` are both, word by word;
    `move` is one number for the two places of a paragraph that moved."""

    kind: RowKind
    pieces: tuple[DiffSegment, ...]
    move: int | None = None

    @property
    def old(self) -> tuple[DiffSegment, ...]:
        return tuple(it for it in self.pieces if it.op is not DiffOp.INSERT)

    @property
    def new(self) -> tuple[DiffSegment, ...]:
        return tuple(it for it in self.pieces if it.op is not DiffOp.DELETE)

    @property
    def text(self) -> str:
        return "".join(it.text for it in self.pieces)


def side_by_side(old: str, new: str) -> list[Row]:
    """What becomes of each paragraph, in the order of both texts. A paragraph that moved is there
    twice; where words of it changed too, its new place shows them."""
    return _with_moves(list(_rows(diff(f"{old}\n", f"{new}\n"))))


def _rows(segments: Iterable[DiffSegment]) -> Iterator[Row]:
    pieces: list[DiffSegment] = []
    for segment in segments:
        ends = segment.text.endswith("\n")
        pieces.append(DiffSegment(segment.op, segment.text.removesuffix("\n")))
        if ends:
            kept = tuple(it for it in pieces if it.text)
            if kept:
                yield Row(_kind(kept), kept)
            pieces = []


def _kind(pieces: Sequence[DiffSegment]) -> RowKind:
    ops = {it.op for it in pieces}
    if ops == {DiffOp.EQUAL}:
        return RowKind.SAME
    if ops == {DiffOp.DELETE}:
        return RowKind.REMOVED
    return RowKind.ADDED if ops == {DiffOp.INSERT} else RowKind.EDITED


def _with_moves(rows: list[Row]) -> list[Row]:
    removed = [place for place, row in enumerate(rows) if row.kind is RowKind.REMOVED]
    added = [place for place, row in enumerate(rows) if row.kind is RowKind.ADDED]
    if len(removed) * len(added) > _MOST_PAIRS:
        return rows
    words = {place: _words(rows[place].text) for place in (*removed, *added)}
    pairs = sorted(
        (-share, old, new)
        for old in removed
        for new in added
        if (share := _in_common(words[old], words[new])) >= _MOVED
    )
    found = list(rows)
    taken: set[int] = set()
    moves = 0
    for _, old, new in pairs:
        if old in taken or new in taken:
            continue
        taken |= {old, new}
        moves += 1
        found[old] = replace(rows[old], kind=RowKind.MOVED_FROM, move=moves)
        pieces = tuple(diff(rows[old].text, rows[new].text))
        found[new] = Row(RowKind.MOVED_TO, pieces, moves)
    return found


def _words(text: str) -> Counter[str]:
    return Counter(token for token in tokens(text) if token[0].isalnum())


def _in_common(words: Counter[str], others: Counter[str]) -> float:
    """The Dice coefficient of two bags of words; 0 for few words."""
    if min(words.total(), others.total()) < _FEWEST_WORDS:
        return 0.0
    return 2 * (words & others).total() / (words.total() + others.total())
