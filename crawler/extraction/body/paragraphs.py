"""From the blocks of an article to its paragraphs, and what kind each of them is."""

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter

from crawler.extraction.article import Paragraph, ParagraphKind
from crawler.extraction.body.corrections import is_correction_note
from crawler.extraction.page.blocks import Block, Scope, words
from crawler.extraction.page.scopes import with_outer
from crawler.extraction.page.wording import weight

_KINDS = {
    "ul": ParagraphKind.LIST_ITEM,
    "ol": ParagraphKind.LIST_ITEM,
    "dl": ParagraphKind.LIST_ITEM,
    "blockquote": ParagraphKind.QUOTATION,
}
_APART = {"title": ParagraphKind.HEADLINE, "pull quote": ParagraphKind.PULL_QUOTE}
_APART |= {"caption": ParagraphKind.CAPTION}
_CAPTIONS = words("caption credit <figcaption>")
_POSTS = words("twitter tweet instagram facebook tiktok bluesky mastodon")
_BOXES = words("infobox factbox")
_PULLED = words("pullquote pullquotes")
_KEY_POINTS = words("keypoint keypoints highlights takeaway takeaways tldr")
_LEVELS = 4
# a sign-off is one of the last lines, and short
_LAST_LINES = 2
_LINE_WEIGHT = 120
_SIGNED = re.compile(r"\s*(?:[(\[].+[)\]]|[—–-]\s*\S.*)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """What a paragraph is made of: a block's text, its kind, and the number of its element; of a
    cell of a data table also that of its row."""

    text: str
    kind: ParagraphKind
    element: int
    row: int | None = None


def part_of(block: Block, *, standfirst: bool = False) -> Part:
    """A block as a part of the article, which may be its standfirst."""
    kind = ParagraphKind.STANDFIRST if standfirst else _kind(block)
    return Part(block.text, kind, block.scope.order, _row(block))


def paragraphs_of(parts: Iterable[Part]) -> tuple[Paragraph, ...]:
    """The paragraphs of an article, the cells of a table's row joined by tabs."""
    paragraphs: list[Paragraph] = []
    for row, group in groupby(parts, key=attrgetter("row")):
        members = list(group)
        cells = {part.element for part in members}
        if row is not None and len(members) == len(cells) > 1:
            text = "\t".join(part.text for part in members)
            paragraphs.append(Paragraph(ParagraphKind.TABLE_ROW, text))
            continue
        paragraphs += [Paragraph(part.kind, part.text) for part in members]
    for at in range(max(1, len(paragraphs) - _LAST_LINES), len(paragraphs)):
        if _is_sign_off(paragraphs[at]):
            paragraphs[at] = Paragraph(ParagraphKind.SIGN_OFF, paragraphs[at].text)
    return tuple(paragraphs)


def starts_of(parts: Iterable[Part]) -> list[int]:
    """Which of the parts, by their numbers, the paragraphs of `paragraphs_of` begin with."""
    starts: list[int] = []
    numbered = enumerate(parts)
    for row, group in groupby(numbered, key=lambda pair: pair[1].row):
        members = list(group)
        is_row = row is not None and len(members) == len({it.element for _, it in members}) > 1
        starts += [number for number, _ in (members[:1] if is_row else members)]
    return starts


def reason_shown(block: Block, reason: str) -> str:
    """What a block is that was left out: the kind of a part of the article that is shown apart
    from its text, or `reason`, which is the rule's."""
    rule, _, names = reason.partition(" ")
    signs = words(names) if rule == "furniture" else frozenset()
    if reason in _APART:
        return _APART[reason].value
    if not signs.isdisjoint(_CAPTIONS):
        return ParagraphKind.CAPTION.value
    if signs and _is_named(block, _PULLED, {"pull", "quote"}):
        return ParagraphKind.PULL_QUOTE.value
    if block.scope.flow == "blockquote" and not signs.isdisjoint(_POSTS):
        return ParagraphKind.EMBEDDED_POST.value
    return reason if signs.isdisjoint(_BOXES) else ParagraphKind.FACT_BOX.value


def _is_sign_off(paragraph: Paragraph) -> bool:
    """Whether a last line is set between brackets or after a dash: "(dpa)", "– Ann Fell"."""
    plain = paragraph.kind is ParagraphKind.PARAGRAPH
    short = weight(paragraph.text) < _LINE_WEIGHT
    return plain and short and _SIGNED.fullmatch(paragraph.text) is not None


def _is_named(block: Block, names: Set[str], together: Set[str]) -> bool:
    """Whether an element around the block has one of the names, or these two together."""
    return any(
        together <= scope.names or not scope.names.isdisjoint(names)
        for scope in islice(with_outer(block.scope), _LEVELS)
    )


def _kind(block: Block) -> ParagraphKind:
    if block.scope.heading is not None:
        return ParagraphKind.HEADING
    if is_correction_note(block.text):
        return ParagraphKind.CORRECTION
    kind = _KINDS.get(block.scope.flow or "", ParagraphKind.PARAGRAPH)
    if kind is ParagraphKind.LIST_ITEM and _is_named(block, _KEY_POINTS, {"key", "points"}):
        return ParagraphKind.KEY_POINT
    return kind


def _row(block: Block) -> int | None:
    """The row of a data table that a block is a cell of; long cells lay out a page."""
    if block.scope.flow != "table" or len(block.text) > 300:
        return None
    scope: Scope | None = block.scope
    while scope is not None and scope.tag not in ("tr", "table"):
        scope = scope.parent
    return scope.order if scope is not None and scope.tag == "tr" else None
