"""Where bars and stretches of time are drawn."""

from datetime import UTC, date, datetime, timedelta

import pytest

from reader.plots import WIDTH, BarPlot, Counted, TimeScale, bar_plot

START = date(2026, 6, 1)
HEIGHT = 50.0
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def plot(*counts: int | None) -> BarPlot:
    days = [START + timedelta(days=it) for it in range(len(counts) + 1)]
    return bar_plot(
        [Counted(days[it], days[it + 1], count, "/") for it, count in enumerate(counts)], HEIGHT
    )


def test_the_most_are_as_tall_as_the_plot_and_stand_on_its_floor() -> None:
    bars = plot(4, 2, 0).bars
    assert [it.height for it in bars] == [HEIGHT, HEIGHT / 2, 0]
    assert {it.y + it.height for it in bars} == {HEIGHT}


def test_one_of_many_is_still_to_be_seen() -> None:
    assert plot(100_000, 1).bars[1].height >= 2


def test_a_day_on_which_nobody_looked_is_no_day_of_none() -> None:
    gap, none = plot(None, 0).bars
    assert (gap.count, gap.height) == (None, HEIGHT)
    assert (none.count, none.height) == (0, 0)
    assert plot(None, None).most == 1


@pytest.mark.parametrize("number", [1, 7, 13, 30, 365])
def test_bars_and_names_of_days_stay_within_the_plot_and_apart(number: int) -> None:
    drawn = plot(*range(number))
    for bar, after in zip(drawn.bars, drawn.bars[1:], strict=False):
        assert 0 < bar.width < after.x - bar.x
    assert drawn.bars[-1].x + drawn.bars[-1].width <= WIDTH
    assert 1 <= len(drawn.ticks) <= 6
    assert drawn.ticks[-1].x <= WIDTH - 60
    assert drawn.ticks[0].when == START


def test_nothing_is_no_plot() -> None:
    assert plot() == BarPlot((), (), 0, HEIGHT)


def test_a_line_has_its_ends_and_nothing_beyond_them() -> None:
    scale = TimeScale(NOON, NOON + timedelta(days=4))
    days = [scale.x(NOON + timedelta(days=it)) for it in (-1, 0, 1, 4, 9)]
    assert days == [0, 0, WIDTH / 4, WIDTH, WIDTH]
    last = scale.stretch(NOON + timedelta(days=4), NOON + timedelta(days=4))
    assert 0 < last.width == WIDTH - last.x


def test_a_moment_is_a_line_too() -> None:
    scale = TimeScale(NOON, NOON)
    assert (scale.x(NOON), scale.stretch(NOON, NOON).x) == (0, 0)
