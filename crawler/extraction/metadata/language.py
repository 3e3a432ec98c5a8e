"""The language of a page, by its own word."""

import re

from lxml.html import HtmlElement

from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import StructuredData

# The parts of BCP 47 that news pages use: language, script, region.
_TAG = re.compile(
    r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?![a-z0-9])", re.IGNORECASE
)


def read_language(tree: HtmlElement, structured: StructuredData, meta: MetaTags) -> str | None:
    """A BCP 47 tag in its usual case (`de-AT`, `zh-Hant`), or None where the page has none.

    `<html lang>` comes first: readers' software depends on it, so that it is the one that is kept
    right. Then the article's `inLanguage`, `og:locale` and the old meta tags.
    """
    given = [
        tree.get("lang"),
        tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang"),
        *(text for node in structured.articles for text in structured.texts(node, "inLanguage")),
        meta.first("og:locale", "content-language", "language", "dc.language", "dcterms.language"),
    ]
    return next(filter(None, map(language_tag, given)), None)


def language_tag(text: str | None) -> str | None:
    match = _TAG.match(text.strip()) if text else None
    if not match:
        return None
    language, script, region = match.groups()
    parts = [language.lower(), script and script.title(), region and region.upper()]
    return "-".join(filter(None, parts))
