"""XML from the web, read element by element in bounded memory.

Nothing outside the document is ever fetched and no entity is ever expanded: the document type goes
before the parser sees it, and so do references by name, HTML's for their characters and unknown
ones for their own text. libxml2 stops at 256 levels of nesting; `MAX_MARKUP` bounds the rest. The
reading is tolerant: what comes before an error, and what can be made of what comes after, is given.
"""

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Final, Literal

from lxml import etree

from crawler.discovery.charset import chunks, to_utf8

MAX_MARKUP: Final = 1_000_000
"""Tags and quotation marks outside of what is given. The parser takes up to 250 bytes for each."""

MAX_REPAIRS: Final = 500_000
"""References and CDATA sections looked at; after these any reference but `&amp;` is text."""

_HEAD: Final = 256 * 1024
_JUNK: Final = 4096
_NOT_XML: Final = bytes({*range(32)} - {*b"\t\n\r"})
_PROLOG: Final = re.compile(
    rb"<(?:\?xml|!DOCTYPE|(?:[\w-]+:)?(?:rss|feed|rdf|urlset|sitemapindex|opml))\b", re.IGNORECASE
)
_MARKUP: Final = {ord(character): f"&#{ord(character)};" for character in "<>&"}
_DOCTYPE: Final = re.compile(
    rb"<!DOCTYPE\b[^\[<>]*+(?:\[(?:[^\]\"']++|\"[^\"]*+\"|'[^']*+')*+\]\s*+)?>", re.IGNORECASE
)
_REFERENCE: Final = re.compile(
    rb"<!\[CDATA\[(?:[^\]]++|\]++(?!>)|(?<!\])\]>)*+"
    rb"|&(?!#(?:[0-9]{1,7}|x[0-9a-f]{1,6});)(?:([a-z][a-z0-9]{1,31});)?",
    re.IGNORECASE,
)


def clean(body: bytes, content_type: str | None = None) -> bytes:
    """The document in UTF-8, from its prolog on, without document type and references by name.

    Feeds come with bare ampersands, HTML's entities, control characters and a server's warnings
    before the XML declaration; none of these is left.
    """
    text = to_utf8(body, content_type).translate(None, delete=_NOT_XML)
    prolog = _PROLOG.search(text, 0, _JUNK)
    if prolog is not None:
        text = text[prolog.start() :]
    doctype = _DOCTYPE.search(text, 0, _HEAD)
    if doctype is not None:
        text = text[: doctype.start()] + text[doctype.end() :]
    if b"&" not in text:
        return text
    text, repairs = _REFERENCE.subn(_repaired, text, MAX_REPAIRS)
    if repairs == MAX_REPAIRS:
        # What is left could hold millions of references, each a node to the parser.
        text = text.replace(b"&amp;", b"\0").replace(b"&#", b"\1")
        text = text.replace(b"&", b"&#38;").replace(b"\0", b"&#38;").replace(b"\1", b"&#")
    return text


def root_name(document: bytes) -> str:
    """The lower-case local name of the root element; empty when there is none."""
    parser = _parser(("start",))
    try:
        parser.feed(document[:_HEAD])
        for _, root in parser.read_events():
            return local_name(root).lower()
    except etree.XMLSyntaxError:
        pass
    return ""


def elements(document: bytes, *names: str) -> Iterator[etree._Element]:
    """The elements of these local names, each whole, in the order they end.

    An element is emptied when the next is asked for. Ends early, without error, past `MAX_MARKUP`
    and wherever libxml2 gives up.
    """
    parser = _parser(("end",), tuple(f"{{*}}{name}" for name in names))
    markup = 0
    for chunk in chunks(document):
        markup += sum(map(chunk.count, (b"<", b'"', b"'")))
        if markup > MAX_MARKUP:
            return
        try:
            parser.feed(chunk)
            for _, element in parser.read_events():
                yield element
                markup -= 2 * sum(1 for _ in element.iter())
                element.clear()
        except etree.XMLSyntaxError:
            return


def local_name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: etree._Element) -> str:
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def text_of(element: etree._Element) -> str:
    """All text inside an element, ends stripped."""
    return "".join(element.itertext()).strip()


def _parser(
    events: tuple[Literal["start", "end"], ...], tags: tuple[str, ...] | None = None
) -> "etree.XMLPullParser[etree._Element]":
    return etree.XMLPullParser(
        events,
        tag=tags,
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


def _repaired(match: re.Match[bytes]) -> bytes:
    """A CDATA section as it is; a named reference as its characters, any other ampersand as itself.

    XML's own names become numbers: after its first error libxml2 drops references by name.
    """
    text, name = match[0], match[1]
    if not text.startswith(b"&"):
        return text
    characters = "" if name is None else html5.get(f"{name.decode()};", "")
    if not characters:
        return b"&#38;" + text[1:]
    return characters.translate(_MARKUP).encode()
