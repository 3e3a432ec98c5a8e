"""Schemas of what the code says that it answers with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

import pytest

from reader.api.schemas import Schemas


class Flag(StrEnum):
    RED = "red"
    GREEN = "green"


class Crew(TypedDict):
    captain: str
    mate: NotRequired[str]


@dataclass(frozen=True)
class Ship:
    """A ship, and
    whom it tows."""

    flag: Flag
    crew: Crew | None
    tows: "tuple[Ship, ...]" = field(default=())


def test_a_class_is_named_once_and_may_hold_itself() -> None:
    schemas = Schemas()
    assert schemas.of(list[Ship]) == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Ship"},
    }
    ship = schemas.named["Ship"]
    assert ship["description"] == "A ship, and whom it tows."
    assert ship["properties"]["tows"]["items"] == schemas.of(Ship)
    assert schemas.named["Flag"] == {"type": "string", "enum": ["red", "green"]}
    assert set(schemas.named) == {"Ship", "Flag", "Crew"}


def test_what_a_document_always_has_is_required() -> None:
    schemas = Schemas()
    schemas.of(Ship)
    # A field with a default is written as any other.
    assert schemas.named["Ship"]["required"] == ["flag", "crew", "tows"]
    assert schemas.named["Crew"]["required"] == ["captain"]


def test_types_without_a_name_are_written_out() -> None:
    schemas = Schemas()
    assert schemas.of(int | None) == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert schemas.of(dict[str, Sequence[date]]) == {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string", "format": "date"}},
    }
    assert schemas.of(Any) == {}
    assert schemas.named == {}


def test_what_can_not_be_described_is_a_mistake_that_is_told() -> None:
    schemas = Schemas()
    schemas.of(Flag)
    with pytest.raises(TypeError, match="two classes of the name Flag"):
        schemas.of(StrEnum("Flag", ["BLUE"]))
    for kind in (set[int], object):
        with pytest.raises(TypeError, match="no schema"):
            schemas.of(kind)
