from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.article import Precision
from crawler.extraction.metadata.moments import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    find_moments,
    parse_moment,
)


@pytest.mark.parametrize(
    ("text", "precision", "offset"),
    [
        ("2024-05-03", Precision.DAY, None),
        ("3 mai 2024 à 15h47", Precision.MINUTE, None),
        ("2024-05-03 15:47:42", Precision.SECOND, None),
        ("2024-05-03T15:47-04:00", Precision.MINUTE, -240),
        ("2024-05-03T15:47:42+05:30", Precision.SECOND, 330),
        ("2024-05-03T15:47:42Z", Precision.SECOND, 0),
        ("20240503T154742Z", Precision.SECOND, 0),
        ("1700000000", Precision.SECOND, 0),
    ],
)
def test_zone_and_precision_are_the_publishers(
    text: str, precision: Precision, offset: int | None
) -> None:
    moment = parse_moment(text)
    assert moment
    assert (moment.precision, moment.offset) == (precision, offset)


@pytest.mark.parametrize(
    "text",
    [
        "3. mai 2024", "3 Μαΐου 2024", "2024. május 3.", "3 مايو 2024", "٣ مايو ٢٠٢٤",
        "3 أيار 2024", "3 במאי 2024", "3 май 2024", "3 svibnja 2024", "3 maja 2024",
        "3 mai 2024", "3 Mei 2024", "3 มีนาคม 2024", "3 मार्च 2024", "3. maí 2024",
    ],
)  # fmt: skip
def test_months_of_many_languages(text: str) -> None:
    moment = parse_moment(text)
    assert moment
    assert moment.value.date().isoformat() in ("2024-05-03", "2024-03-03")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-03T15:47:42.389Z", "2024-05-03T15:47:42.389000+00:00"),
        ("2024-05-03T15:47:42+02:00", "2024-05-03T15:47:42+02:00"),
        ("2024-05-03 15:47:42 -0400", "2024-05-03T15:47:42-04:00"),
        ("2025-12-20T10:10:10.1234567Z", "2025-12-20T10:10:10.123456+00:00"),
        ("20240503T154742Z", "2024-05-03T15:47:42+00:00"),
        ("Thu, 12 Oct 2023 10:00:00 GMT", "2023-10-12T10:00:00+00:00"),
        ("Thu Oct 12 2023 10:00:00 GMT+0200 (CEST)", "2023-10-12T10:00:00+02:00"),
        ("Nov 02, 2025 3:05 PM EST", "2025-11-02T15:05:00-05:00"),
        ("Wed 3rd Apr 2024 12:15 BST", "2024-04-03T12:15:00+01:00"),
        ("1700000000", "2023-11-14T22:13:20+00:00"),
        ("1700000000000", "2023-11-14T22:13:20+00:00"),
    ],
)
def test_a_time_with_its_zone(text: str, expected: str) -> None:
    moment = parse_moment(text)
    assert moment
    assert moment.value.isoformat() == expected
    assert moment.has_time
    assert moment.has_zone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-03T10:00", "2024-05-03T10:00:00+00:00"),
        ("03.05.2024, 15:47 Uhr", "2024-05-03T15:47:00+00:00"),
        ("3. März 2024 um 10.05 Uhr", "2024-03-03T10:05:00+00:00"),
        ("Tuesday, 3 January 2023 at 9 a.m.", "2023-01-03T09:00:00+00:00"),
        ("January 3, 2023 12:30 am", "2023-01-03T00:30:00+00:00"),
        ("3 mai 2024 à 18h30", "2024-05-03T18:30:00+00:00"),
    ],
)
def test_a_time_without_a_zone_is_read_as_utc_and_says_so(text: str, expected: str) -> None:
    moment = parse_moment(text)
    assert moment
    assert moment.value.isoformat() == expected
    assert moment.has_time
    assert not moment.has_zone


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-03", "2024/05/03", "20240503", "May 3, 2024", "3 May 2024", "3rd May 2024",
        "3. Mai 2024", "3 mai 2024", "3 de mayo de 2024", "3 maggio 2024", "3 de maio de 2024",
        "3 mei 2024", "3. mai 2024", "3 maja 2024", "3. května 2024", "3 мая 2024",
        "3 травня 2024", "3 Mayıs 2024", "3. toukokuuta 2024", "2024年5月3日", "2024년 5월 3일",
        "5/3/2024", "03.05.2024", "Published on May 3, 2024 by Ana",
    ],
)  # fmt: skip
def test_a_day_in_many_languages(text: str) -> None:
    moment = parse_moment(text)
    assert moment
    assert moment.value == datetime(2024, 5, 3, tzinfo=UTC)
    assert not moment.has_time


@pytest.mark.parametrize(
    ("text", "month_first", "month"),
    [("03/04/2024", True, 3), ("03/04/2024", False, 4), ("13/04/2024", True, 4),
     ("04/13/2024", False, 4), ("03.04.2024", True, 4)],
)  # fmt: skip
def test_which_number_is_the_month(text: str, month_first: bool, month: int) -> None:
    moment = parse_moment(text, month_first=month_first)
    assert moment
    assert moment.value.month == month


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "Dec 23", "2024-02-30", "2024-13-01", "0000-00-00", "1899-12-31",
     "2150-01-01", "99999-99-99", "12345678901234567890", "16-19 March 2026",
     "1.2.3.4", "May 2024", "١٢"],
)  # fmt: skip
def test_what_states_no_moment(text: str) -> None:
    assert parse_moment(text) is None


def test_an_impossible_time_leaves_its_day() -> None:
    for text in ("2024-05-03T99:99:99Z", "2024-05-03 25:00", "2024-05-03T10:00+99:00"):
        moment = parse_moment(text)
        assert moment
        assert (moment.value, moment.has_time) == (datetime(2024, 5, 3, tzinfo=UTC), False)


def test_every_moment_of_a_text_in_its_order() -> None:
    found = find_moments("Published May 3, 2024 | Updated 2024-05-04 10:00 | Event on 12.06.2024")
    assert [moment.value.day for moment in found] == [3, 4, 12]


@settings(deadline=None)
@given(
    st.integers(int(datetime(EARLIEST_YEAR, 1, 2, tzinfo=UTC).timestamp()), 4_000_000_000),
    st.integers(-12 * 60, 14 * 60),
)
def test_iso_8601_survives(seconds: int, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    written = datetime.fromtimestamp(seconds, zone)
    moment = parse_moment(written.isoformat())
    assert moment
    assert moment.value == written
    assert moment.value.utcoffset() == zone.utcoffset(None)


_PIECES = st.lists(
    st.sampled_from(
        ["2024", "-", "/", ".", " ", "May", "3", "31", "T", "10:00", "+", "Z", "年", "99", "pm"]
    )
    | st.text(max_size=3),
    max_size=30,
)


@settings(deadline=None)
@given(_PIECES.map("".join))
def test_anything_gives_aware_moments_within_bounds(text: str) -> None:
    for moment in find_moments(text):
        assert moment.value.utcoffset() is not None
        assert EARLIEST_YEAR <= moment.value.year <= LATEST_YEAR
