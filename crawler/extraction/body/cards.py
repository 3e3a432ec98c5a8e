"""Cards of other articles below a text: boxes side by side, each with a headline that leads away.

They stand below a heading of their own ("Related", "More stories"), and that below the page's. What
they tell may outweigh a brief or a gallery, and is no part of it.
"""

from collections.abc import Iterator, Sequence

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
            found.update(_within(blocks, _boxes(above[-1], row)))
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


def _within(blocks: Sequence[Block], boxes: Sequence[Scope]) -> Iterator[int]:
    first = boxes[0].order if boxes else 0
    last = boxes[-1].last if boxes else -1
    for block in blocks:
        if first <= block.scope.order <= last and any(is_inside(block.scope, it) for it in boxes):
            yield block.index
