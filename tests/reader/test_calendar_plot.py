"""A calendar's squares: a column a week, and the names of the months above them."""

from collections import Counter
from datetime import date, timedelta

from reader.calendar_plot import CELL, calendar
from storage.query.watching import Day

MONDAY = date(2026, 6, 1)


def days(first: date, number: int) -> list[Day]:
    return [Day(first + timedelta(days=it), Counter(articles=it)) for it in range(number)]


def test_weeks_begin_on_monday() -> None:
    cells = calendar(days(MONDAY + timedelta(days=5), 3)).cells
    assert [(it.x / CELL, it.y / CELL) for it in cells] == [(0, 5), (0, 6), (1, 0)]
    assert [it.new for it in cells] == [0, 1, 2]


def test_it_is_as_wide_as_its_weeks() -> None:
    assert calendar(days(MONDAY, 7)).width == CELL
    assert calendar(days(MONDAY, 8)).width == 2 * CELL
    assert calendar(days(MONDAY + timedelta(days=6), 2)).width == 2 * CELL
    assert calendar([]).width == CELL


def test_each_month_is_named_where_it_begins() -> None:
    months = calendar(days(date(2026, 5, 4), 60)).months
    assert [it.start for it in months] == [date(2026, 5, 4), date(2026, 6, 1), date(2026, 7, 1)]
    assert [it.x / CELL for it in months] == [0, 4, 8]


def test_a_first_month_of_which_little_is_left_is_not_named_over_the_next() -> None:
    assert [it.start for it in calendar(days(date(2026, 5, 20), 30)).months] == [MONDAY]
    assert calendar(days(date(2026, 5, 20), 5)).months[0].start == date(2026, 5, 20)
