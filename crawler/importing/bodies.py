"""Bodies without their transfer and content encodings (RFC 9112, section 7; RFC 9110, 8.4)."""

import re
import zlib
from collections.abc import Callable
from typing import Final

import zstandard

from crawler.importing.streams import Broken
from crawler.importing.warc_file import LARGEST

_CHUNK: Final = re.compile(rb"\s*([0-9A-Fa-f]{1,8})[^\r\n]{0,1000}\r?\n")


def without_chunks(body: bytes) -> bytes:
    """The body that these chunks make; a body that is none is taken as it is, for many writers undo
    the chunks and leave the header. Raises Broken for one that ends within a chunk."""
    if _CHUNK.match(body) is None:
        return body
    parts: list[bytes] = []
    at = 0
    while match := _CHUNK.match(body, at):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(parts)
        begin = match.end()
        if begin + size > len(body):
            # The first may have been text that looks like a chunk's length.
            if not parts:
                return body
            raise Broken("a body that ends within a chunk")
        parts.append(body[begin : begin + size])
        at = begin + size
    return b"".join(parts) if parts and not body[at:].strip() else body


def without_encodings(body: bytes, encodings: str) -> bytes:
    """The body without its content encodings, the last applied undone first. What is not so encoded
    is taken as it is. Raises Broken for what can't be undone, or would be too large."""
    for name in reversed([it.strip().lower() for it in encodings.split(",")]):
        match name:
            case "" | "identity":
                continue
            case "gzip" | "x-gzip":
                if body[:2] == b"\x1f\x8b":
                    body = _inflated(body, 16 + zlib.MAX_WBITS)
            case "deflate":
                body = _deflated(body)
            case "br":
                body = _brotli(body)
            case "zstd":
                if body[:4] == b"\x28\xb5\x2f\xfd":
                    body = _zstd(body)
            case _:
                raise Broken(f"a body in an encoding that is not known: {name[:40]!r}")
    return body


def _inflated(body: bytes, window: int) -> bytes:
    found = bytearray()
    try:
        while body:
            member = zlib.decompressobj(window)
            found += member.decompress(body, LARGEST + 1 - len(found))
            if len(found) > LARGEST:
                raise Broken(f"a body of more than {LARGEST:,} bytes")
            if not member.eof:
                break  # cut short by whoever wrote it: what is there is what was kept
            body = member.unused_data if member.unused_data[:2] == b"\x1f\x8b" else b""
    except zlib.error as error:
        raise Broken(f"a body that can't be decompressed: {error}") from error
    return bytes(found)


def _deflated(body: bytes) -> bytes:
    """zlib's format, or bare deflate, which some servers send for it."""
    try:
        return _inflated(body, zlib.MAX_WBITS)
    except Broken:
        try:
            return _inflated(body, -zlib.MAX_WBITS)
        except Broken:
            return body


def _brotli(body: bytes) -> bytes:
    decompressor = _brotli_decompressor()
    if decompressor is None:
        raise Broken("a body in Brotli, which needs: pip install brotli")
    try:
        return decompressor(body)
    except ValueError:
        return body


def _brotli_decompressor() -> Callable[[bytes], bytes] | None:
    try:
        import brotli  # type: ignore[import-untyped]
    except ImportError:
        return None

    def decompress(body: bytes) -> bytes:
        decompressor = brotli.Decompressor()
        try:
            found = decompressor.process(body, output_buffer_limit=LARGEST + 1)
        except brotli.error as error:
            raise ValueError from error
        if len(found) > LARGEST:
            raise Broken(f"a body of more than {LARGEST:,} bytes")
        return bytes(found)

    return decompress


def _zstd(body: bytes) -> bytes:
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(body) as reader:
            found = reader.read(LARGEST + 1)
    except zstandard.ZstdError as error:
        raise Broken(f"a body that can't be decompressed: {error}") from error
    if len(found) > LARGEST:
        raise Broken(f"a body of more than {LARGEST:,} bytes")
    return found
