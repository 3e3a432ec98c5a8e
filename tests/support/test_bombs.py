import gzip
import zlib
from io import BytesIO

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from tests.support.bombs import UNFOLDED_BYTES, brotli_bomb, gzip_bomb, gzip_twice_bomb, zstd_bomb

TASTE = 8 * 1024**2


def test_the_gzip_bomb_unfolds_a_thousandfold() -> None:
    bomb = gzip_bomb()
    assert len(bomb) < 11 * 1024**2
    taste = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress(bomb, TASTE)
    assert taste == bytes(TASTE)


def test_the_gzip_bomb_is_one_whole_member() -> None:
    """The checksum by squaring: that of n zeros after a state is linear in the state."""
    bomb = gzip_bomb()
    checksum = int.from_bytes(bomb[-8:-4], "little")
    columns = [zlib.crc32(b"\0", 1 << bit ^ 0xFFFFFFFF) ^ 0xFFFFFFFF for bit in range(32)]

    def apply(matrix: list[int], state: int) -> int:
        result = 0
        for bit in range(32):
            if state >> bit & 1:
                result ^= matrix[bit]
        return result

    state, left = 0xFFFFFFFF, UNFOLDED_BYTES
    while left:
        if left & 1:
            state = apply(columns, state)
        columns = [apply(columns, column) for column in columns]
        left >>= 1
    assert checksum == state ^ 0xFFFFFFFF
    assert int.from_bytes(bomb[-4:], "little") == UNFOLDED_BYTES % 2**32


def test_the_gzip_bomb_folds_again() -> None:
    bomb = gzip_twice_bomb()
    assert len(bomb) < 64 * 1024
    assert gzip.decompress(bomb) == gzip_bomb()


def test_the_brotli_bomb_unfolds() -> None:
    bomb = brotli_bomb()
    assert len(bomb) < 64 * 1024
    taste = brotli.Decompressor().process(bomb, output_buffer_limit=TASTE)
    assert len(taste) >= TASTE // 2
    assert not taste.strip(b"\0")


@pytest.mark.parametrize("start", [0, UNFOLDED_BYTES // 2])
def test_the_zstd_bomb_unfolds(start: int) -> None:
    bomb = zstd_bomb()
    assert len(bomb) < 512 * 1024
    skipped = start // (128 * 1024) * 4
    header, blocks = bomb[:6], bomb[6 + skipped :]
    with zstandard.ZstdDecompressor().stream_reader(BytesIO(header + blocks)) as reader:
        assert reader.read(TASTE) == bytes(TASTE)
