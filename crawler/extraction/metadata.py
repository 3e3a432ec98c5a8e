"""Everything about an article but its text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extraction.article import Candidate
from crawler.extraction.authors import read_authors
from crawler.extraction.dates import read_dates
from crawler.extraction.meta_tags import MetaTags, read_meta_tags
from crawler.extraction.structured import StructuredData
from crawler.extraction.surroundings import around_heading
from crawler.extraction.titles import read_title


@dataclass(frozen=True, slots=True)
class Metadata:
    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    description: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    image_caption: str | None = None
    paywalled: bool | None = None
    candidates: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)


def read_metadata(
    tree: HtmlElement, structured: StructuredData, *, url: str | None = None
) -> Metadata:
    meta = read_meta_tags(tree)
    sites = tuple(dict.fromkeys(_site_names(structured, meta, url)))
    title, titles = read_title(tree, structured, meta, sites)
    near = around_heading(tree, title)
    dates = read_dates(tree, structured, meta, near, url=url, language=tree.get("lang"))
    authors, named = read_authors(tree, structured, meta, near, sites)
    return Metadata(
        title=title,
        authors=authors,
        published_at=dates.published_at,
        modified_at=dates.modified_at,
        language=tree.get("lang"),
        description=meta.first("og:description", "description"),
        candidates={
            "title": titles,
            "authors": named,
            "published_at": dates.published,
            "modified_at": dates.modified,
        },
    )


def _site_names(structured: StructuredData, meta: MetaTags, url: str | None) -> Iterator[str]:
    for _, content in meta.all(("og:site_name", "application-name", "apple-mobile-web-app-title")):
        yield content
    yield from structured.site_names
    host = urlsplit(url or meta.first("og:url") or "").hostname or ""
    labels = host.split(".")
    if len(labels) > 1:
        yield host.removeprefix("www.")
        yield max(labels[:-1], key=len)
