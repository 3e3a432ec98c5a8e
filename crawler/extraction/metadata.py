"""Everything about an article but its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml.html import HtmlElement

from crawler.extraction.article import Candidate
from crawler.extraction.structured import StructuredData


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
    meta = {
        (m.get("property") or m.get("name") or "").lower(): (m.get("content") or "").strip()
        for m in tree.iter("meta")
    }
    headline = next(
        (n["headline"] for n in structured.articles if isinstance(n.get("headline"), str)), None
    )
    title = headline or meta.get("og:title") or tree.findtext(".//title") or ""
    published = next(
        (
            n["datePublished"]
            for n in structured.articles
            if isinstance(n.get("datePublished"), str)
        ),
        meta.get("article:published_time"),
    )
    authors = []
    for node in structured.articles[:1]:
        given = node.get("author")
        for author in given if isinstance(given, list) else [given]:
            name = author.get("name") if isinstance(author, dict) else author
            if isinstance(name, str) and name not in authors:
                authors.append(name)
    return Metadata(
        title=" ".join(title.split()),
        authors=tuple(authors),
        published_at=_aware(published),
        language=tree.get("lang"),
        description=meta.get("og:description") or meta.get("description"),
    )


def _aware(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
