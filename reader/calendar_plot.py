"""A source's days as a calendar: a column a week, a square a day. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from storage.query.watching import Day

CELL: Final = 13.0


@dataclass(frozen=True, slots=True)
class Cell:
    x: float
    y: float
    day: date
    state: str
    new: int
    edits: int


@dataclass(frozen=True, slots=True)
class Month:
    x: float
    start: date


@dataclass(frozen=True, slots=True)
class Calendar:
    cells: tuple[Cell, ...]
    months: tuple[Month, ...]
    width: float


def calendar(days: Sequence[Day]) -> Calendar:
    """The days, which follow each other; weeks begin on Monday."""
    if not days:
        return Calendar((), (), CELL)
    before = days[0].day.weekday()
    cells, months = [], []
    for place, it in enumerate(days):
        week, weekday = divmod(before + place, 7)
        x = week * CELL
        if it.day.day == 1 or place == 0:
            months.append(Month(x, it.day))
        cells.append(
            Cell(
                x,
                weekday * CELL,
                it.day,
                it.state.value,
                it.counts["articles"],
                it.counts["edits"],
            )
        )
    if len(months) > 1 and months[1].x - months[0].x < 3 * CELL:
        del months[0]
    return Calendar(tuple(cells), tuple(months), (before + len(days) + 6) // 7 * CELL)
