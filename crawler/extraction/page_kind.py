"""What a page is: an article, or one of the things that must never become one."""

from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.extraction.article import PageKind, Paragraph
from crawler.extraction.metadata import Metadata
from crawler.extraction.structured import StructuredData


def page_kind(
    tree: HtmlElement,
    structured: StructuredData,
    metadata: Metadata,
    paragraphs: Sequence[Paragraph],
    *,
    url: str | None = None,
) -> PageKind:
    if any("LiveBlogPosting" in str(node.get("@type")) for node in structured.articles):
        return PageKind.LIVE_BLOG
    return PageKind.ARTICLE
