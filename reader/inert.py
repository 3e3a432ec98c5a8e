"""A stored page's bytes for a browser's frame, without what no Content-Security-Policy keeps back.

These are `link` elements, which connect to other hosts beforehand (`preconnect`, `dns-prefetch`),
and documents in attributes (`srcdoc`), which may hold more of them. All else stays, byte for byte.
Where a policy lets nothing be fetched, neither has anything to show.
"""

import codecs
import re
from typing import Final

_LINK: Final = r"<(/?)link(?=[\s/>])"
_DOCUMENT: Final = r"srcdoc(?=[\s/]*=)"
# Of the elements that stand where links do, one that browsers know and no longer do anything for:
# WHATWG HTML, 13.2.6.4.4.
_NOTHING: Final = r"<\1bgsound"
_UTF_16: Final = ("utf-16", "utf-16-le", "utf-16-be")


def inert(body: bytes, charset: str) -> bytes:
    """The page's bytes, in the charset that its server named, or "", so changed."""
    encoding = _wide(body, charset)
    if encoding:
        text = body[: len(body) & ~1].decode(encoding, "surrogatepass")
        text = re.sub(_LINK, _NOTHING, text, flags=re.IGNORECASE | re.ASCII)
        text = re.sub(_DOCUMENT, "data-document", text, flags=re.IGNORECASE | re.ASCII)
        return text.encode(encoding, "surrogatepass")
    body = re.sub(_LINK.encode(), _NOTHING.encode(), body, flags=re.IGNORECASE)
    return re.sub(_DOCUMENT.encode(), b"data-document", body, flags=re.IGNORECASE)


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
