"""Small bodies that unfold into 10 GiB of zeros: whole, valid streams of one member each."""

import gzip
import struct
import zlib
from functools import cache

import brotli  # type: ignore[import-untyped]

UNFOLDED_BYTES = 10 * 1024**3

_SEGMENT = bytes(10 * 1024**2)
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
_CRC_OF_ALL_ZEROS = 0xF41D912F
_EMPTY_LAST_DEFLATE_BLOCK = b"\x03\x00"

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_NO_SIZE_NO_CHECKSUM = b"\x00"
_ZSTD_WINDOW_OF_128_KIB = b"\x38"
_ZSTD_BLOCK_BYTES = 128 * 1024
_ZSTD_RUN_LENGTH = 1 << 1
_ZSTD_LAST = 1


@cache
def gzip_bomb() -> bytes:
    """10 MB. After a full flush the same input compresses to the same bytes, which repeat."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    segment = compressor.compress(_SEGMENT) + compressor.flush(zlib.Z_FULL_FLUSH)
    trailer = struct.pack("<II", _CRC_OF_ALL_ZEROS, UNFOLDED_BYTES % 2**32)
    repeats = UNFOLDED_BYTES // len(_SEGMENT)
    return _GZIP_HEADER + segment * repeats + _EMPTY_LAST_DEFLATE_BLOCK + trailer


@cache
def gzip_twice_bomb() -> bytes:
    """50 kB that unfold into the gzip bomb: for `Content-Encoding: gzip, gzip`."""
    return gzip.compress(gzip_bomb(), mtime=0)


@cache
def brotli_bomb() -> bytes:
    """27 kB. From the second on, each flushed segment is the same bytes."""
    compressor = brotli.Compressor(quality=5)
    first, second = (compressor.process(_SEGMENT) + compressor.flush() for _ in range(2))
    repeats = UNFOLDED_BYTES // len(_SEGMENT) - 1
    end: bytes = compressor.finish()
    return bytes(first) + bytes(second) * repeats + end


@cache
def zstd_bomb() -> bytes:
    """330 kB of run-length blocks (RFC 8878, section 3.1.1.2)."""
    header = _ZSTD_MAGIC + _ZSTD_NO_SIZE_NO_CHECKSUM + _ZSTD_WINDOW_OF_128_KIB
    repeats = UNFOLDED_BYTES // _ZSTD_BLOCK_BYTES - 1
    return header + _zstd_zeros(last=0) * repeats + _zstd_zeros(last=_ZSTD_LAST)


def _zstd_zeros(*, last: int) -> bytes:
    return (_ZSTD_BLOCK_BYTES << 3 | _ZSTD_RUN_LENGTH | last).to_bytes(3, "little") + b"\x00"
