"""Bytes compressed with zstd (RFC 8878), alone or against a key page.

A key page is a raw dictionary (zstd's `content` dictionary): what a page has in common with it
costs next to nothing. What was prepared of a key is kept, in bounded memory, for the next page.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import zstandard

LEVEL: Final = 3
KEYED_LEVEL: Final = 6
"""Against a key page level 6 takes less CPU than level 3 does alone (docs/storage.md)."""
LARGEST: Final = 64 * 2**20
"""Bytes of one payload, compressed or not."""

_MEMORY: Final = 96 * 2**20  # bytes of prepared keys a process
_TABLE_ENTRY: Final = 4  # bytes, in each of zstd's two tables of a key


def compress(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=LEVEL).compress(data)


def decompress(data: bytes, key: "Key | None" = None) -> bytes:
    """The bytes that were compressed; raises zstandard.ZstdError beyond LARGEST."""
    # A frame that names its size is given as much memory as it asks for, whatever max_output_size.
    if zstandard.frame_content_size(data) > LARGEST:
        raise zstandard.ZstdError(f"larger than {LARGEST:,} bytes")
    decompressor = zstandard.ZstdDecompressor(dict_data=None if key is None else key.content)
    return decompressor.decompress(data, max_output_size=LARGEST)


class Key:
    """A key page, ready to be used."""

    def __init__(self, body: bytes) -> None:
        self._size = len(body)
        self._table_log: int = max(zstandard.HASHLOG_MIN, (self._size - 1).bit_length())
        self.content = zstandard.ZstdCompressionDict(body, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        self._parameters: zstandard.ZstdCompressionParameters | None = None
        self._preparing = threading.Lock()

    @property
    def memory(self) -> int:
        """Bytes that it takes at the most."""
        return 2 * self._size + (2 * _TABLE_ENTRY << self._table_log)

    def compress(self, data: bytes) -> bytes:
        compressor = zstandard.ZstdCompressor(
            dict_data=self.content, compression_params=self._prepared()
        )
        return compressor.compress(data)

    def _prepared(self) -> zstandard.ZstdCompressionParameters:
        with self._preparing:
            if self._parameters is None:
                # The end of a page as long as the key still reaches the key's beginning, and the
                # tables have room for every byte of it: the level's own forget a key past 1 MB.
                parameters = zstandard.ZstdCompressionParameters.from_level(
                    KEYED_LEVEL,
                    dict_size=self._size,
                    window_log=max(zstandard.WINDOWLOG_MIN, (2 * self._size).bit_length()),
                    hash_log=self._table_log,
                    chain_log=self._table_log,
                )
                self.content.precompute_compress(compression_params=parameters)
                self._parameters = parameters
            return self._parameters


class PreparedKeys:
    """The keys used last, by digest, as many as `memory` bytes have room for; the one asked for
    last stays in any case. Safe to share between threads."""

    def __init__(self, memory: int = _MEMORY) -> None:
        self._memory = memory
        self._kept: OrderedDict[bytes, Key] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    def get(self, digest: bytes, load: Callable[[], bytes]) -> Key:
        """The key of that digest; `load` gives its bytes where it is not prepared yet."""
        with self._lock:
            if (known := self._kept.get(digest)) is not None:
                self._kept.move_to_end(digest)
                return known
        key = Key(load())
        with self._lock:
            if digest not in self._kept:
                self._kept[digest] = key
                self._used += key.memory
            while self._used > self._memory and len(self._kept) > 1:
                self._used -= self._kept.popitem(last=False)[1].memory
        return key


prepared_keys = PreparedKeys()
"""Those of this process."""
