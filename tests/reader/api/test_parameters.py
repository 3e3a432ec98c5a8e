"""What a parameter takes is what its schema says, and what is read of it."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from reader.api.parameters import Choice, Flag, Parameter, Text, When, Whole
from reader.faults import WrongRequest

ABOUT: dict[str, Any] = {"name": "it", "about": "What."}
WORD = Text(**ABOUT, most=4, pattern="a|bc+")
NUMBER = Whole(**ABOUT, least=-2, most=30)
WHEN, UNTIL = When(**ABOUT), When(**ABOUT, end=True)


def takes(parameter: Parameter, given: str) -> bool:
    try:
        parameter.read(given)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("given", ["a", "bc", "bccc", "ab", "abc", "xa", "bcccc", "", "a\n", "\0"])
def test_words_are_as_the_pattern_and_the_lengths_say(given: str) -> None:
    schema = WORD.schema()
    within = schema["minLength"] <= len(given) <= schema["maxLength"]
    described = within and bool(re.search(schema["pattern"].replace("$", r"\Z"), given))
    assert takes(WORD, given) == described


def test_no_text_has_the_character_that_databases_refuse() -> None:
    with pytest.raises(ValueError, match="NUL"):
        Text(**ABOUT).read("a\0b")


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("-2", -2), ("0", 0), ("030", 30), ("-3", None), ("31", None), ("1.0", None), ("+1", None),
        (" 1", None), ("1_0", None), ("\u0663", None), ("", None), ("9" * 5_000, None),
    ],
)  # fmt: skip
def test_a_whole_number_is_of_plain_digits_and_within_its_bounds(
    given: str, number: int | None
) -> None:
    assert takes(NUMBER, given) == (number is not None)
    if number is not None:
        assert NUMBER.read(given) == number


def test_a_day_is_its_beginning_or_its_end_and_a_time_is_itself() -> None:
    assert WHEN.read("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)
    assert WHEN.read("2026-03-01") < UNTIL.read("2026-03-01") <= datetime(2026, 3, 2, tzinfo=UTC)
    for given in ("2026-03-01T08:00:00+01:00", "2026-03-01 07:00z", "2026-03-01t07:00:00.000Z"):
        assert WHEN.read(given) == UNTIL.read(given) == datetime(2026, 3, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize("given", ["2026-3-1", "20260301", "2026-03-01T08", "٢٠٢٦-٠٣-٠١", "now"])
def test_what_only_looks_like_a_time_is_none(given: str) -> None:
    assert not takes(WHEN, given)


def test_a_value_is_one_of_those_that_are_described() -> None:
    choice = Choice(**ABOUT, among=("day", "week"))
    assert [takes(choice, it) for it in (*choice.schema()["enum"], "Day", "")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [Flag(**ABOUT).read(it) for it in ("true", "false")] == [True, False]
    assert not takes(Flag(**ABOUT), "True")


def test_what_is_needed_or_repeated_is_told_by_name() -> None:
    needed, many = Text(**ABOUT, needed=True), Text(**ABOUT, many=True)
    with pytest.raises(WrongRequest, match="it is missing"):
        needed.value([])
    assert many.value(["b", "a", "b"]) == ("b", "a")
    most = many.described()["schema"]["maxItems"]
    assert many.value(["a"] * most) == ("a",)
    with pytest.raises(WrongRequest, match="it is given too often"):
        many.value(["a"] * (most + 1))


def test_openapi_is_told_where_it_stands_and_whether_it_must() -> None:
    path = Text(**ABOUT, path=True).described()
    assert (path["in"], path["required"]) == ("path", True)
    query = Whole(**ABOUT, default=0).described()
    assert (query["in"], query["required"], query["schema"]["default"]) == ("query", False, 0)
    assert "default" not in Flag(**ABOUT).described()["schema"]
