"""When readers could see each version of an article, as the archive knew it at each time.

Two times are kept apart: when something was so, and when the archive recorded it. An article has
events, each with both: a version came, was taken away, was seen again. A version stands from its
event to the next one; which that is depends on what was recorded by then, for an import may tell
later of what came between, and a version may be retracted, for which the one before it counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

FOREVER: Final = 2**62
"""Later than every time, in microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Event:
    """From `at` on readers saw that version, None for none at all. Times in microseconds."""

    at: int
    recorded: int
    version_id: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """A version stood from `since` to before `until`: so the archive knew from `known` on, and
    before `known_until`; its end from `until_known` on, and before, that it had none."""

    version_id: int
    since: int
    until: int
    known: int
    until_known: int
    known_until: int

    def holds(self, at: int, known_by: int) -> bool:
        """Whether readers saw it at that time, by what was recorded at the other."""
        return (
            self.since <= at
            and self.known <= known_by < self.known_until
            and (at < self.until or known_by < self.until_known)
        )


@dataclass(frozen=True, slots=True)
class Held:
    """The archive had a version from `known` on and before `known_until`; and as the current one of
    its article before `replaced`. Times in microseconds."""

    known: int
    known_until: int
    replaced: int


Standing = Mapping[int, Sequence[tuple[int, int]]]
"""By the ids of an article's versions, in their order: from when and before when the archive held
each to be one."""


def held(standing: Standing) -> dict[int, list[Held]]:
    """By version; of each time one at most is a version's, and current in its article."""
    found: dict[int, list[Held]] = {}
    later: list[tuple[int, int]] = []  # when a later version stood
    for version_id in reversed(list(standing)):
        found[version_id] = [
            piece for since, until in standing[version_id] for piece in _held(since, until, later)
        ]
        later = _joined([*later, *standing[version_id]])
    return found


def _held(since: int, until: int, later: Sequence[tuple[int, int]]) -> Iterator[Held]:
    known, replaced = since, until
    for start, end in later:
        if end <= known or start >= until:
            continue
        replaced = max(start, known)
        if end >= until:
            break
        yield Held(known, end, replaced)
        known, replaced = end, until
    yield Held(known, until, replaced)


def _joined(intervals: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def as_known(event: Event, standing: Standing) -> Iterator[Event]:
    """What the event was taken for, one after the other: a version that was retracted counts as the
    one before it that stood then."""
    if event.version_id is None or _always(standing[event.version_id]):
        yield event
        return
    earlier = list(standing)
    earlier = earlier[: earlier.index(event.version_id) + 1]
    times = {time for it in earlier for interval in standing[it] for time in interval}
    shown = None
    for time in sorted({event.recorded, *(it for it in times if event.recorded < it < FOREVER)}):
        stood = (it for it in reversed(earlier) if _stood(standing[it], time))
        version_id = next(stood, event.version_id)
        if version_id != shown:
            yield Event(event.at, time, version_id)
            shown = version_id


def _always(intervals: Sequence[tuple[int, int]]) -> bool:
    return len(intervals) == 1 and intervals[0][1] == FOREVER


def _stood(intervals: Sequence[tuple[int, int]], time: int) -> bool:
    return any(since <= time < until for since, until in intervals)


def spans(events: Sequence[Event]) -> list[Span]:
    """The spans in which each version stood; events of one time in the order they are given.

    At each time, and by what was recorded at each, one span at most holds.
    """
    ordered = sorted(events, key=lambda event: event.at)
    return [
        span
        for place, event in enumerate(ordered)
        if event.version_id is not None
        for span in _spans_of(event, event.version_id, ordered[place + 1 :])
    ]


def _spans_of(event: Event, version_id: int, later: Sequence[Event]) -> Iterator[Span]:
    # Only an end that comes nearer, as more is recorded, changes anything.
    ends = [(event.recorded, FOREVER)]
    for other in sorted(later, key=lambda it: it.recorded):
        known = max(other.recorded, event.recorded)
        if other.at < ends[-1][1]:
            if known == ends[-1][0]:
                ends[-1] = (known, other.at)
            else:
                ends.append((known, other.at))
    limits = [*(known for known, _ in ends[1:]), FOREVER]
    pieces = [
        Span(version_id, event.at, end, known, known, limit)
        for (known, end), limit in zip(ends, limits, strict=True)
        if event.at < end
    ]
    if len(pieces) > 1 and pieces[0].until == FOREVER:
        # The usual case, a span that was open and has an end since, is one.
        pieces[:2] = [replace(pieces[1], known=pieces[0].known, until_known=pieces[1].known)]
    yield from pieces
