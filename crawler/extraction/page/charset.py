"""From bytes to text: which character encoding a page is in, whatever it claims.

The order is the Encoding Standard's (byte order mark, HTTP, `<meta>`) with one exception: bytes
that read as UTF-8 are UTF-8, whatever label they carry. Text in another encoding practically never
does, and pages that say ISO-8859-1 and mean UTF-8 are common.
"""

import codecs
import re

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

# Above this share of undecodable sequences among the non-ASCII ones, a label is held to be a lie.
# Below it, the page has bytes cut in two, or pasted from elsewhere, as real pages do.
_TOLERATED_DAMAGE = 0.1

# Encodings in which every byte is ASCII; such text reads as UTF-8 and is not.
_SEVEN_BIT = frozenset({"iso2022_jp", "iso2022_kr", "hz"})

# The encodings a page can be in, by the names w3lib gives them: those of the Encoding Standard that
# Python has (https://encoding.spec.whatwg.org/#names-and-labels) and two it has given up. Python
# knows others by which no page is read: `zlib`, `punycode`, `undefined`, EBCDIC.
_ENCODINGS = _SEVEN_BIT.union(
    [f"cp{number}" for number in (866, 874, 932, 949, *range(1250, 1259))],
    [f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)],
    ["koi8-r", "koi8-u", "mac-roman", "gb18030", "big5hkscs", "euc_jp"],
)

# What a browser assumes of a page that says nothing, by the language of its reader.
# https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding
_DEFAULT_BY_LANGUAGE = {
    "ar": "cp1256", "az": "cp1254", "ba": "cp1251", "be": "cp1251", "bg": "cp1251",
    "cs": "cp1250", "el": "iso8859_7", "et": "cp1257", "fa": "cp1256", "he": "cp1255",
    "hr": "cp1250", "hu": "iso8859_2", "ja": "cp932", "kk": "cp1251", "ko": "cp949",
    "ku": "cp1254", "ky": "cp1251", "lt": "cp1257", "lv": "cp1257", "mk": "cp1251",
    "pl": "iso8859_2", "ru": "cp1251", "sah": "cp1251", "sk": "cp1250", "sl": "iso8859_2",
    "sr": "cp1251", "tg": "cp1251", "th": "cp874", "tr": "cp1254", "tt": "cp1251",
    "uk": "cp1251", "vi": "cp1258", "zh": "gb18030", "zh-tw": "big5hkscs", "zh-hk": "big5hkscs",
}  # fmt: skip

# Without this bound the detector proposes EBCDIC, in which "<" is no longer "<".
_GUESSABLE = ["cp1252", *dict.fromkeys(_DEFAULT_BY_LANGUAGE.values())]

_LANG = re.compile(rb"<html\b[^>]{0,1000}?\slang\s*=\s*[\"']?([a-zA-Z]{2,3}(?:-[a-zA-Z]{2,4})?)")
_SNIFFED_BYTES = 4096


def decode_text(body: bytes, content_type: str | None = None) -> str:
    """The text in `body`; what can't be decoded becomes U+FFFD. Never fails.

    `content_type` is the value of the HTTP header of that name.
    """
    encoding, mark = read_bom(body)
    if encoding and mark:
        return body[len(mark) :].decode(encoding, "replace")
    # A document that starts with a tag in UTF-16, whose byte order mark was lost.
    if body[:2] in (b"<\0", b"\0<") and len(body) > 3:
        return body.decode("utf-16-le" if body[0] else "utf-16-be", "replace")

    declared = [
        label
        for label in (http_content_type_encoding(content_type), html_body_declared_encoding(body))
        if label in _ENCODINGS
    ]
    if not _SEVEN_BIT.intersection(declared):
        # Through an incremental decoder: a body cut short inside a character is not a lie.
        try:
            return codecs.getincrementaldecoder("utf-8")().decode(body)
        except UnicodeDecodeError:
            declared.insert(0, "utf-8")

    readings: list[tuple[float, str]] = []
    for encoding in declared:
        readings.append(_reading(body, encoding))
        if readings[-1][0] <= _TOLERATED_DAMAGE:
            return readings[-1][1]
    readings.append(_reading(body, _guess(body)))
    return min(readings, key=lambda reading: reading[0])[1]


def _reading(body: bytes, encoding: str) -> tuple[float, str]:
    """(share of the non-ASCII characters that are damage, text)."""
    text = body.decode(encoding, "replace")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    damage = text.count("\ufffd")
    if encoding == "utf-8":  # the page may show U+FFFD itself, having been damaged long ago
        damage -= body.count("\ufffd".encode())
    return damage / max(foreign, 1), text


def _guess(body: bytes) -> str:
    """An encoding for a page that names none, or a wrong one."""
    language = _LANG.search(body[:_SNIFFED_BYTES])
    if language:
        tag = language[1].decode().lower()
        default = _DEFAULT_BY_LANGUAGE.get(tag) or _DEFAULT_BY_LANGUAGE.get(tag.split("-")[0])
        return default or "cp1252"
    foreign = re.search(rb"[\x80-\xff]", body)
    start = foreign.start() if foreign else 0
    sample = body[start : start + _SNIFFED_BYTES]
    # slow to load, and nearly all pages declare their charset
    from charset_normalizer import from_bytes

    plausible = [match.encoding for match in from_bytes(sample, 1, cp_isolation=_GUESSABLE)]
    return "cp1252" if "cp1252" in plausible or not plausible else plausible[0]
