"""Merkle trees as of RFC 9162, section 2.1, over leaves that come as a stream.

Nothing is held but one hash a level: a day's tree may have millions of leaves.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

EMPTY: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows from the left."""

    def __init__(self) -> None:
        self._complete: list[tuple[int, bytes]] = []  # subtrees, each smaller: leaves and root

    def add(self, leaf: bytes) -> None:
        """A leaf more, by its hash."""
        size, node = 1, leaf
        while self._complete and self._complete[-1][0] == size:
            node, size = _node_hash(self._complete.pop()[1], node), 2 * size
        self._complete.append((size, node))

    def root(self) -> bytes:
        """The root of the tree as it is."""
        if not self._complete:
            return EMPTY
        *rest, (_, root) = self._complete
        for _, node in reversed(rest):
            root = _node_hash(node, root)
        return root


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root of the tree of these leaf hashes."""
    tree = Tree()
    for leaf in hashes:
        tree.add(leaf)
    return tree.root()


def siblings(position: int, size: int) -> list[tuple[int, int]]:
    """The subtrees whose roots are the path of a leaf, from the leaf up: the first leaf of each and
    the one after its last. Raises ValueError where a tree of `size` leaves has no such leaf."""
    if not 0 <= position < size:
        raise ValueError(f"no leaf {position} of {size}")
    found, start, end = [], 0, size
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if position < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def root_by_path(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf's hash and its path lead to (section 2.1.3.2); None for a path that is
    none of such a leaf."""
    if not 0 <= position < size:
        return None
    rest: Iterator[bytes] = iter(path)
    node, last = leaf, size - 1
    for sibling in rest:
        if last == 0:
            return None
        if position & 1 or position == last:
            node = _node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = _node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return node if last == 0 else None
