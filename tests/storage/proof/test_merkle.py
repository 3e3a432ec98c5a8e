"""Trees as RFC 9162 has them."""

import hashlib

import pytest

from storage.proof.merkle import EMPTY, leaf_hash, root_by_path, root_of, siblings

# The leaves that Certificate Transparency's implementations test with, and their root.
LEAVES = [
    bytes.fromhex(it)
    for it in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def defined_root(hashes: list[bytes]) -> bytes:
    """As section 2.1.1 defines it."""
    if len(hashes) < 2:
        return hashes[0] if hashes else EMPTY
    half = 1
    while 2 * half < len(hashes):
        half *= 2
    return hashlib.sha256(
        b"\x01" + defined_root(hashes[:half]) + defined_root(hashes[half:])
    ).digest()


def test_a_known_tree() -> None:
    assert root_of(map(leaf_hash, LEAVES)).hex() == ROOT


def test_trees_of_every_size_and_the_path_of_each_leaf() -> None:
    for size in range(20):
        hashes = [leaf_hash(bytes([number])) for number in range(size)]
        root = root_of(hashes)
        assert root == defined_root(hashes)
        for position, leaf in enumerate(hashes):
            path = [root_of(hashes[start:end]) for start, end in siblings(position, size)]
            assert root_by_path(leaf, position, size, path) == root
            for other in range(size):
                if other != position:
                    assert root_by_path(hashes[other], position, size, path) != root
                    assert root_by_path(leaf, other, size, path) != root
            assert root_by_path(leaf, position, size, [*path, EMPTY]) != root
            assert not path or root_by_path(leaf, position, size, path[:-1]) != root


def test_a_leaf_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="no leaf 3 of 3"):
        siblings(3, 3)
    assert root_by_path(EMPTY, 1, 1, []) is None
