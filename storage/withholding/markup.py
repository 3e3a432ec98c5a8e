"""Words found and replaced in the bytes of a stored page, however the page writes them.

A page is looked at as it is written, with its tags left out, and with what is escaped undone:
entities, escapes of JSON and JavaScript, percent-encoding, one within the other. What is found is
replaced in the bytes; all other bytes stay.
"""

import codecs
import html
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from storage.withholding.phrases import Phrase, Span, find, replaced, replacements

_DEEPEST: Final = 3  # escapes within escapes
_TAG: Final = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)
_ESCAPE: Final = re.compile(
    r"&#[xX]?[0-9a-fA-F]{1,7};?|&[A-Za-z][A-Za-z0-9]{1,31};?"
    r"|(?:\\u[0-9a-fA-F]{4})+|\\x[0-9a-fA-F]{2}|(?:%[0-9a-fA-F]{2})+|\\[/bfnrt\"'\\]"
)
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_APART: Final = re.compile(r"[<>\"'={}\[\]]")
_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT: Final = (b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")


class Inseparable(ValueError):
    """The bytes have the words, in a charset in which they can't be taken out alone."""


def is_text(body: bytes) -> bool:
    """Whether these bytes can be searched for words: no PDF, no image, no archive of files."""
    if body.startswith(_NO_TEXT):
        return False
    return b"\0" not in body[:1024] or any(body.startswith(bom) for bom, _ in _BOMS)


def redacted_body(body: bytes, phrases: Sequence[Phrase], charset: str | None = None) -> bytes:
    """The bytes with MARK where they have one of the phrases; `charset` is the one that the headers
    name. The same bytes where they have none. Raises Inseparable."""
    if not phrases:
        return body
    for name, errors in _charsets(body, charset):
        text = body.decode(name, errors)
        places = _places(text, phrases)
        if not places:
            continue
        if text.encode(name, errors) != body:
            raise Inseparable(name)
        gone = replacements(text, places, _APART)
        body = replaced(text, gone, 0, len(text)).encode(name, errors)
    return body


def has_words(body: bytes, phrases: Sequence[Phrase], charset: str | None = None) -> bool:
    """Whether the bytes have one of the phrases."""
    return any(
        _places(body.decode(name, errors), phrases) for name, errors in _charsets(body, charset)
    )


def _charsets(body: bytes, declared: str | None) -> list[tuple[str, str]]:
    """The charsets that the bytes may be in, and how to decode what is in none of them."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return [(name, "replace")]
    try:
        body.decode()
    except UnicodeDecodeError:
        pass
    else:
        return [("utf-8", "strict")]
    named = [it.decode() for it in _CHARSET.findall(body[:4096])]
    found = [("utf-8", "surrogateescape")]
    for name in [declared or "", *named, "windows-1252"]:
        try:
            codec = codecs.lookup(name).name
            b"".decode(codec)
        except (LookupError, UnicodeError):
            continue
        if codec != "utf-8" and (codec, "replace") not in found:
            found.append((codec, "replace"))
    found.append(("latin-1", "strict"))
    # One that takes not all bytes for characters is only asked where it can give them back.
    single = [it for it in found if it[1] != "replace" or _gives_back(body, it[0])]
    return (
        single if len(single) == len(found) else [*single, *(i for i in found if i not in single)]
    )


def _gives_back(body: bytes, name: str) -> bool:
    return body.decode(name, "replace").encode(name, "replace") == body


@dataclass(frozen=True, slots=True)
class _View:
    """A text with what was escaped undone. `starts` are places in it at which a piece begins, and
    `pieces` where that is in the text beneath, and whether it is as it was written."""

    text: str
    starts: list[int]
    pieces: list[tuple[int, int, bool]]
    beneath: "_View | None" = None

    def written(self, span: Span) -> Span:
        """Where that is in the page as it is written."""
        view: _View | None = self
        start, end = span
        while view is not None and view.starts:
            start, end = view._below(start)[0], view._below(end - 1)[1]
            view = view.beneath
        return start, end

    def _below(self, at: int) -> Span:
        """Where the character at that place is in the text beneath."""
        piece = bisect_right(self.starts, at) - 1
        start, end, plain = self.pieces[piece]
        if not plain:
            return start, end
        return start + at - self.starts[piece], start + at - self.starts[piece] + 1


def _places(text: str, phrases: Sequence[Phrase]) -> list[list[Span]]:
    """Where the page has one of the phrases, as it is written; those that overlap are told of as
    they were found."""
    found: list[list[Span]] = []
    for view in _views(text):
        for seen in (view.text, _TAG.sub(_blank, view.text)):
            for words in find(seen, phrases):
                place = [view.written(it) for it in words]
                if place not in found:
                    found.append(place)
    return found


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _views(text: str) -> Iterator[_View]:
    view = _View(text, [], [])
    yield view
    for _ in range(_DEEPEST):
        undone = _undone(view)
        if undone is None:
            return
        view = undone
        yield view


def _undone(view: _View) -> _View | None:
    """The text with one layer of escapes undone; None where there is none."""
    parts: list[str] = []
    starts: list[int] = []
    pieces: list[tuple[int, int, bool]] = []
    at = length = 0

    def add(part: str, start: int, end: int, *, plain: bool) -> None:
        nonlocal length
        if part:
            starts.append(length)
            pieces.append((start, end, plain))
            parts.append(part)
            length += len(part)

    for match in _ESCAPE.finditer(view.text):
        meant = _meant(match[0])
        if meant == match[0]:
            continue
        add(view.text[at : match.start()], at, match.start(), plain=True)
        add(meant, *match.span(), plain=False)
        at = match.end()
    if not any(not plain for _, _, plain in pieces):
        return None
    add(view.text[at:], at, len(view.text), plain=True)
    return _View("".join(parts), starts, pieces, view)


def _meant(escape: str) -> str:
    match escape[:2]:
        case "\\u":
            units = b"".join(
                int(escape[at + 2 : at + 6], 16).to_bytes(2) for at in range(0, len(escape), 6)
            )
            return units.decode("utf-16-be", "replace")
        case "\\x":
            return chr(int(escape[2:], 16))
    if escape[0] == "\\":
        return {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}.get(escape[1], escape[1])
    if escape[0] == "%":
        data = bytes.fromhex(escape.replace("%", ""))
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("latin-1")
    return html.unescape(escape)
