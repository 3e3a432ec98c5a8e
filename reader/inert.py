"""A stored page's bytes for a browser's frame, without what no Content-Security-Policy keeps back.

Chromium connects to the hosts of `link` elements (`preconnect`, `dns-prefetch`) and of frames
before a policy is asked. Where a policy lets nothing be fetched, they have nothing to show: they
become elements that browsers know and no longer do anything for (WHATWG HTML, 13.2.6.4.4 and 7).
All else stays, byte for byte.
"""

import codecs
import re
from typing import Final

_TAG: Final = r"<(/?)(link|frame|iframe)(?=[\s/>])"
_INSTEAD: Final = {"link": "bgsound", "frame": "bgsound", "iframe": "noembed"}
_LETTERS: Final = re.compile(_TAG, re.IGNORECASE | re.ASCII)
_BYTES: Final = re.compile(_TAG.encode(), re.IGNORECASE)
_UTF_16: Final = ("utf-16", "utf-16-le", "utf-16-be")


def inert(body: bytes, charset: str) -> bytes:
    """The bytes of an HTML page, in the charset that its server named, or "", so changed."""
    encoding = _wide(body, charset)
    if not encoding:
        return _BYTES.sub(
            lambda it: b"<%s%s" % (it[1], _INSTEAD[it[2].decode().lower()].encode()), body
        )
    text = body[: len(body) & ~1].decode(encoding, "surrogatepass")
    text = _LETTERS.sub(lambda it: f"<{it[1]}{_INSTEAD[it[2].lower()]}", text)
    return text.encode(encoding, "surrogatepass")


def _wide(body: bytes, charset: str) -> str:
    """The encoding of a page whose letters are no bytes; empty for all others."""
    if body.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    if body.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    name = codecs.lookup(charset).name if charset else ""
    if name not in _UTF_16 or body.startswith(codecs.BOM_UTF8):
        return ""
    return "utf-16-be" if name == "utf-16-be" else "utf-16-le"
