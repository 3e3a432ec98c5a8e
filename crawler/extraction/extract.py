"""The path of a page through extraction: decode, read the metadata, find the body, clean it."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version

from crawler.extraction import decode
from crawler.extraction.article import Article, Paragraph, ParagraphKind, Removed
from crawler.extraction.blocks import read_blocks
from crawler.extraction.body import find_body
from crawler.extraction.errors import ExtractionError
from crawler.extraction.metadata import read_metadata
from crawler.extraction.page_kind import page_kind
from crawler.extraction.profile import ProfileLearner, SiteProfile, outline_entry
from crawler.extraction.structured import read_structured

EXTRACTOR_VERSION = f"1+trafilatura-{version('trafilatura')}"


def extract(
    body: bytes,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    profile: SiteProfile | None = None,
) -> Article:
    """Read one page. Raises ExtractionError if no article can be made of the bytes."""
    tree = decode.parse(body, headers)
    structured = read_structured(tree)
    metadata = read_metadata(tree, structured, url=url)
    blocks = find_body(
        read_blocks(tree, url),
        title=metadata.title,
        authors=metadata.authors,
        descriptions=[c.value for c in metadata.candidates.get("description", ())]
        or [metadata.description or ""],
        article_body=structured.article_body,
    )
    texts = [b.text for b in blocks.kept]
    outline = tuple(outline_entry("", text) for text in texts)
    template = profile.template_keys if profile else frozenset()
    kept, removed = [], []
    for text, entry in zip(texts, outline, strict=True):
        if entry.split("\t", 1)[0] in template:
            removed.append(Removed(text, "profile"))
        else:
            kept.append(Paragraph(ParagraphKind.PARAGRAPH, text))
    return Article(
        kind=page_kind(tree, structured, metadata, kept, url=url),
        title=metadata.title,
        paragraphs=tuple(kept),
        authors=metadata.authors,
        published_at=metadata.published_at,
        modified_at=metadata.modified_at,
        language=metadata.language,
        canonical_url=metadata.canonical_url,
        description=metadata.description,
        section=metadata.section,
        tags=metadata.tags,
        image_url=metadata.image_url,
        image_caption=metadata.image_caption,
        paywalled=metadata.paywalled,
        candidates=metadata.candidates,
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
