"""The days of a site: what it tells, in which markup, and what stands before it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Day:
    """`edition` is one of four; `theme` how many systems further the site's markup is, at its own
    addresses; `notice` stands above the text of every page; with `walls` a third of the articles
    are behind something."""

    edition: int
    theme: int = 0
    notice: str = ""
    walls: bool = False


FIRST = Day(1)
SECOND = Day(2)
WALLS = Day(
    3, walls=True, notice="Our pages will be slow on Sunday night, while we move to new machines."
)
BACK = Day(3)
REDESIGNED = Day(3, theme=1)
LAST = Day(4, theme=1)
DAYS = (FIRST, SECOND, WALLS, BACK, REDESIGNED, LAST)
