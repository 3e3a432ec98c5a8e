"""What is compressed comes back, with a key and without, in bounded memory."""

import os

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from storage.ledger.compression import LARGEST, Key, PreparedKeys, compress, decompress


@given(st.binary(max_size=2_000))
def test_what_is_compressed_comes_back(body: bytes) -> None:
    assert decompress(compress(body)) == body


@given(st.binary(min_size=1, max_size=2_000), st.binary(max_size=2_000))
def test_what_is_compressed_against_a_key_comes_back(page: bytes, body: bytes) -> None:
    for data in (Key(page).compress(body), Key(page).compress(page + body)):
        assert decompress(data, Key(page)) in (body, page + body)


@pytest.mark.parametrize("size", [10_000, 2 * 2**20])
def test_the_whole_of_a_key_is_of_use(size: int) -> None:
    page = os.urandom(size)
    key = Key(page)
    assert len(key.compress(b"moved" + page)) < 400
    assert len(key.compress(page[size // 2 :] + page[: size // 2])) < 400


@pytest.mark.parametrize("names_its_size", [True, False])
@pytest.mark.parametrize("key", [None, Key(b"a key")])
def test_a_bomb_is_not_unpacked(names_its_size: bool, key: Key | None) -> None:
    bomb = zstandard.ZstdCompressor(write_content_size=names_its_size).compress(bytes(LARGEST + 1))
    assert len(bomb) < LARGEST / 1000
    with pytest.raises(zstandard.ZstdError):
        decompress(bomb, key)


def test_keys_are_kept_within_their_memory() -> None:
    pages = {bytes([n]) * 32: os.urandom(10_000) for n in range(5)}
    keys = PreparedKeys(memory=2 * Key(bytes(10_000)).memory)
    loads = []

    def get(digest: bytes) -> Key:
        def load() -> bytes:
            loads.append(digest[0])
            return pages[digest]

        return keys.get(digest, load)

    for n in (0, 0, 1, 0, 2, 0, 1):
        assert len(get(bytes([n]) * 32).compress(pages[bytes([n]) * 32])) < 100
    assert loads == [0, 1, 2, 1]  # the one that was used last but one went
