import pytest

from crawler.extraction import PageInput
from crawler.reading.mistakes import MOST, Mistakes
from storage.outcome import Outcome

PAGE = PageInput(b"<p>One.", url="https://example.org/a")


def test_a_page_that_shows_one_costs_itself(caplog: pytest.LogCaptureFixture) -> None:
    told = Mistakes().of(PAGE, ValueError("no such block"))
    assert told.outcome is Outcome.UNREADABLE
    assert told.detail == "mistake: ValueError: no such block"
    assert PAGE.url is not None
    assert PAGE.url in caplog.text


def test_many_in_a_row_are_raised_and_a_good_page_begins_anew() -> None:
    mistakes = Mistakes()
    for _ in range(2):
        for _ in range(MOST - 1):
            mistakes.of(PAGE, ValueError("wrong"))
        mistakes.in_a_row = 0
    for _ in range(MOST - 1):
        mistakes.of(PAGE, ValueError("wrong"))
    with pytest.raises(KeyError, match="the last"):
        mistakes.of(PAGE, KeyError("the last"))


def test_a_page_that_is_quoted_drives_no_terminal(caplog: pytest.LogCaptureFixture) -> None:
    told = Mistakes().of(PAGE, ValueError("no byline in \x1b[31mBy\nAnn"))
    assert told.detail == "mistake: ValueError: no byline in \N{REPLACEMENT CHARACTER}[31mBy Ann"
    assert "\x1b" not in caplog.text


def test_what_a_page_makes_a_mistake_say_is_bounded() -> None:
    told = Mistakes().of(PAGE, ValueError("x" * 100_000))
    assert told.detail is not None
    assert len(told.detail) < 350
