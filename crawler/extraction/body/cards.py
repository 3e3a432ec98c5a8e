"""Cards of other articles below a text: boxes side by side, each with a headline that leads away.

They stand below a heading of their own ("Related", "More stories"), and that below the page's. What
they tell may outweigh a brief or a gallery, and is no part of it.
"""

from bisect import bisect_right
from collections.abc import Sequence

from crawler.extraction.body.containers import PROSE_WEIGHT
from crawler.extraction.page.blocks import Block, Scope
from crawler.extraction.page.scopes import is_inside, with_outer

_FEWEST = 2  # cards


def cards(blocks: Sequence[Block]) -> frozenset[int]:
    """The indexes of the blocks that are in such cards."""
    found: set[int] = set()
    above: list[Block] = []  # headings that lead nowhere
    row: list[Block] = []
    headings = [block for block in blocks if block.scope.heading is not None]
    for heading in [*headings, None]:
        if heading is not None and heading.linked > 0.5 >= heading.away:
            row.append(heading)
            continue
        if len(above) > 1 and len(row) >= _FEWEST:
            found.update(_within(blocks, row, _boxes(above[-1], row)))
        row = []
        if heading is not None:
            above.append(heading)
    return frozenset(found)


def _boxes(label: Block, row: Sequence[Block]) -> Sequence[Scope]:
    """The outermost elements that hold one each of these headlines; none where these stand among
    their texts, or the elements are not side by side."""
    boxes = []
    for at, headline in enumerate(row):
        others = [label, *row[max(0, at - 1) : at], *row[at + 1 : at + 2]]
        box = headline.scope
        for scope in with_outer(headline.scope.parent):
            if any(is_inside(other.scope, scope) for other in others):
                break
            box = scope
        boxes.append(box)
    apart = all(box is not headline.scope for box, headline in zip(boxes, row, strict=True))
    return boxes if apart and len({box.parent for box in boxes}) == 1 else ()


def _within(blocks: Sequence[Block], row: Sequence[Block], boxes: Sequence[Scope]) -> Sequence[int]:
    """The blocks in the boxes of these headlines; none where half of the boxes are more than cards:
    a teaser is one paragraph, and the sections of a review of the year have headlines that lead
    away as well."""
    if not boxes:
        return ()
    start, end = row[0].index, row[-1].index + 1
    while start and is_inside(blocks[start - 1].scope, boxes[0]):
        start -= 1
    while end < len(blocks) and is_inside(blocks[end].scope, boxes[-1]):
        end += 1
    starts = [box.order for box in boxes]
    paragraphs = [0] * len(boxes)
    found = []
    for block in blocks[start:end]:
        at = bisect_right(starts, block.scope.order) - 1
        if at >= 0 and is_inside(block.scope, boxes[at]):
            found.append(block.index)
            paragraphs[at] += _is_paragraph(block)
    return found if 2 * sum(count > 1 for count in paragraphs) < len(boxes) else ()


def _is_paragraph(block: Block) -> bool:
    return block.weight >= PROSE_WEIGHT and block.linked <= 0.5 and block.scope.heading is None
