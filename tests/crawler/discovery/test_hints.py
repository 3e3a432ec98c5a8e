from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.hints import (
    MAX_TITLE_LENGTH,
    timestamp,
    title_from_html,
    title_from_text,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 05 Nov 2024 10:00:00 +0100", "2024-11-05T10:00:00+01:00"),
        ("Tue, 5 Nov 2024 10:00 GMT", "2024-11-05T10:00:00+00:00"),
        ("5 Nov 24 10:00:00 EST", "2024-11-05T10:00:00-05:00"),
        ("Tue, 05 Nov 2024 10:00:00 -0000", "2024-11-05T10:00:00+00:00"),
        ("Tue, 05 Nov 2024 10:00:00", "2024-11-05T10:00:00+00:00"),
        ("2024-11-05T10:00:00Z", "2024-11-05T10:00:00+00:00"),
        ("2024-11-05T10:00:00.123456789Z", "2024-11-05T10:00:00.123456+00:00"),
        ("2024-11-05T10:00+0100", "2024-11-05T10:00:00+01:00"),
        (" 2024-11-05\n10:00:00 ", "2024-11-05T10:00:00+00:00"),
        ("2024-11-05", "2024-11-05T00:00:00+00:00"),
        ("Tue, 05 Nov 2024 10:00:00 CET", "2024-11-05T10:00:00+01:00"),
        ("Tue, 05 Nov 2024 10:00:00 JST", "2024-11-05T10:00:00+09:00"),
        ("lun., 04 nov. 2024 15:00:00 +0100", "2024-11-04T15:00:00+01:00"),
        ("Mo, 06 Mai 2024 15:00:00 +0200", "2024-05-06T15:00:00+02:00"),
        ("2024-11-05T10:00:00.0000Z", "2024-11-05T10:00:00+00:00"),
        ("25/12/2024 10:00", "2024-12-25T10:00:00+00:00"),
    ],
)
def test_dates_of_feeds_and_sitemaps(text: str, expected: str) -> None:
    found = timestamp(text)
    assert found is not None
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "yesterday", "1", "2024-13-05", "Tue, 32 Nov 2024 10:00:00 GMT", "x" * 1000),
        *("Mon, 01 Jan 0001 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "3/4/2024 10:00"),
        *("1970-01-01T23:00:00-12:00", "01/01/0001 00:00:00"),
        *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-02:00"),
    ],
)
def test_what_is_no_date(text: str | None) -> None:
    assert timestamp(text) is None


@given(text=st.one_of(st.text(max_size=40), st.text("0123456789-+:TZ. GMTNov,", max_size=30)))
def test_a_timestamp_is_aware_and_nothing_is_raised(text: str) -> None:
    found = timestamp(text)
    assert found is None or found.utcoffset() is not None


@given(seconds=st.integers(3 * 86_400, 2**33))
def test_both_notations_give_the_same_moment(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert timestamp(moment.isoformat()) == moment
    assert timestamp(moment.strftime("%a, %d %b %Y %H:%M:%S +0000")) == moment


def test_an_offset_is_kept() -> None:
    found = timestamp("2024-11-05T10:00:00+05:30")
    assert found is not None
    assert found.utcoffset() == timedelta(hours=5, minutes=30)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Storm &amp; flood", "Storm & flood"),
        ("A <b>bold</b>er  \n plan", "A bolder plan"),
        ("One<br/>two", "One two"),
        ("I <3 you", "I <3 you"),
        ("5 < 6 &lt;b&gt;", "5 < 6 <b>"),
        ("", ""),
    ],
)
def test_titles_from_markup(markup: str, expected: str) -> None:
    assert title_from_html(markup) == expected


@given(text=st.text())
def test_a_title_is_one_line_that_can_be_stored(text: str) -> None:
    for title in (title_from_text(text), title_from_html(text)):
        assert title == " ".join(title.split())
        assert "\0" not in title
        title.encode()


def test_a_title_is_bounded() -> None:
    assert len(title_from_html("<i>word</i> " * 100_000)) <= MAX_TITLE_LENGTH
