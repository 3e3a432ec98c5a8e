"""The path of a page through extraction: decode, read the metadata, find the body, clean it."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version

from lxml.etree import LIBXML_VERSION
from lxml.html import HtmlElement

from crawler.extraction.article import Article, Removed, TextBlock
from crawler.extraction.body.claims import Claims
from crawler.extraction.body.fallback import read_with_trafilatura
from crawler.extraction.body.live_entries import live_entries
from crawler.extraction.body.paragraphs import paragraphs_of, reason_shown
from crawler.extraction.body.second_opinion import reconsidered
from crawler.extraction.body.selection import Body, find_body
from crawler.extraction.errors import ExtractionError
from crawler.extraction.kind.page_kind import page_kind
from crawler.extraction.kind.partial import is_partial
from crawler.extraction.metadata.gather import Metadata, read_metadata
from crawler.extraction.page import decode
from crawler.extraction.page.blocks import Block, read_blocks
from crawler.extraction.page.embedded import embedded_article
from crawler.extraction.page.structured import StructuredData, read_structured
from crawler.extraction.page_input import PageInput
from crawler.extraction.template.book import TemplateBook, reading_name
from crawler.extraction.template.learning import TemplateLearner
from crawler.extraction.template.outline import outline_entry, outline_of
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.skeleton import skeleton_of
from crawler.extraction.template.template import NO_TEMPLATE, Template, removed_by

EXTRACTOR_VERSION = (
    f"11+trafilatura-{version('trafilatura')}+libxml2-{'.'.join(map(str, LIBXML_VERSION))}"
)

# characters of text below which the page's structure may have misled
THIN_BODY = 600
# words of a headline that no sentence has by chance
HEADLINE_WORDS = 3
# Trafilatura's searches over attributes take half a second a megabyte
FALLBACK_BYTES = 1_000_000


def extract(
    page: PageInput | bytes,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    templates: Template | TemplateBook | None = None,
) -> Article:
    """Read one page. The same arguments give the same article, in any process.

    A body alone stands for a page of which no more is known than `url` and `headers`; a
    `PageInput` has its own. `templates` is one, or those of a source, of which the
    page's skeleton chooses one.

    Raises UnreadableBody or TooLarge, and no other exception, whatever the bytes.
    """
    if isinstance(page, bytes):
        page = PageInput(page, url=url, headers=headers or {})
    body, url = page.body, page.url
    tree = decode.parse(body, page.headers)
    structured = read_structured(tree)
    metadata = read_metadata(tree, structured, url=url, headers=page.headers)
    address = url or metadata.canonical_url
    claims = claims_of(metadata, structured)

    def body_of(document: HtmlElement) -> Body:
        blocks = read_blocks(document, address)
        return reconsidered(blocks, find_body(blocks, claims), claims)

    found = body_of(tree)
    is_teaser = is_partial(
        tree, structured, paragraphs_of(found.kept), paywalled=metadata.paywalled
    )
    if len(body) <= FALLBACK_BYTES and _size(found) < THIN_BODY and not is_teaser:
        embedded = embedded_article(tree)
        if embedded is not None:
            found = _thicker(found, body_of(embedded))
        second = [b for b in read_with_trafilatura(tree) if not _runs_on(b, metadata.title)]
        found = _thicker(found, Body(second, []))
    kept, left_out = list(found.kept), list(found.left_out)
    skeleton = skeleton_of(tree)
    layout, template = templates.chosen(skeleton) if templates is not None else ("", NO_TEMPLATE)
    if template.pinned:
        kept, left_out = _with_pinned(template, kept, left_out)
    removed = [Removed(block.text, reason_shown(block, reason)) for block, reason in left_out]
    entries = [outline_entry(block) for block in kept]
    repeating = removed_by(template, entries)
    removed += [Removed(kept[i].text, "template") for i in sorted(repeating)]
    blocks = [
        TextBlock(entry.key, entry.place, block.text)
        for entry, block in zip(entries, kept, strict=True)
    ]
    kept = [block for i, block in enumerate(kept) if i not in repeating]
    paragraphs = paragraphs_of(kept, standfirst=found.standfirst)
    return Article(
        kind=page_kind(tree, structured, metadata, paragraphs, url=url),
        title=metadata.title,
        paragraphs=paragraphs,
        authors=metadata.authors,
        published_at=metadata.published_at,
        modified_at=metadata.modified_at,
        published_precision=metadata.published_precision,
        modified_precision=metadata.modified_precision,
        published_offset=metadata.published_offset,
        modified_offset=metadata.modified_offset,
        language=metadata.language,
        canonical_url=metadata.canonical_url,
        description=metadata.description,
        section=metadata.section,
        tags=metadata.tags,
        image_url=metadata.image_url,
        image_caption=metadata.image_caption,
        paywalled=metadata.paywalled,
        rights=metadata.rights,
        partial=is_partial(tree, structured, paragraphs, paywalled=metadata.paywalled),
        candidates=metadata.candidates,
        removed=tuple(removed),
        live_entries=live_entries(structured, paragraphs),
        outline=outline_of(found.kept, [block for block, _ in found.left_out]),
        skeleton=skeleton,
        layout=layout,
        template=reading_name(layout, template),
        blocks=tuple(block for i, block in enumerate(blocks) if i not in repeating),
        repeating=tuple(blocks[i] for i in sorted(repeating)),
    )


def claims_of(metadata: Metadata, structured: StructuredData) -> Claims:
    """What the metadata say of the article's own words."""
    return Claims(
        metadata.title,
        metadata.authors,
        [candidate.value for candidate in metadata.candidates.get("description", ())],
        structured.article_body,
    )


def _with_pinned(
    template: Template, kept: list[Block], left_out: list[tuple[Block, str]]
) -> tuple[list[Block], list[tuple[Block, str]]]:
    """What an operator keeps is in the text, whatever rule left it out."""
    within, still_out = list(kept), []
    for block, reason in left_out:
        if outline_entry(block, kept=False).key in template.pinned:
            within.append(block)
        else:
            still_out.append((block, reason))
    return sorted(within, key=lambda block: block.index), still_out


def _runs_on(block: Block, title: str) -> bool:
    """Whether a block is a page run together: the headline stands among its words."""
    return len(title.split()) >= HEADLINE_WORDS and title in block.text and title != block.text


def _size(found: Body) -> int:
    return sum(len(block.text) for block in found.kept)


def _thicker(found: Body, other: Body) -> Body:
    """The other reading of the page if it has several times the text."""
    return other if _size(other) > 3 * _size(found) else found


def learn_template(pages: Iterable[tuple[bytes, str | None]]) -> Template:
    """Learn from (body, URL) pairs; a page that can't be read teaches nothing."""
    learner = TemplateLearner()
    for body, url in pages:
        try:
            article = extract(PageInput(body, url=url))
        except ExtractionError:
            continue
        learner.add(PageSample(article.skeleton, article.outline, title=article.title))
    return learner.template()
