"""What the names of the elements around a block are worth, in numbers."""

from collections.abc import Mapping, Sequence

from crawler.extraction.body.features import PageFeatures, Row
from crawler.extraction.page.blocks import Scope

LEVELS = 3


def name_rows(page: PageFeatures, blocks: Sequence[int], scores: Mapping[str, float]) -> list[Row]:
    """What the names of the elements around some blocks are worth, by `scores`.

    The names around the main element say nothing of one block more than of another.
    """
    named = _Named(scores)
    rows = []
    for i in blocks:
        lowest, highest = named[page.blocks[i].names]
        row = [lowest]
        total = lowest + highest
        scope: Scope | None = page.blocks[i].scope
        while scope is not None and scope not in page.around_main:
            low, high = named[scope.names]
            row.append(low)
            lowest, highest = min(lowest, low), max(highest, high)
            total += low + high
            scope = scope.parent
        row = (row + [0.0] * LEVELS)[: LEVELS + 1]
        around = 0.0
        while scope is not None:
            around = min(around, named[scope.names][0])
            scope = scope.parent
        rows.append([*row, lowest, highest, total, around])
    return rows


class _Named(dict[frozenset[str], tuple[float, float]]):
    """The lowest and the highest score of some names; 0 where there is none below, or above."""

    def __init__(self, scores: Mapping[str, float]) -> None:
        self.scores = scores

    def __missing__(self, names: frozenset[str]) -> tuple[float, float]:
        known = [self.scores[name] for name in names if name in self.scores]
        self[names] = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
        return self[names]
