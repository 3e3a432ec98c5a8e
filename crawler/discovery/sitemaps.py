"""Sitemaps: the sitemap protocol, its news extension, indexes, text sitemaps, all also in gzip.

https://www.sitemaps.org/protocol.html; the news extension is Google's. Scrapy's reader knows
neither the news extension nor bounds, and lives where discovery may not import it.
"""

import gzip
import zlib
from dataclasses import replace
from io import BytesIO
from itertools import islice
from typing import Final

from lxml import etree

from crawler.discovery.candidates import Candidate, CandidateKind, candidate, distinct
from crawler.discovery.charset import CHUNK
from crawler.discovery.errors import NotASitemap
from crawler.discovery.hints import timestamp, title_from_text
from crawler.discovery.shapes import kind_of_url
from crawler.discovery.url_lists import read_url_list
from crawler.discovery.xml import clean, elements, local_name, root_name, text_of

MAX_BYTES: Final = 50 * 1024 * 1024
"""Uncompressed, the protocol's own limit. Of a longer sitemap the front is read."""

MAX_CHILDREN: Final = 1200
"""Of an entry; these are looked at. It may have a thousand images."""

GZIP_MAGIC: Final = b"\x1f\x8b"

_ENTRIES: Final = {"urlset": "url", "sitemapindex": "sitemap"}


def read_sitemap(body: bytes, *, url: str, content_type: str | None = None) -> list[Candidate]:
    """The addresses a sitemap lists, in its order: sitemaps of an index, else pages.

    A news sitemap's entries are articles; a page of another sitemap is what its address looks
    like. Hosts are as listed: whether a sitemap may speak of another host is for the caller to
    say. Raises NotASitemap.
    """
    if body.startswith(GZIP_MAGIC):
        body = _gunzip(body)
    document = clean(body[:MAX_BYTES], content_type)
    root = root_name(document)
    if root in _ENTRIES:
        return distinct(
            _candidate(entry, url)
            for entry in elements(document, _ENTRIES[root])
            if (parent := entry.getparent()) is not None and local_name(parent).lower() == root
        )
    if root:
        raise NotASitemap(f"{url[:200]} is no sitemap: the document element is <{root[:40]}>")
    listed = read_url_list(body, content_type=content_type)
    if len(listed.candidates) <= len(listed.errors):
        raise NotASitemap(f"{url[:200]} is no sitemap: neither XML nor a list of URLs")
    return list(listed.candidates)


def _candidate(entry: etree._Element, url: str) -> Candidate | None:
    texts: dict[str, str] = {}
    news: dict[str, str] | None = None
    for child in islice(entry, MAX_CHILDREN):
        name = local_name(child)
        if name == "news":
            news = {local_name(part): text_of(part) for part in islice(child, MAX_CHILDREN)}
        elif not len(child):
            texts.setdefault(name, text_of(child))
    if not (href := texts.get("loc")):
        return None
    news_hints = news or {}
    found = candidate(
        href,
        CandidateKind.ARTICLE,
        base=url,
        title=title_from_text(news_hints.get("title", "")),
        published_at=timestamp(news_hints.get("publication_date")),
        modified_at=timestamp(texts.get("lastmod")),
    )
    if found is None or news is not None:
        return found
    kind = CandidateKind.SITEMAP if local_name(entry) == "sitemap" else kind_of_url(found.url)
    return None if kind is None else replace(found, kind=kind)


def _gunzip(body: bytes) -> bytes:
    """At most `MAX_BYTES` of what is compressed; of a damaged body what comes before the damage."""
    parts: list[bytes] = []
    size = 0
    with gzip.GzipFile(fileobj=BytesIO(body)) as file:
        try:
            while size < MAX_BYTES and (part := file.read1(CHUNK)):
                parts.append(part)
                size += len(part)
        except (OSError, EOFError, zlib.error):
            pass
    return b"".join(parts)
