"""OPML, the format in which feed readers exchange their subscriptions (OPML 1.0 and 2.0).

http://opml.org/spec2.opml; a subscription is an `outline` with an `xmlUrl`, its feed, and as a rule
an `htmlUrl`, its site. Folders are outlines around others, and mean nothing here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import etree

from crawler.discovery.candidates import MAX_CANDIDATES
from crawler.discovery.errors import NotOPML
from crawler.discovery.hints import title_from_text
from crawler.discovery.xml import clean, elements, root_name
from storage.frontier.addresses import InvalidURL, normalize

MAX_BYTES: Final = 50 * 1024 * 1024
"""Of a longer document the front is read."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A site and a feed of it; one of the two may be missing. URLs are normalised."""

    site: str | None
    feed: str | None
    title: str = ""


def read_opml(body: bytes, *, content_type: str | None = None) -> tuple[list[Subscription], int]:
    """The subscriptions, in order, of the first `MAX_CANDIDATES` outlines, and how many outlines
    have an address that is none. Raises NotOPML."""
    document = clean(body[:MAX_BYTES], content_type)
    if root_name(document) != "opml":
        raise NotOPML("no OPML: the document element is not <opml>")
    found: dict[Subscription, None] = {}
    refused = 0
    for outline in islice(elements(document, "outline"), MAX_CANDIDATES):
        given = (_attribute(outline, "htmlurl"), _attribute(outline, "xmlurl"))
        site, feed = (_url(text) for text in given)
        if site is None and feed is None:
            refused += any(given)
            continue
        title = _attribute(outline, "text") or _attribute(outline, "title")
        found.setdefault(Subscription(site, feed, title_from_text(title) or ""))
    return list(found), refused


def write_opml(subscriptions: Iterable[Subscription], title: str) -> bytes:
    """An OPML 2.0 document."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for it in subscriptions:
        attributes = {"text": it.title, "htmlUrl": it.site or ""}
        if it.feed is not None:
            attributes |= {"type": "rss", "xmlUrl": it.feed}
        etree.SubElement(body, "outline", attributes)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _attribute(outline: etree._Element, name: str) -> str:
    """An attribute, whatever the case of its name: programs differ."""
    for key, value in islice(outline.attrib.items(), 100):
        if str(key).lower() == name:
            return str(value).strip()
    return ""


def _url(text: str) -> str | None:
    try:
        return normalize(text) if text else None
    except InvalidURL:
        return None
