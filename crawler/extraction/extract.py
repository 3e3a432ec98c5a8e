"""The path of a page through extraction: decode, read the metadata, find the body, clean it."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version

import lxml.html
from trafilatura import bare_extraction

from crawler.extraction.article import Article, PageKind, Paragraph, ParagraphKind, Removed
from crawler.extraction.errors import ExtractionError, UnreadableBody
from crawler.extraction.profile import ProfileLearner, SiteProfile, outline_entry

EXTRACTOR_VERSION = f"1+trafilatura-{version('trafilatura')}"


def extract(
    body: bytes,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    profile: SiteProfile | None = None,
) -> Article:
    """Read one page. Raises ExtractionError if no article can be made of the bytes."""
    try:
        tree = lxml.html.document_fromstring(body)
    except (lxml.etree.LxmlError, ValueError) as error:
        raise UnreadableBody(str(error)) from error
    document = bare_extraction(tree, url=url, include_comments=False, with_metadata=True)
    texts: list[str] = []
    title, description, language = "", None, None
    if document is not None:
        texts = [line for line in str(document.text or "").splitlines() if line.strip()]
        title, description, language = document.title or "", document.description, document.language
    outline = tuple(outline_entry("", text) for text in texts)
    template = profile.template_keys if profile else frozenset()
    kept, removed = [], []
    for text, entry in zip(texts, outline, strict=True):
        if entry.split("\t", 1)[0] in template:
            removed.append(Removed(text, "profile"))
        else:
            kept.append(Paragraph(ParagraphKind.PARAGRAPH, text))
    return Article(
        kind=PageKind.ARTICLE,
        title=title,
        paragraphs=tuple(kept),
        description=description,
        language=language,
        removed=tuple(removed),
        outline=outline,
    )


def learn_profile(pages: Iterable[tuple[bytes, str | None]]) -> SiteProfile:
    """Learn from (body, URL) pairs; a page that can't be read teaches nothing."""
    learner = ProfileLearner()
    for body, url in pages:
        try:
            learner.add(extract(body, url=url).outline)
        except ExtractionError:
            continue
    return learner.profile()
