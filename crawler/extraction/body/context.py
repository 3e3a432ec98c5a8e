"""What the blocks around a block, and the elements it stands in, are likely to be."""

from collections import defaultdict
from collections.abc import Sequence
from math import log1p

from crawler.extraction.page.blocks import Block, Scope

REACH = 4
WINDOWS = (3, 10)
LEVELS = 4
MOST_CHARACTERS = 1_500
"""A long paragraph counts as one of so many characters."""


def context_rows(blocks: Sequence[Block], likely: Sequence[float]) -> list[list[float]]:
    """For each of some blocks that follow one another, each with how likely it is text: the same
    of its neighbours and of its elements, and how much text stands before and after."""
    count = len(blocks)
    sizes = [float(min(len(block.text), MOST_CHARACTERS)) for block in blocks]
    texts = [size * chance for size, chance in zip(sizes, likely, strict=True)]
    size_before, text_before = _sums(sizes), _sums(texts)
    whole = max(text_before[-1], 1.0)
    highest_before, highest_after = _highest(likely), _highest(likely[::-1])[::-1]
    in_scope: defaultdict[Scope, list[float]] = defaultdict(lambda: [0.0, 0.0])
    alike: defaultdict[object, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for block, size, text in zip(blocks, sizes, texts, strict=True):
        _add(alike[_likeness(block.scope)], text, size)
        scope: Scope | None = block.scope
        while scope is not None:
            _add(in_scope[scope], text, size)
            scope = scope.parent
    padded = [-1.0] * REACH + [*likely] + [-1.0] * REACH
    rows = []
    for i, block in enumerate(blocks):
        row = padded[i : i + 2 * REACH + 1]
        row += [text_before[i] / whole, 1.0 - text_before[i + 1] / whole]
        row += [highest_before[i], highest_after[i]]
        for reach in WINDOWS:
            low, high = max(0, i - reach), min(count, i + 1 + reach)
            for start, end in ((low, i), (i + 1, high)):
                size = max(size_before[end] - size_before[start], 1.0)
                row.append((text_before[end] - text_before[start]) / size)
        scope = block.scope
        for _ in range(LEVELS):
            if scope is None:
                row += [-1.0, -1.0]
            else:
                text, size = in_scope[scope]
                row += [text / size, text / whole]
                scope = scope.parent
        text, size = alike[_likeness(block.scope)]
        row += [text / size, text / whole, log1p(whole)]
        rows.append(row)
    return rows


def _likeness(scope: Scope) -> object:
    return scope.tag, scope.classes, scope.parent.classes if scope.parent is not None else None


def _add(total: list[float], text: float, size: float) -> None:
    total[0] += text
    total[1] += size


def _sums(values: Sequence[float]) -> list[float]:
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return sums


def _highest(values: Sequence[float]) -> list[float]:
    """The highest value before each; 0 before the first."""
    highest = [0.0]
    for value in values[:-1]:
        highest.append(max(highest[-1], value))
    return highest
