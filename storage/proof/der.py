"""Just so much of DER as it takes to put a token's certificates in order.

RFC 5652 (section 5.1) lets a signer give its certificates in any order, and OpenSSL's authorities
do; the library that verifies tokens wants the order that DER has for sets (X.690, section 11.6).
Nobody signs the order.
"""

from typing import Final, NamedTuple

_CERTIFICATES: Final = 0xA0
_LONGEST: Final = 4  # bytes of a length


class _Element(NamedTuple):
    tag: int
    start: int
    inside: int
    end: int


def with_sorted_certificates(answer: bytes) -> bytes:
    """A TimeStampResp whose token has its certificates in DER's order; one that can't be read as it
    is, so that whoever reads it next says so."""
    try:
        (whole,) = _elements(answer, 0, len(answer))
        _, token = _elements(answer, whole.inside, whole.end)
        _, content = _elements(answer, token.inside, token.end)
        (signed,) = _elements(answer, content.inside, content.end)
        parts = _elements(answer, signed.inside, signed.end)
        (found,) = (it for it in parts if it.tag == _CERTIFICATES)
        certificates = _elements(answer, found.inside, found.end)
    except ValueError:
        return answer
    ordered = sorted(answer[it.start : it.end] for it in certificates)
    return answer[: found.inside] + b"".join(ordered) + answer[found.end :]


def _elements(data: bytes, start: int, end: int) -> list[_Element]:
    """The elements one after the other. Raises ValueError where one is cut short."""
    found = []
    while start < end:
        if end - start < 2:
            raise ValueError("an element is cut short")
        inside, length = start + 2, data[start + 1]
        if length & 0x80:
            count = length & 0x7F
            if not 0 < count <= _LONGEST:
                raise ValueError("a length that is none")
            length = int.from_bytes(data[inside : inside + count])
            inside += count
        if inside + length > end:
            raise ValueError("an element is cut short")
        found.append(_Element(data[start], start, inside, inside + length))
        start = inside + length
    return found
