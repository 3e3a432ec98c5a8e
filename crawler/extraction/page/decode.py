"""From the bytes of a response to a document, within bounds.

libxml2 stops at a nesting of 256 and would give the half it has read; its start tags cost the
square of their attributes, and a node costs fifty times its bytes. Hence the bounds below, each
far above what a real page has: of 1,478 news pages the largest is 1.8 MB with 13,000 tags.
Together they keep any body within about a second and 400 MB.
"""

import re
from collections.abc import Mapping

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from crawler.extraction.errors import TooLarge, UnreadableBody
from crawler.extraction.page.charset import decode_text

MAX_BYTES = 6 * 1024 * 1024
MAX_TAGS = 300_000
MAX_ATTRIBUTES = 400

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SIGN_CHARACTERS = 3  # an emoji may have as many

# https://mimesniff.spec.whatwg.org/#binary-data-byte
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_SNIFFED_BYTES = 1445
_DOCUMENT_SIGNATURES = (b"%PDF-", b"%!PS-Adobe-", b"{\\rtf")
_XML = re.compile(r"\s*<\?xml\s")
_FIRST_TAG = re.compile(r"<([a-zA-Z][^\s/>]*)|<!doctype\s+(html)\b", re.IGNORECASE)

# Elements whose content is text up to their own end tag; the rest of them hold nothing that
# could be mistaken for another's end.
_RAW_TEXT = (r"(?i:script)", r"(?i:style)", r"(?i:textarea|title|xmp|iframe|noembed|noframes)")
_ATTRIBUTES = (
    r"(?:[\s/]*+[^\s/>=][^\s/>=]*+"
    r"(?:\s*+=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>\"'][^\s>]*+)?+)?+"
    rf"|[\s/=]++(?=[^\s/=]|\Z)){{0,{MAX_ATTRIBUTES}}}+(?:>|\Z)"
)
# A tokenizer of HTML that stops at a start tag with too many attributes. Every repeat is
# possessive and every branch begins differently, so it reads each character once.
_BOUNDED_TAGS = re.compile(
    (
        r"(?:[^<]++"
        r"|<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+)|"
        + "|".join(rf"<{n}(?=[\s/>]){_ATTRIBUTES}(?:[^<]++|<(?!/{n}))*+" for n in _RAW_TEXT)
        + rf"|<[a-zA-Z][^\s/>]*+{_ATTRIBUTES}"
        r"|<(?![a-zA-Z]))*+"
    ).encode()
)


# lxml.html chooses the class of each element in Python, for the sake of forms and inputs.
_ELEMENT_CLASSES = etree.ElementDefaultClassLookup(element=HtmlElement)


def parse(body: bytes, headers: Mapping[str, str] | None = None) -> HtmlElement:
    """The document in `body`, its root an `<html>`, without comments and processing instructions.

    A body cut short gives the document up to the cut. Of the headers, whatever their case, only
    Content-Type is read. Raises UnreadableBody where there is no HTML (nothing, plain text,
    JSON, a feed, an image, an archive) and TooLarge where a bound is passed.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge(f"{len(body)} bytes, {MAX_BYTES} allowed")
    _refuse_binary(body)
    content_type = next(
        (value for name, value in (headers or {}).items() if name.lower() == "content-type"), None
    )
    text = decode_text(body, content_type)
    if b"\0" in body:  # far quicker to find than in the text
        text = text.replace("\0", "")
    first_tag = _FIRST_TAG.search(text)
    if not first_tag:
        raise UnreadableBody("no markup")
    name = (first_tag[1] or first_tag[2]).lower()
    if _XML.match(text) and name != "html":
        raise UnreadableBody(f"XML of another kind: <{name[:40]}>")
    return parse_markup(text)


def _refuse_binary(body: bytes) -> None:
    start = body[:_SNIFFED_BYTES].lstrip()
    if start.startswith(_DOCUMENT_SIGNATURES):
        raise UnreadableBody("not HTML: a PDF, PostScript or RTF document")
    looks_textual = start.startswith((b"<", b"\0<", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
    if not looks_textual and _BINARY.search(start):
        raise UnreadableBody("not text")


def parse_markup(text: str) -> HtmlElement:
    """The document in `text`; raises as `parse` does."""
    markup = text.encode("utf-8", "replace")
    tags = markup.count(b"<")
    if tags > MAX_TAGS:
        raise TooLarge(f"{tags} tags, {MAX_TAGS} allowed")
    bounded = _BOUNDED_TAGS.match(markup)
    if not bounded or bounded.end() != len(markup):
        raise TooLarge(f"a tag with more than {MAX_ATTRIBUTES} attributes")
    parser = HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, no_network=True
    )
    parser.set_element_class_lookup(_ELEMENT_CLASSES)
    try:
        root = document_fromstring(markup, parser=parser)
    except etree.LxmlError as error:
        raise UnreadableBody(str(error)) from error
    # libxml2 reports what made it stop last.
    if parser.error_log and parser.error_log[-1].type == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        raise TooLarge(parser.error_log[-1].message)
    for heading in [*root.iter(*_HEADINGS)]:
        for link in heading.findall("a"):
            if _is_sign(link):
                link.drop_tree()
    return root


def _is_sign(link: HtmlElement) -> bool:
    """Whether a link is a sign such as ¶ or #, which stands beside a heading and leads to it."""
    text = (link.text or "").strip()
    leads_here = link.get("href", "").startswith("#") and len(link) == 0
    return leads_here and len(text) <= _SIGN_CHARACTERS and not any(map(str.isalnum, text))
