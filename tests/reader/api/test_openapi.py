"""The description that is made of operations."""

from typing import Any, TypedDict

import openapi_spec_validator
import pytest

from reader.api.openapi import description
from reader.api.operations import JSON, Operation
from reader.api.parameters import Flag, Text, Whole
from reader.api.problems import MEDIA_TYPE


class Boat(TypedDict):
    """A boat."""

    name: str
    length: float | None


class Fleet(TypedDict, total=False):
    """Boats."""

    boats: list[Boat]
    flagship: Boat


def _never(*_: object) -> Any:
    raise AssertionError("nothing is asked where it is described")


BOAT = Operation(
    path="/api/boats/{name}",
    name="boat",
    about="One boat.",
    answer=_never,
    result=Boat,
    parameters=(Text(name="name", path=True, most=9, pattern="[a-z]+", about="Its name."),),
    faults=(404,),
    others=("application/pdf", "application/ld+json"),
)
FLEET = Operation(
    path="/api/fleet",
    name="fleet",
    about="All.",
    answer=_never,
    result=Fleet,
    parameters=(
        Whole(name="limit", least=1, most=50, default=20, about="How many."),
        Text(name="port", many=True, needed=True, about="Where."),
        Flag(name="old", about="Whether."),
    ),
)


@pytest.fixture
def described() -> dict[str, Any]:
    return description([BOAT, FLEET])


def test_it_is_of_openapi(described: dict[str, Any]) -> None:
    openapi_spec_validator.validate(described)
    assert list(described["paths"]) == ["/api/boats/{name}", "/api/fleet"]
    assert [set(it) for it in described["paths"].values()] == [{"get"}, {"get"}]


def test_each_parameter_says_what_it_takes(described: dict[str, Any]) -> None:
    (name,) = described["paths"]["/api/boats/{name}"]["get"]["parameters"]
    assert (name["in"], name["required"], name["schema"]["pattern"]) == (
        "path",
        True,
        "^(?:[a-z]+)$",
    )
    limit, port, old = described["paths"]["/api/fleet"]["get"]["parameters"]
    assert (limit["in"], limit["required"]) == ("query", False)
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 50, "default": 20}
    assert port["required"]
    assert port["schema"]["type"] == "array"
    assert "default" not in old["schema"]


def test_each_status_that_may_come_is_told_and_no_other(described: dict[str, Any]) -> None:
    boat, fleet = (it["get"]["responses"] for it in described["paths"].values())
    assert sorted(boat) == ["200", "304", "400", "404", "503"]
    assert sorted(fleet) == ["200", "304", "400", "503"]
    assert list(boat["404"]["content"]) == [MEDIA_TYPE]
    assert boat["404"]["content"] == fleet["400"]["content"]


def test_every_media_type_is_told(described: dict[str, Any]) -> None:
    boat, fleet = (it["get"]["responses"]["200"] for it in described["paths"].values())
    assert boat["content"]["application/pdf"] == {"schema": {"type": "string"}}
    assert boat["content"]["application/ld+json"] == {"schema": {}}
    assert list(fleet["content"]) == [JSON]


def test_a_type_is_described_once(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    assert list(schemas) == ["Boat", "Fleet", "Problem"]
    reference = {"$ref": "#/components/schemas/Boat"}
    assert schemas["Fleet"]["properties"]["flagship"] == reference
    assert schemas["Fleet"]["properties"]["boats"]["items"] == reference
    assert sorted(schemas["Boat"]["required"]) == ["length", "name"]
    assert not schemas["Fleet"].get("required")
    assert sorted(schemas["Problem"]["required"]) == ["detail", "status", "title", "type"]


def test_two_types_of_one_name_are_a_mistake() -> None:
    other = type("Boat", (), {})
    twice = Operation(path="/api/x", name="x", about="X.", answer=_never, result=other)
    with pytest.raises(TypeError, match="two classes of the name Boat"):
        description([BOAT, twice])
