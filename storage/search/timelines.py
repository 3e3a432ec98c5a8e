"""When readers could see each version of an article, as the archive knew it at each time.

Two times are kept apart: when something was so, and when the archive recorded it. An article has
events, each with both: a version came, was taken away, was seen again. A version stands from its
event to the next one; which that is depends on what was recorded by then, for an import may tell
later of what came between.
"""

from collections.abc import Iterator, Sequence
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
