"""From the blocks of an article to its paragraphs."""

from collections.abc import Iterable, Set
from itertools import groupby

from crawler.extraction.article import Paragraph, ParagraphKind
from crawler.extraction.body.corrections import is_correction_note
from crawler.extraction.page.blocks import Block, Scope

_KINDS = {
    "ul": ParagraphKind.LIST_ITEM,
    "ol": ParagraphKind.LIST_ITEM,
    "dl": ParagraphKind.LIST_ITEM,
    "blockquote": ParagraphKind.QUOTATION,
}


def paragraphs_of(
    blocks: Iterable[Block], *, standfirst: Set[int] = frozenset()
) -> tuple[Paragraph, ...]:
    """The paragraphs of an article, the cells of a table's row joined by tabs.

    `standfirst` holds the indexes of the blocks that are the standfirst.
    """
    paragraphs: list[Paragraph] = []
    for row, group in groupby(blocks, key=_row):
        members = list(group)
        cells = {block.scope for block in members}
        if row is not None and len(members) == len(cells) > 1:
            text = "\t".join(block.text for block in members)
            paragraphs.append(Paragraph(ParagraphKind.TABLE_ROW, text))
            continue
        for block in members:
            kind = ParagraphKind.STANDFIRST if block.index in standfirst else _kind(block)
            paragraphs.append(Paragraph(kind, block.text))
    return tuple(paragraphs)


def _kind(block: Block) -> ParagraphKind:
    if block.scope.heading is not None:
        return ParagraphKind.HEADING
    if is_correction_note(block.text):
        return ParagraphKind.CORRECTION
    return _KINDS.get(block.scope.flow or "", ParagraphKind.PARAGRAPH)


def _row(block: Block) -> Scope | None:
    """The row of a data table that a block is a cell of; long cells lay out a page."""
    if block.scope.flow != "table" or len(block.text) > 300:
        return None
    scope: Scope | None = block.scope
    while scope is not None and scope.tag not in ("tr", "table"):
        scope = scope.parent
    return scope if scope is not None and scope.tag == "tr" else None
