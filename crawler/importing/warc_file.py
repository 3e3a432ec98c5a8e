"""The records of a WARC file (ISO 28500), one after the other; damage costs the record that has it.

What a record says of itself is not believed: its length, its digests and its date are checked.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Final

from crawler.importing.streams import Broken, GzipStream, PlainStream
from storage.database.clock import utc_now

LARGEST: Final = 32 * 2**20
"""Bytes of a record that is read; a larger one is passed over."""

_MOST_HEADERS: Final = 200
_LONGEST_SKIP: Final = 2**32  # bytes of a record that is passed over
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)  # no web page is older
_AHEAD: Final = timedelta(days=1)  # that another's clock may be
_LENGTHS: Final = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}


class NoWarc(Exception):
    """The file holds no WARC records. The message says what it is instead."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of a file that can't be taken: where, and why."""

    offset: int
    why: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record that is whole. Names of `headers` are in lower case; a name's last value counts."""

    offset: int
    headers: dict[str, str]
    block: bytes

    @property
    def kind(self) -> str:
        return self.headers.get("warc-type", "").lower()

    @property
    def id(self) -> str:
        return self.headers.get("warc-record-id", "")

    @property
    def url(self) -> str:
        # Some writers of WARC 1.0 put it in angle brackets, as its grammar had it.
        return self.headers.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">")


class WarcFile:
    """The records of a file. `consumed` is how many bytes of it were read."""

    def __init__(self, file: IO[bytes]) -> None:
        head = file.read(6)
        file.seek(0)
        self._stream: GzipStream | PlainStream
        if head[:2] == b"\x1f\x8b":
            self._stream = GzipStream(file)
        elif head[:5] == b"WARC/":
            self._stream = PlainStream(file)
        elif not head:
            raise NoWarc("it is empty")
        elif head[:4] == b"\x28\xb5\x2f\xfd":
            raise NoWarc("it is compressed with zstd: decompress it first")
        else:
            raise NoWarc("it is neither a WARC file nor a WACZ")

    @property
    def consumed(self) -> int:
        return self._stream.consumed

    def __iter__(self) -> Iterator[Record | Damage]:
        stream = self._stream
        going_on = stream.begin()
        while going_on:
            try:
                line = _first_line(stream)
                if not line:
                    going_on = stream.begin()
                    continue
                record = _record(stream, line)
                stream.count()
                if record is not None:
                    yield record
            except Broken as error:
                yield Damage(stream.at, str(error))
                going_on = stream.recover()


def _first_line(stream: GzipStream | PlainStream) -> bytes:
    """The line that a record begins with; nothing at the end of a member."""
    for _ in range(8):  # two blank lines end a record; some writers have more
        stream.mark()
        line = stream.readline()
        if not line or line.strip():
            return line
    raise Broken("blank lines where a record should begin")


def _record(stream: GzipStream | PlainStream, line: bytes) -> Record | None:
    """The record that begins with this line; None for one that is no page's and is passed over."""
    if not line.startswith(b"WARC/") or not line.rstrip()[5:6].isdigit():
        raise Broken("no record where one should begin")
    headers = _headers(stream)
    said = headers.get("content-length", "")
    if not (said.isascii() and said.isdigit() and len(said) < 19):
        raise Broken(f"a length that is no number: {said[:40]!r}")
    length = int(said)
    if length > LARGEST:
        _skip(stream, length)
        raise Broken(f"a record of {length:,} bytes: more than {LARGEST:,} are not read")
    block = stream.read(length)
    if len(block) < length:
        raise Broken(f"a record ends after {len(block):,} of the {length:,} bytes it says it has")
    after = stream.read(2)
    if after not in (b"\r\n", b""):
        raise Broken(f"a record is longer than the {length:,} bytes it says it has")
    kind = headers.get("warc-type", "").lower()
    if kind not in ("response", "revisit", "request"):
        return None
    if "warc-segment-number" in headers:
        raise Broken("a record in segments, which are not put together")
    _check(headers.get("warc-block-digest"), [block], "block")
    return Record(stream.at, headers, block)


def _headers(stream: GzipStream | PlainStream) -> dict[str, str]:
    headers: dict[str, str] = {}
    last = None
    for _ in range(_MOST_HEADERS):
        line = stream.readline()
        if not line.strip():
            if not line:
                raise Broken("a record ends in its headers")
            return headers
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text[0] in " \t" and last is not None:
            headers[last] += " " + text.strip()
            continue
        name, colon, value = text.partition(":")
        if not colon:
            raise Broken(f"a header without a colon: {text[:60]!r}")
        last = name.strip().lower()
        headers[last] = value.strip()
    raise Broken(f"a record with more than {_MOST_HEADERS} headers")


def _skip(stream: GzipStream | PlainStream, length: int) -> None:
    if length > _LONGEST_SKIP:
        return
    left = length
    while left and (piece := stream.read(min(left, 2**20))):
        left -= len(piece)
    if not left and isinstance(stream, PlainStream):
        stream.mark()


def _check(digest: str | None, candidates: list[bytes], what: str) -> None:
    """Raises Broken where a digest is of none of these; one that nobody can read tells nothing."""
    parsed = parse_digest(digest)
    if parsed is None:
        return
    name, value = parsed
    if all(hashlib.new(name, it, usedforsecurity=False).digest() != value for it in candidates):
        raise Broken(f"the {what} of a record is not what its {name} digest says")


def check_payload(record: Record, candidates: list[bytes]) -> None:
    """Raises Broken where the payload's digest is of none of these: writers differ in whether it is
    of the body as it came, or of what is left without its encodings."""
    _check(record.headers.get("warc-payload-digest"), candidates, "payload")


def parse_digest(text: str | None) -> tuple[str, bytes] | None:
    """The algorithm and the digest, written in base 16, 32 or 64 (RFC 4648); None where it can't be
    read."""
    name, colon, value = (text or "").strip().partition(":")
    name = name.lower().replace("-", "")
    length = _LENGTHS.get(name)
    if not colon or length is None:
        return None
    for decode in (bytes.fromhex, _base32, _base64):
        try:
            digest = decode(value)
        except (ValueError, binascii.Error):
            continue
        if len(digest) == length:
            return name, digest
    return None


def _base32(text: str) -> bytes:
    return base64.b32decode(text.rstrip("=").upper() + "=" * (-len(text.rstrip("=")) % 8))


def _base64(text: str) -> bytes:
    plain = text.rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)


def parse_date(text: str) -> datetime:
    """The time of a record. Raises Broken for what is none, or can be no page's."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Broken(f"a date that is none: {text[:40]!r}") from error
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)  # WARC's are UTC
    try:
        at = at.astimezone(UTC)
    except OverflowError as error:
        raise Broken(f"a date that can't be: {text[:40]}") from error
    if not _EARLIEST <= at <= utc_now() + _AHEAD:
        raise Broken(f"a date that can't be: {text[:40]}")
    return at
