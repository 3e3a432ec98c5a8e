"""Where a publisher files an article: its section and its tags."""

import re
from collections.abc import Container, Iterable

from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.wording import plain, squash

MAX_TAGS = 50
MAX_LENGTH = 100

_TAG_SOURCES = ("article:tag", "news_keywords", "parsely-tags", "sailthru.tags", "keywords")
_BETWEEN_TAGS = re.compile(r"\s*[,;|，、]\s*")


def read_section(
    structured: StructuredData, meta: MetaTags, title: str, sites: Container[str]
) -> str | None:
    """The section, from JSON-LD, meta tags or the breadcrumb's step below the front page."""
    declared = [
        *(
            text
            for node in structured.articles
            for text in structured.texts(node, "articleSection")
        ),
        meta.first("article:section", "parsely-section", "section", "cxenseparse:recs:category"),
    ]
    steps = [step for step in structured.breadcrumbs if not _is_title(step, title)]
    below = steps[1:2] if len(steps) > 1 else [s for s in steps if squash(s) not in sites]
    return next((plain(s)[:MAX_LENGTH] for s in [*declared, *below] if s and s.strip()), None)


def _is_title(step: str, title: str) -> bool:
    key = squash(step)
    return len(key) > 10 and (key in squash(title) or squash(title) in key)


def read_tags(structured: StructuredData, meta: MetaTags) -> tuple[str, ...]:
    """The tags of the first place that gives any, none twice, in the publisher's order."""
    keywords = [text for node in structured.articles for text in structured.texts(node, "keywords")]
    tags = _separate(keywords)
    for source in _TAG_SOURCES:
        tags = tags or _separate(content for _, content in meta.all([source]))
    return tags


def _separate(texts: Iterable[str]) -> tuple[str, ...]:
    tags: dict[str, str] = {}
    for text in texts:
        for part in _BETWEEN_TAGS.split(plain(text)):
            if part and len(part) <= MAX_LENGTH:
                tags.setdefault(part.casefold(), part)
    return tuple(tags.values())[:MAX_TAGS]
