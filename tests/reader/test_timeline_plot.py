"""A time line's shapes: no edit is drawn more exactly than it is known."""

from datetime import UTC, datetime, timedelta

import pytest

from reader.plots import WIDTH
from reader.timeline_plot import timeline_plot
from storage.query.edits import EditEvent, EventKind
from storage.query.timeline import Timeline, VersionMark

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def mark(number: int, first: float, last: float) -> VersionMark:
    return VersionMark(number, f"v{number}", "Title", START + first * DAY, START + last * DAY)


def event(kind: EventKind, before: float | None, after: float) -> EditEvent:
    return EditEvent(
        event=kind, source="example.org", article_id=1, url="https://example.org/",
        from_version=1, to_version=2, from_version_id="v1", to_version_id="v2",
        not_before=None if before is None else START + before * DAY, not_after=START + after * DAY,
        kinds=(), declared=None, alternating=None, words_deleted=0, words_inserted=0,
        title_before=None, title_after=None, confidence=None,
    )  # fmt: skip


def test_an_edit_lies_between_the_checks_that_bound_it() -> None:
    line = Timeline((mark(1, 0, 2), mark(2, 5, 10)), (event(EventKind.EDIT, 2, 5),), cut=False)
    plot = timeline_plot(line)
    assert plot is not None
    first, second = (it.stretch for it in plot.seen)
    (between,) = (it.stretch for it in plot.between)
    assert between.x == pytest.approx(first.x + first.width, abs=0.02)
    assert between.x + between.width == pytest.approx(second.x, abs=0.02)
    # A day is as long wherever it is.
    assert between.width / first.width == pytest.approx(1.5, abs=0.01)


def test_what_is_away_is_drawn_until_it_is_back_or_to_the_end() -> None:
    back = (event(EventKind.REMOVAL, 2, 3), event(EventKind.RETURN, 5, 6))
    plot = timeline_plot(Timeline((mark(1, 0, 10),), back, cut=False))
    assert plot is not None
    (away,) = plot.away
    assert (away.start, away.end) == (START + 3 * DAY, START + 5 * DAY)
    plot = timeline_plot(Timeline((mark(1, 0, 2),), back[:1], cut=False))
    assert plot is not None
    assert plot.away[0].start == START + 3 * DAY
    longer = timeline_plot(Timeline((mark(1, 0, 2),), back[:1], cut=False), START + 9 * DAY)
    assert longer is not None
    assert longer.away[0].width > WIDTH / 2  # to the last check


def test_nothing_is_too_thin_to_be_seen_or_off_the_line() -> None:
    marks = tuple(mark(number, number / 1440, number / 1440) for number in range(50))
    plot = timeline_plot(Timeline((*marks, mark(50, 300, 300)), (), cut=False))
    assert plot is not None
    for it in plot.seen:
        assert it.stretch.width >= 3
        assert 0 <= it.stretch.x <= WIDTH - it.stretch.width
    assert sum(it.labelled for it in plot.seen) == 2  # there is no room for more


def test_a_version_that_was_seen_once_has_no_line() -> None:
    assert timeline_plot(Timeline((mark(1, 0, 0),), (), cut=False)) is None


def test_no_minute_is_told_twice_but_at_the_ends() -> None:
    for minutes, count in ((0.2, 2), (2.5, 3), (30, 5)):
        plot = timeline_plot(Timeline((mark(1, 0, minutes / 1440),), (), cut=False))
        assert plot is not None
        assert len(plot.ticks) == count
