"""Plots as shapes: where each bar and stretch of time is drawn. Templates make SVG of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Final

WIDTH: Final = 720.0
_TICK: Final = 60.0  # of a day's name
_THIN: Final = 3.0  # the least width of what has a time


@dataclass(frozen=True, slots=True)
class Bar:
    """`count` is None where nobody looked; then there is a gap from top to bottom."""

    x: float
    y: float
    width: float
    height: float
    start: date
    end: date
    count: int | None
    address: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    when: date


@dataclass(frozen=True, slots=True)
class BarPlot:
    """`most` is what the full height stands for."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    most: int
    height: float


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are from `start` on and before `end`, None where nobody looked."""

    start: date
    end: date
    count: int | None
    address: str


def bar_plot(counted: Sequence[Counted], height: float) -> BarPlot:
    """A bar for each, side by side."""
    if not counted:
        return BarPlot((), (), 0, height)
    most = max(1, max((it.count or 0 for it in counted), default=0))
    step = WIDTH / len(counted)
    air = min(2.0, step / 4)
    bars = []
    for place, it in enumerate(counted):
        tall = height if it.count is None else height * it.count / most
        if it.count:
            tall = max(tall, 2.0)
        bars.append(
            Bar(
                round(place * step, 2),
                round(height - tall, 2),
                round(step - air, 2),
                round(tall, 2),
                it.start,
                it.end,
                it.count,
                it.address,
            )
        )
    every = ceil(len(counted) / 6)
    ticks = [
        Tick(round(place * step, 2), counted[place].start)
        for place in range(0, len(counted), every)
        if place * step < WIDTH - _TICK
    ]
    return BarPlot(tuple(bars), tuple(ticks), most, height)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one time to another on a time line."""

    x: float
    width: float
    start: datetime
    end: datetime


class TimeScale:
    """Times on a line of WIDTH."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start = start
        self.end = max(end, start + timedelta(seconds=1))

    def x(self, when: datetime) -> float:
        share = (when - self.start) / (self.end - self.start)
        return round(min(1.0, max(0.0, share)) * WIDTH, 2)

    def stretch(self, start: datetime, end: datetime) -> Stretch:
        """Never too thin to be seen, and never off the line."""
        left, right = self.x(start), self.x(end)
        width = max(_THIN, right - left)
        return Stretch(round(min(left, WIDTH - width), 2), round(width, 2), start, end)
