"""An article's time line as shapes: when each version was seen, and between which checks each edit,
removal and return lies. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from reader.plots import WIDTH, Stretch, TimeScale
from storage.query.timeline import Timeline

_LABEL: Final = 18.0  # from one version's number to the next
_MARGIN: Final = 0.01  # of the whole, on both sides
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """A version, seen at both ends of the stretch; `labelled` where there is room for its
    number."""

    stretch: Stretch
    version: int
    version_id: str
    labelled: bool


@dataclass(frozen=True, slots=True)
class Between:
    """What happened somewhere in the stretch: an edit, a removal or a return."""

    stretch: Stretch
    event: str


@dataclass(frozen=True, slots=True)
class TimeTick:
    """A time on the line; `exact` where its minute is to be told, not its day alone."""

    x: float
    when: datetime
    exact: bool
    last: bool


@dataclass(frozen=True, slots=True)
class TimelinePlot:
    """`away` are the stretches in which the article was away."""

    seen: tuple[Seen, ...]
    between: tuple[Between, ...]
    away: tuple[Stretch, ...]
    ticks: tuple[TimeTick, ...]


def timeline_plot(line: Timeline, until: datetime | None = None) -> TimelinePlot | None:
    """The time line to its last event; of an article that is away, to the last check, `until`. None
    where there is nothing to draw: one version, seen once."""
    times = [it for mark in line.versions for it in (mark.first_seen_at, mark.last_seen_at)]
    for event in line.events:
        times += [it for it in (event.not_before, event.not_after) if it is not None]
    if until is not None and line.events and line.events[-1].event == "removal":
        times.append(until)
    if not times or min(times) == max(times):
        return None
    whole = max(times) - min(times)
    scale = TimeScale(min(times) - _MARGIN * whole, max(times) + _MARGIN * whole)
    seen = []
    last = -_LABEL
    for mark in line.versions:
        stretch = scale.stretch(mark.first_seen_at, mark.last_seen_at)
        middle = stretch.x + stretch.width / 2
        labelled = middle - last >= _LABEL
        last = middle if labelled else last
        seen.append(Seen(stretch, mark.version, mark.version_id, labelled))
    between = [
        Between(scale.stretch(event.not_before, event.not_after), event.event)
        for event in line.events
        if event.not_before is not None and event.not_before >= scale.start
    ]
    return TimelinePlot(
        tuple(seen), tuple(between), tuple(_away(line, scale)), tuple(_ticks(scale, whole))
    )


def _away(line: Timeline, scale: TimeScale) -> list[Stretch]:
    away = []
    gone: datetime | None = None
    for event in line.events:
        if event.event == "removal":
            gone = event.not_after
        elif event.event == "return" and gone is not None:
            away.append(scale.stretch(gone, event.not_before or event.not_after))
            gone = None
    if gone is not None:
        away.append(scale.stretch(gone, scale.end))
    return away


def _ticks(scale: TimeScale, whole: timedelta) -> list[TimeTick]:
    exact = whole < 4 * _DAY
    count = max(1, min(4, whole // _MINUTE))  # no minute twice but at the ends
    step = (scale.end - scale.start) / count
    ticks = []
    for place in range(count + 1):
        when = scale.start + place * step
        last = place == count
        ticks.append(TimeTick(WIDTH if last else scale.x(when), when, exact, last))
    return ticks
