"""Timestamp tokens (RFC 3161): what one says. Who signed it is looked at where it is asked for."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from storage.database.errors import ArchiveError
from storage.proof.der import with_sorted_certificates

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_GRANTED: Final = b"\x30\x03\x02\x01\x00"
"""PKIStatusInfo with the status 0 (section 2.4.2)."""


class BadToken(ArchiveError):
    """It is no timestamp token, or not the one that was wanted. The message says why."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a token says: that something with this imprint was there at this time, in UTC."""

    at: datetime
    algorithm: str
    imprint: bytes

    def stamps(self, data: bytes) -> bool:
        return self.algorithm == _SHA256 and self.imprint == hashlib.sha256(data).digest()


def stamp_of(token: bytes) -> Stamp:
    """What the token says. Raises BadToken."""
    return stamp_in(parse_answer(_wrapped(token)))


def parse_answer(answer: bytes) -> "TimeStampResponse":
    """An authority's answer. Raises BadToken for what is none."""
    from rfc3161_client import decode_timestamp_response

    try:
        return decode_timestamp_response(with_sorted_certificates(answer))
    except Exception as error:
        raise BadToken("it is no timestamp by RFC 3161") from error


def stamp_in(answer: "TimeStampResponse") -> Stamp:
    """What the token of an answer says. Raises BadToken where it has none that can be read."""
    try:
        info = answer.tst_info
        imprint = info.message_imprint
        at = info.gen_time.astimezone(UTC)
        return Stamp(at, imprint.hash_algorithm.dotted_string, bytes(imprint.message))
    except Exception as error:
        raise BadToken("it has no timestamp token that can be read") from error


def answer_with(token: bytes) -> "TimeStampResponse":
    """The answer that brought a token, which is what the library verifies. Raises BadToken."""
    return parse_answer(_wrapped(token))


def _wrapped(token: bytes) -> bytes:
    """A TimeStampResp of a token: SEQUENCE { PKIStatusInfo, token } in DER."""
    inner = _GRANTED + token
    size = len(inner)
    if size < 128:
        return b"\x30" + bytes([size]) + inner
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return b"\x30" + bytes([0x80 | len(length)]) + length + inner
