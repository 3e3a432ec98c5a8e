"""The difference between two texts, word by word, in the form that a person reads best.

Paragraphs are aligned first: alike ones are equal, an edited one is compared with the one it came
from, the others come and go whole. Inside a paragraph, words are: a run of letters, a number, a
character of a script that doesn't part words by spaces. Scattered words that happen to stay
between larger changes are shown as changed too, and a change begins where a word or sentence does.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from storage.database.words import UNSPACED
from storage.history.alignment import matches

MAX_PAIRS: Final = 20_000
"""Pairs of paragraphs whose words are compared; after these, paragraphs pair in their order."""

MAX_CHARACTERS: Final = 600_000
"""Of both texts together, that are compared word by word; of what changed beyond, only the ends
that are alike are told from the rest. No article comes near it, and a writer never waits long."""

_MAX_REGION_PAIRS: Final = 400
_KINSHIP: Final = 0.4
"""The share of words in common from which one paragraph is an edit of another."""

_NO_WORD: Final = (
    r"\s\x00-\x2f:-@\[-`{-\x7f\u00a1\u00a7\u00ab\u00b4\u00b6\u00b7\u00bb\u00bf"
    r"\u2010-\u205e\u3000-\u303f\uff00-\uff0f"
)
_TOKEN: Final = re.compile(rf"\d+(?:[.,]\d+)+|[{UNSPACED}]|[^{_NO_WORD}{UNSPACED}]+|.", re.DOTALL)
_PARAGRAPH: Final = re.compile(r"[^\n]*\n|[^\n]+")
_SENTENCE_END: Final = frozenset(".!?…。！？")


class DiffOp(StrEnum):
    EQUAL = "equal"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class DiffSegment:
    """A piece of text that both sides have, or one has. A line break only ever ends a segment."""

    op: DiffOp
    text: str


class _Allowance:
    """What of a comparison may still be done word by word."""

    __slots__ = ("characters", "pairs")

    def __init__(self) -> None:
        self.pairs = MAX_PAIRS
        self.characters = MAX_CHARACTERS

    def takes(self, old: Sequence[str], new: Sequence[str], *, pairs: int = 0) -> bool:
        """Whether these may be compared; then they are taken off."""
        characters = sum(map(len, old)) + sum(map(len, new))
        if pairs > self.pairs or characters > self.characters:
            return False
        self.pairs -= pairs
        self.characters -= characters
        return True


class _Change:
    """Tokens in place of others, and the equal ones that follow."""

    __slots__ = ("_deleted_weight", "_inserted_weight", "deleted", "equal", "inserted")

    def __init__(self, deleted: Sequence[str], inserted: Sequence[str]) -> None:
        self.deleted = list(deleted)
        self.inserted = list(inserted)
        self.equal: list[str] = []
        self._deleted_weight = _weight(deleted)
        self._inserted_weight = _weight(inserted)

    @property
    def weight(self) -> int:
        """Characters that a reader sees come or go."""
        return max(self._deleted_weight, self._inserted_weight)

    def absorb(self, following: "_Change") -> None:
        """Takes the next change in, and what was equal between the two as changed."""
        between = _weight(self.equal)
        self.deleted += self.equal + following.deleted
        self.inserted += self.equal + following.inserted
        self._deleted_weight += between + following._deleted_weight
        self._inserted_weight += between + following._inserted_weight
        self.equal = following.equal


def diff(old: str, new: str) -> list[DiffSegment]:
    """What turns `old` into `new`.

    Equal and deleted texts joined are `old`, equal and inserted ones `new`. Paragraphs are lines. A
    deletion comes before the insertion that takes its place. Equal texts give equal segments alone.
    A megabyte against another takes a second or two, whatever they hold: see MAX_CHARACTERS.
    """
    return list(_joined(_segments(old, new)))


def tokens(text: str) -> list[str]:
    """The words, numbers, marks and spaces of a text; joined they are the text."""
    return _TOKEN.findall(text)


def _segments(old: str, new: str) -> Iterator[DiffSegment]:
    before, after = _PARAGRAPH.findall(old), _PARAGRAPH.findall(new)
    allowance = _Allowance()
    i = j = 0
    for next_i, next_j in [*matches(before, after), (len(before), len(after))]:
        region = (next_i - i) * (next_j - j)
        removed, added = before[i:next_i], after[j:next_j]
        if region <= _MAX_REGION_PAIRS and allowance.takes(removed, added, pairs=region):
            pairs = kin(removed, added)
        else:
            pairs = _in_order(removed, added)
        yield from _region(removed, added, pairs, allowance)
        if next_i < len(before):
            yield DiffSegment(DiffOp.EQUAL, before[next_i])
        i, j = next_i + 1, next_j + 1


def _region(
    old: Sequence[str],
    new: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    allowance: _Allowance,
) -> Iterator[DiffSegment]:
    i = j = 0
    for next_i, next_j in [*pairs, (len(old), len(new))]:
        yield from (DiffSegment(DiffOp.DELETE, paragraph) for paragraph in old[i:next_i])
        yield from (DiffSegment(DiffOp.INSERT, paragraph) for paragraph in new[j:next_j])
        if next_i < len(old):
            yield from _edited(old[next_i], new[next_j], allowance)
        i, j = next_i + 1, next_j + 1


def _edited(old: str, new: str, allowance: _Allowance) -> Iterator[DiffSegment]:
    """A paragraph in place of another, word by word as far as that is allowed."""
    if allowance.takes((old,), (new,)):
        yield from _paragraph(old, new)
        return
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    yield DiffSegment(DiffOp.EQUAL, old[:start])
    if allowance.takes((middle,), (new_middle,)):
        yield from _paragraph(middle, new_middle)
    else:
        yield DiffSegment(DiffOp.DELETE, middle)
        yield DiffSegment(DiffOp.INSERT, new_middle)
    yield DiffSegment(DiffOp.EQUAL, old[len(old) - end :])


def _alike(old: str, new: str) -> int:
    """How many characters both begin with, up to a space."""
    shorter = min(len(old), len(new))
    end = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    return old.rfind(" ", 0, end) + 1


def _in_order(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    return [(i, i) for i in range(min(len(old), len(new)))]


def kin(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of texts, both rising, that have most words in common; in time and memory as the
    product of the two lengths."""
    new_words = [_words(paragraph) for paragraph in new]
    kinship = [[_kinship(words, other) for other in new_words] for words in map(_words, old)]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            paired = kinship[i][j] + best[i + 1][j + 1] if kinship[i][j] >= _KINSHIP else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs = []
    i = j = 0
    while i < len(old) and j < len(new) and best[i][j]:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs


def _words(paragraph: str) -> Counter[str]:
    return Counter(token for token in tokens(paragraph) if token[0].isalnum())


def _kinship(words: Counter[str], others: Counter[str]) -> float:
    """The Dice coefficient of two bags of words."""
    total = words.total() + others.total()
    return 2 * (words & others).total() / total if total else 0.0


def _paragraph(old: str, new: str) -> Iterator[DiffSegment]:
    changes = _changes(tokens(old), tokens(new))
    for previous, change in pairwise(changes):
        _slide(previous.equal, change)
    for change in changes:
        yield DiffSegment(DiffOp.DELETE, "".join(change.deleted))
        yield DiffSegment(DiffOp.INSERT, "".join(change.inserted))
        yield DiffSegment(DiffOp.EQUAL, "".join(change.equal))


def _changes(old: Sequence[str], new: Sequence[str]) -> list[_Change]:
    """The changes in order; the first may change nothing, when both sides begin alike."""
    changes: list[_Change] = []
    i = j = 0
    for next_i, next_j in [*matches(old, new), (len(old), len(new))]:
        if next_i > i or next_j > j or not changes:
            change = _Change(old[i:next_i], new[j:next_j])
            if changes and _is_scrap(changes[-1], change):
                changes[-1].absorb(change)
            else:
                changes.append(change)
        changes[-1].equal += old[next_i : next_i + 1]
        i, j = next_i + 1, next_j + 1
    return changes


def _is_scrap(change: _Change, following: _Change) -> bool:
    """Whether what stayed between two changes is shorter than both, and so no help to a reader."""
    weight = _weight(change.equal)
    return bool(change.weight and following.weight) and weight <= min(
        change.weight, following.weight
    )


def _weight(texts: Sequence[str]) -> int:
    return sum(len(text) for text in texts if not text.isspace())


def _slide(before: list[str], change: _Change) -> None:
    """Moves a lone insertion or deletion to where a sentence or a word begins, if it can.

    The same texts come from "a [b a] b" and "[a b] a b"; `before` is what stands in front.
    """
    if bool(change.deleted) == bool(change.inserted):
        return
    moving = change.deleted or change.inserted
    around = [*before, *moving, *change.equal]
    size = len(moving)
    lowest = highest = len(before)
    while lowest > 0 and around[lowest - 1] == around[lowest - 1 + size]:
        lowest -= 1
    while highest + size < len(around) and around[highest] == around[highest + size]:
        highest += 1
    start = max(range(lowest, highest + 1), key=lambda at: (_beginning(around, at), at))
    before[:] = around[:start]
    moving[:] = around[start : start + size]
    change.equal[:] = around[start + size :]


def _beginning(texts: Sequence[str], at: int) -> int:
    """2 where a sentence begins, 1 where a word does, else 0."""
    if at == 0 or (texts[at - 1].isspace() and at > 1 and texts[at - 2] in _SENTENCE_END):
        return 2
    return 1 if texts[at - 1].isspace() else 0


def _joined(segments: Iterable[DiffSegment]) -> Iterator[DiffSegment]:
    """Neighbours of one kind as one, within a paragraph; without empty ones."""
    held = DiffSegment(DiffOp.EQUAL, "")
    for segment in segments:
        if segment.op is held.op and not held.text.endswith("\n"):
            held = DiffSegment(held.op, held.text + segment.text)
        elif segment.text:
            if held.text:
                yield held
            held = segment
    if held.text:
        yield held
