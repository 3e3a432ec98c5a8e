"""A body of text in any encoding, as UTF-8."""

import codecs
from collections.abc import Iterator
from typing import Final

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

CHUNK: Final = 64 * 1024
"""Bytes decoded at once. The text of a whole body could take four times the body's memory."""

_FALLBACK: Final = "cp1252"
_SEVEN_BIT: Final = ("iso2022", "hz")
_OF_TEXTS: Final = (
    *("utf-8", "iso8859", "iso2022", "cp", "koi8", "mac-", "gb", "hz", "big5", "euc"),
    *("shift_jis", "johab"),
)
"""How the names of encodings that pages are written in begin; Python has others, as `zlib`."""

_TOLERATED_DAMAGE: Final = 0.1
"""Of the characters beyond ASCII; with more that can't be decoded, it isn't UTF-8."""


def to_utf8(body: bytes, content_type: str | None = None) -> bytes:
    """The same text in UTF-8, without byte order mark; what can't be decoded is U+FFFD.

    A byte order mark decides. Else bytes that are valid UTF-8 are UTF-8, whatever they or their
    `Content-Type` declare: no other encoding looks like it by chance, and feeds with a false
    declaration are common. Else what the body declares or the header does (UTF-8 only if
    nearly all of it is), Windows-1252.
    """
    encoding, mark = read_bom(body)
    if encoding is not None and mark is not None:
        return _transcode(body[len(mark) :], encoding)
    declared = html_body_declared_encoding(body) or http_content_type_encoding(content_type) or ""
    if declared.startswith(_SEVEN_BIT):
        return _transcode(body, declared)
    if _is_utf8(body):
        return body
    if declared == "utf-8":
        text = _transcode(body, declared)
        leads = len(body.translate(None, delete=bytes(range(0xC0))))
        if text.count("\ufffd".encode()) <= _TOLERATED_DAMAGE * leads:
            return text
        declared = _FALLBACK
    return _transcode(body, declared if declared.startswith(_OF_TEXTS) else _FALLBACK)


def chunks(body: bytes) -> Iterator[bytes]:
    return (body[start : start + CHUNK] for start in range(0, len(body), CHUNK))


def _is_utf8(body: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks(body):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        # A body cut short in the middle of a character is UTF-8 still.
        return error.reason == "unexpected end of data"
    return True


def _transcode(body: bytes, encoding: str) -> bytes:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    parts = [decoder.decode(chunk).encode("utf-8", "replace") for chunk in chunks(body)]
    parts.append(decoder.decode(b"", final=True).encode("utf-8", "replace"))
    return b"".join(parts)
