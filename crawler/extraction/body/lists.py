"""Lists inside an article: a list of links that belongs to the text, or leads away from it."""

from collections.abc import MutableMapping, Sequence, Set

from crawler.extraction.body.containers import PROSE_WEIGHT, Reading
from crawler.extraction.body.phrasing import announces
from crawler.extraction.page.blocks import Scope

LISTS = ("ul", "ol", "dl")
# the linked share of an item below which it says something itself
UNLINKED = 0.2


def keep_lists_of_the_text(
    readings: Sequence[Reading],
    first: int,
    last: int,
    reasons: MutableMapping[int, str],
    *,
    containers: Set[Scope],
) -> None:
    """Take back items that were left out as links, from lists among the article's paragraphs.

    `first` and `last` are the first and last paragraph, `containers` the elements they are children
    of.

    A list is one thing: it stays whole if any item stays that is no link, or if a long sentence
    announces it. A short one, such as "Read more on this:", announces what is no part of the text.
    """
    lists: dict[Scope, list[int]] = {}
    for i in range(first + 1, last):
        scope = _list_around(readings[i].block.scope)
        if scope is not None and scope.parent in containers:
            lists.setdefault(scope, []).append(i)
    for items in lists.values():
        before = readings[items[0] - 1]
        announced = (
            items[0] - 1 not in reasons
            and before.weight >= 2 * PROSE_WEIGHT
            and announces(before.block.text)
        )
        if announced or any(
            i not in reasons and readings[i].block.linked < UNLINKED for i in items
        ):
            for i in items:
                if reasons.get(i) == "link":
                    del reasons[i]


def _list_around(scope: Scope | None) -> Scope | None:
    while scope is not None and scope.tag not in LISTS:
        scope = scope.parent if scope.flow is not None else None
    return scope
