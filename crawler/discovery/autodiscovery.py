"""The feeds and sitemaps a page announces: in its head, its `Link` headers and its own links."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from crawler.discovery.candidates import Candidate, CandidateKind, candidate, distinct
from crawler.discovery.hints import title_from_text
from crawler.discovery.pages import base_of, read_page, short_text
from storage.frontier.addresses import normalize

MAX_LINKS: Final = 20_000
"""Elements looked at."""

MAX_HEADER_LENGTH: Final = 16 * 1024
"""Characters of a `Link` header that are read."""

WELL_KNOWN_FEEDS: Final = ("/feed/", "/rss.xml", "/feed.xml", "/atom.xml", "/rss", "/index.xml")
WELL_KNOWN_SITEMAPS: Final = ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml")

_FEED_TYPES: Final = frozenset(
    f"application/{name}"
    for name in ("rss+xml", "atom+xml", "rdf+xml", "feed+json", "x-rss+xml", "x-atom+xml")
)
_FEED_PATH: Final = re.compile(
    r"/(?:rss|atom|feeds?)/?\Z|\.(?:rss|atom|rdf)\Z"
    r"|(?:\A|/)[\w.-]*(?:rss|atom|feed)[\w.-]*\.(?:xml|json|php|aspx?)\Z"
    r"|/(?:rss|atom|feeds?)/[^/]+(?:/|\.xml)?\Z",
    re.IGNORECASE,
)
_COMMENTS: Final = re.compile(r"/comments?(?:/|-)", re.IGNORECASE)

# RFC 8288, section 3: a target in angle brackets, then parameters.
_LINK_VALUE: Final = re.compile(r"<([^<>]*+)>([^<]*+)")
_PARAMETER: Final = re.compile(r""";\s*+([\w*-]++)\s*+=\s*+(?:"([^"]*+)"|([^\s;,"]*+))""")


def read_announced(
    body: bytes, *, url: str, content_type: str | None = None, link_header: str = ""
) -> list[Candidate]:
    """The feeds and sitemaps of a page: first those announced by type, then those linked to.

    A feed of a page's comments is left out. Raises NotAPage.
    """
    document = read_page(body, url=url, content_type=content_type)
    return announced_by(document, url=url, link_header=link_header)


def announced_by(document: HtmlElement, *, url: str, link_header: str = "") -> list[Candidate]:
    """`read_announced` of a document that is read already."""
    base = base_of(document, url)
    return distinct(
        [
            *_from_header(link_header, url),
            *(_from_link(link, base) for link in islice(document.iter("link"), MAX_LINKS)),
            *(_from_anchor(anchor, base) for anchor in islice(document.iter("a"), MAX_LINKS)),
        ]
    )


def well_known(url: str) -> list[Candidate]:
    """Where feeds and sitemaps often are, for a site that announces none."""
    kinds = {CandidateKind.SITEMAP: WELL_KNOWN_SITEMAPS, CandidateKind.FEED: WELL_KNOWN_FEEDS}
    return [
        Candidate(normalize(path, base=url), kind)
        for kind, paths in kinds.items()
        for path in paths
    ]


def _from_header(header: str, url: str) -> Iterator[Candidate | None]:
    for target, parameters in _LINK_VALUE.findall(header[:MAX_HEADER_LENGTH]):
        values = {
            name.lower(): quoted or token for name, quoted, token in _PARAMETER.findall(parameters)
        }
        yield _announced(
            target, values.get("rel", ""), values.get("type", ""), values.get("title", ""), url
        )


def _from_link(link: HtmlElement, base: str) -> Candidate | None:
    return _announced(
        link.get("href", ""),
        link.get("rel", ""),
        link.get("type", ""),
        link.get("title", ""),
        base,
    )


def _announced(href: str, rel: str, type_: str, title: str, base: str) -> Candidate | None:
    relations = rel.lower().split()
    if "sitemap" in relations:
        return candidate(href, CandidateKind.SITEMAP, base=base)
    media_type = type_.partition(";")[0].strip().lower()
    if not href or not (
        "feed" in relations or ("alternate" in relations and media_type in _FEED_TYPES)
    ):
        return None
    return _feed(href, title, base)


def _from_anchor(anchor: HtmlElement, base: str) -> Candidate | None:
    href = anchor.get("href", "")
    if anchor.get("type", "").lower() not in _FEED_TYPES:
        path = href.partition("#")[0].partition("?")[0]
        if len(path) > 500 or not _FEED_PATH.search(path):
            return None
    return _feed(href, short_text(anchor), base)


def _feed(href: str, title: str, base: str) -> Candidate | None:
    if _COMMENTS.search(href):
        return None
    return candidate(href, CandidateKind.FEED, base=base, title=title_from_text(title))
