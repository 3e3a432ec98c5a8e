import gzip
import zlib

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from crawler.importing import bodies
from crawler.importing.bodies import without_chunks, without_encodings
from crawler.importing.streams import Broken

TEXT = b"<p>The ferry returns.</p>" * 20


def _name(value: object) -> str:
    return value if isinstance(value, str) else "data"


def test_chunks() -> None:
    assert without_chunks(b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n") == b"hello world"
    for plain in (b"<html>", b"", b"5 apples\n", b"face the music"):
        assert without_chunks(plain) == plain
    with pytest.raises(Broken):
        without_chunks(b"5\r\nhello\r\nff\r\n world")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT, wbits=-15)),
        ("br", brotli.compress(TEXT)),
        ("zstd", zstandard.ZstdCompressor().compress(TEXT)),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT))),
        ("identity", TEXT),
        ("GZIP", TEXT),
        ("br", TEXT),
        ("zstd", TEXT),
        ("deflate", TEXT),
    ],
    ids=_name,
)
def test_encodings(name: str, data: bytes) -> None:
    assert without_encodings(data, name) == TEXT


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gzip", gzip.compress(bytes(10**6))),
        ("br", brotli.compress(bytes(10**6))),
        ("zstd", zstandard.ZstdCompressor().compress(bytes(10**6))),
        ("deflate", zlib.compress(bytes(10**6))),
        ("compress", TEXT),
        ("gzip", gzip.compress(TEXT)[:-8] + bytes(8)),
    ],
    ids=_name,
)
def test_what_can_not_be_undone(name: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LARGEST", 10_000)
    if name == "deflate":
        assert without_encodings(data, name) == data
        return
    with pytest.raises(Broken):
        without_encodings(data, name)
