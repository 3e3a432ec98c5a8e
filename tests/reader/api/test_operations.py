"""What an operation reads of a request, and how its answer is written."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest
from starlette.requests import Request

from reader.api.operations import json_response, values_of
from reader.api.parameters import Flag, Text, Whole
from reader.faults import WrongRequest

PARAMETERS = (
    Text(name="article", path=True, about="Which."),
    Text(name="q", about="Words.", default=""),
    Text(name="source", many=True, about="Of these."),
    Whole(name="limit", least=1, most=9, default=5, about="How many."),
    Flag(name="words", default=False, about="What."),
)


def read(query: str) -> dict[str, Any]:
    scope = {
        "type": "http",
        "query_string": query.encode(),
        "path_params": {"article": "7"},
        "headers": [],
    }
    return values_of(Request(scope), PARAMETERS)


def test_what_is_not_given_has_its_default() -> None:
    assert read("") == {"article": "7", "q": "", "source": (), "limit": 5, "words": False}


def test_what_is_given_is_read_each_value_once() -> None:
    assert read("q=a+b&source=x&source=y&source=x&limit=9&words=true") == {
        "article": "7",
        "q": "a b",
        "source": ("x", "y"),
        "limit": 9,
        "words": True,
    }


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("sauce=x", "no parameter sauce: there are q, source, limit, words"),
        ("article=8", "no parameter article"),
        ("limit=1&limit=2", "limit is given too often"),
        ("limit=10", "limit"),
        ("words=1", "words"),
        ("&".join(f"source={it}" for it in range(51)), "source is given too often"),
    ],
)
def test_what_is_asked_wrongly_is_told(query: str, says: str) -> None:
    with pytest.raises(WrongRequest) as raised:
        read(query)
    assert says in str(raised.value)


def test_a_long_name_is_not_told_whole() -> None:
    with pytest.raises(WrongRequest) as raised:
        read(f"{'n' * 5_000}=1")
    assert len(str(raised.value)) < 300


class Kind(StrEnum):
    ONE = "one"


@dataclass(frozen=True, slots=True)
class Told:
    kind: Kind
    at: datetime
    day: date
    names: frozenset[str]


def test_a_document_is_written_as_the_commands_write_it() -> None:
    told = Told(
        Kind.ONE, datetime(2026, 3, 1, 8, tzinfo=UTC), date(2026, 3, 1), frozenset({"b", "a"})
    )
    answer = json_response({"told": [told], "none": None}, 418, "application/x+json")
    assert (answer.status_code, answer.media_type) == (418, "application/x+json")
    assert answer.body == (
        b'{"told":[{"kind":"one","at":"2026-03-01T08:00:00+00:00","day":"2026-03-01",'
        b'"names":["a","b"]}],"none":null}'
    )


def test_what_is_no_json_is_a_mistake_that_is_told() -> None:
    with pytest.raises(TypeError):
        json_response({"what": object()})
