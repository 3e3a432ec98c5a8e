"""The path of a page through extraction: decode, read the metadata, find the body, clean it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from importlib.metadata import version

from lxml.etree import LIBXML_VERSION
from lxml.html import HtmlElement

from crawler.extraction.article import Article
from crawler.extraction.body.apart import setting_of
from crawler.extraction.body.cards import cards
from crawler.extraction.body.claims import Claims
from crawler.extraction.body.containers import notices
from crawler.extraction.body.fallback import read_with_trafilatura
from crawler.extraction.body.live_entries import read_updates
from crawler.extraction.body.paragraphs import paragraphs_of, part_of, reason_shown
from crawler.extraction.body.second_opinion import reconsidered
from crawler.extraction.body.selection import ABOVE, Body, find_body
from crawler.extraction.draft import CandidateBlock, Draft
from crawler.extraction.errors import ExtractionError
from crawler.extraction.kind.evidence import Evidence
from crawler.extraction.kind.partial import is_partial
from crawler.extraction.metadata.gather import Metadata, read_metadata
from crawler.extraction.page import decode
from crawler.extraction.page.blocks import Block, read_blocks
from crawler.extraction.page.embedded import embedded_article
from crawler.extraction.page.structured import StructuredData, read_structured
from crawler.extraction.page_input import PageInput
from crawler.extraction.template.book import TemplateBook
from crawler.extraction.template.learning import TemplateLearner
from crawler.extraction.template.outline import outline_entry
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.skeleton import skeleton_of
from crawler.extraction.template.template import Template

EXTRACTOR_VERSION = (
    f"16+trafilatura-{version('trafilatura')}+libxml2-{'.'.join(map(str, LIBXML_VERSION))}"
)

# characters of text below which the page's structure may have misled
THIN_BODY = 600
# words of a headline that no sentence has by chance
HEADLINE_WORDS = 3
# of a text on a card by which it is known again
CARD_LETTERS = 30
# Trafilatura's searches over attributes take half a second a megabyte
FALLBACK_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Texts that are not the article's, folded: whole `notices`, and what stands on `cards`, which
    Trafilatura may run together."""

    notices: Set[str]
    cards: Sequence[str]

    def has(self, block: Block) -> bool:
        return block.folded in self.notices or any(text in block.folded for text in self.cards)


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
    tree = decode.parse(page.body, page.headers)
    return draft_of(page, tree, templates).article(templates)


def draft_of(
    page: PageInput, tree: HtmlElement, templates: Template | TemplateBook | None = None
) -> Draft:
    """What the page says, whose document is `tree`, before one of these or of any other templates
    is applied. Raises TooLarge."""
    url = page.url
    structured = read_structured(tree)
    metadata = read_metadata(
        tree, structured, url=url, headers=page.headers, tdm_rule=page.tdm_rule
    )
    evidence = Evidence(tree, structured, metadata, url)
    claims = replace(claims_of(metadata, structured), article=evidence.claims_article)

    def body_of(document: HtmlElement) -> Body:
        blocks = read_blocks(document, evidence.address)
        return reconsidered(blocks, find_body(blocks, claims), claims)

    found = body_of(tree)
    if len(page.body) <= FALLBACK_BYTES and _size(found) < THIN_BODY:
        paragraphs = paragraphs_of(map(part_of, found.kept))
        if not is_partial(evidence, paragraphs):
            blocks = read_blocks(tree, evidence.address)
            others = [blocks[i].folded.strip() for i in cards(blocks) if claims.article]
            elsewhere = Elsewhere(notices(blocks), [it for it in others if len(it) > CARD_LETTERS])
            found = _thickest(found, tree, metadata.title, elsewhere, body_of)
    skeleton = skeleton_of(tree)
    pinned = templates.chosen(skeleton)[1].pinned if templates is not None else frozenset()
    return Draft(evidence, tuple(_candidates(found, pinned)), skeleton, read_updates(structured))


def _thickest(
    found: Body,
    tree: HtmlElement,
    title: str,
    elsewhere: Elsewhere,
    body_of: Callable[[HtmlElement], Body],
) -> Body:
    """What was found of the page, or its article as a script has it or Trafilatura reads it, where
    that has several times the text, what stands `elsewhere` aside."""
    embedded = embedded_article(tree)
    if embedded is not None:
        found = _thicker(found, body_of(embedded))
    if any(reason == ABOVE for _, reason in found.left_out):
        return found  # there is nothing else to read
    second = [
        block
        for block in read_with_trafilatura(tree)
        if not _runs_on(block, title) and not elsewhere.has(block)
    ]
    return _thicker(found, Body(second, []))


def _candidates(found: Body, pinned: Set[str]) -> Iterator[CandidateBlock]:
    """The blocks that may be the article's, in page order; `pinned` are the keys of those that are
    whatever a rule says."""
    reasons = {block.index: reason for block, reason in found.left_out}
    blocks = [*found.kept, *(block for block, _ in found.left_out)]
    for block in sorted(blocks, key=lambda block: block.index):
        reason = reasons.get(block.index)
        entry = outline_entry(block, kept=reason is None)
        if reason is None or entry.key in pinned:
            part = part_of(block, standfirst=block.index in found.standfirst)
        else:
            part = None
        shown = None if reason is None else reason_shown(block, reason)
        yield CandidateBlock(block.text, entry, part, shown, setting_of(block))


def claims_of(metadata: Metadata, structured: StructuredData) -> Claims:
    """What the metadata say of the article's own words."""
    return Claims(
        metadata.title,
        metadata.authors,
        [candidate.value for candidate in metadata.candidates.get("description", ())],
        structured.article_body,
    )


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
        learner.add(
            PageSample(
                article.skeleton,
                article.outline,
                title=article.title,
                bylines=article.bylines,
            )
        )
    return learner.template()
