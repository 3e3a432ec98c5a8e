"""The parts of an article that are shown apart from its text, each at its place beside it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.extraction.article import ApartBlock, ParagraphKind
from crawler.extraction.page.blocks import Block
from crawler.extraction.page.scopes import with_outer

_KINDS = {kind.value: kind for kind in ParagraphKind}


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a block stands: the number of the figure it is in, the picture before it, and the time
    that the page gives there."""

    figure: int | None = None
    picture: str | None = None
    moment: str | None = None


NOWHERE = Setting()


def setting_of(block: Block) -> Setting:
    figures = (it.order for it in with_outer(block.scope) if it.tag == "figure")
    setting = Setting(next(figures, None), block.picture, block.moment)
    return NOWHERE if setting == NOWHERE else setting


def shown_apart(
    left_out: Iterable[tuple[int, str, str, Setting]], starts: Sequence[int]
) -> tuple[ApartBlock, ...]:
    """Headlines, pull quotes, posts, captions and fact boxes among the blocks that were left out:
    each with its place, its text, the reason that is shown and its setting, in page order.
    `starts` are the places that the text's paragraphs begin at."""
    found: list[ApartBlock] = []
    figure: int | None = None
    picture: str | None = None
    for place, text, reason, setting in left_out:
        kind = _KINDS.get(reason)
        if kind is None:
            continue
        if setting.picture is not None:
            figure, picture = setting.figure, setting.picture
        own = setting.picture is not None or (figure is not None and setting.figure == figure)
        shown = picture if own and kind is ParagraphKind.CAPTION else None
        found.append(ApartBlock(kind, text, bisect_left(starts, place), shown))
    return tuple(found)
