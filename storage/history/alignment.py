"""Which elements of two sequences are the same: a longest common subsequence in bounded time.

Ends that are alike are set aside; what lies between is solved exactly while it is small (Hyyrö's
bit-parallel algorithm, "Bit-parallel LCS-length computation revisited", 2004), and cut at the
elements, or runs of four, that occur once on each side (Cohen's patience diff) while it is not.
Where neither helps, nothing is matched. difflib, whose cost is cubic at worst, has no such bound.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Final

MAX_CELLS: Final = 4_000_000
"""The product of two lengths up to which a region is solved exactly."""


def matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The positions of equal elements, both rising; the same for the same input, always."""
    found: list[tuple[int, int]] = []
    regions = [(0, len(old), 0, len(new))]
    while regions:
        start, end, new_start, new_end = regions.pop()
        while start < end and new_start < new_end and old[start] == new[new_start]:
            found.append((start, new_start))
            start, new_start = start + 1, new_start + 1
        while start < end and new_start < new_end and old[end - 1] == new[new_end - 1]:
            end, new_end = end - 1, new_end - 1
            found.append((end, new_end))
        if start == end or new_start == new_end:
            continue
        before, after = old[start:end], new[new_start:new_end]
        if len(before) * len(after) <= MAX_CELLS:
            found += [(start + i, new_start + j) for i, j in _common(before, after)]
            continue
        anchors = _unique_in_both(before, after) or _unique_in_both(
            _shingles(before), _shingles(after)
        )
        if anchors:
            cuts = [(start + i, new_start + j) for i, j in anchors]
            bounds = [(start, new_start), *cuts, (end, new_end)]
            regions += [(i, next_i, j, next_j) for (i, j), (next_i, next_j) in pairwise(bounds)]
    return sorted(found)


def _common(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """A longest common subsequence; a set bit of a row is a column that it can do without."""
    columns: dict[str, int] = {}
    for j, element in enumerate(new):
        columns[element] = columns.get(element, 0) | 1 << j
    everything = (1 << len(new)) - 1
    row = everything
    rows = []
    for element in old:
        both = row & columns.get(element, 0)
        row = ((row + both) | (row - both)) & everything
        rows.append(row)
    found = []
    i, j = len(old), len(new)
    while i and j:
        if rows[i - 1] >> (j - 1) & 1:
            j -= 1
            continue
        i -= 1
        if i == 0 or rows[i - 1] >> (j - 1) & 1:
            j -= 1
            found.append((i, j))
    return found


def _shingles(elements: Sequence[str]) -> list[tuple[str, ...]]:
    """Each element with the three after it: often unique where single elements are not."""
    return list(zip(*(elements[offset:] for offset in range(4)), strict=False))


def _unique_in_both(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The longest rising series of elements that each side has exactly once."""
    once_old, once_new = Counter(old), Counter(new)
    places = {element: j for j, element in enumerate(new) if once_new[element] == 1}
    ends: list[int] = []
    last: list[int] = []
    pairs: list[tuple[int, int, int]] = []
    for i, element in enumerate(old):
        if once_old[element] == 1 and element in places:
            j = places[element]
            length = bisect_left(ends, j)
            ends[length : length + 1] = [j]
            last[length : length + 1] = [len(pairs)]
            pairs.append((i, j, last[length - 1] if length else -1))
    found = []
    at = last[-1] if last else -1
    while at != -1:
        i, j, at = pairs[at]
        found.append((i, j))
    return found[::-1]
