"""Faults as programs are told them."""

import json
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from reader.api.problems import is_for_programs, problem_response
from reader.faults import WrongRequest
from storage.database.errors import ArchiveOutdated, NotFound
from storage.search.errors import BadQuery


def told(error: Exception) -> dict[str, Any]:
    answer = problem_response(error)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem: dict[str, Any] = json.loads(bytes(answer.body))
    assert problem["status"] == answer.status_code
    return problem


def test_what_is_wrong_is_the_detail() -> None:
    problem = told(NotFound("no article 7"))
    assert (problem["status"], problem["detail"]) == (404, "no article 7")
    assert told(WrongRequest("%(name)s is missing", name="q"))["detail"] == "q is missing"


def test_the_place_in_a_query_is_counted_from_its_beginning() -> None:
    problem = told(BadQuery("a word is missing", "ferry (", 6))
    assert (problem["query"], problem["at"]) == ("ferry (", 6)
    assert "at" not in told(NotFound("no article 7"))


def test_a_mistake_of_the_programs_tells_nothing_of_it() -> None:
    problem = told(RuntimeError("password=sesame"))
    assert problem["status"] == 500
    assert "sesame" not in json.dumps(problem)
    assert problem["detail"]


def test_what_may_pass_says_when_to_ask_again() -> None:
    assert problem_response(ArchiveOutdated("old")).headers["retry-after"] == "60"
    assert "retry-after" not in problem_response(NotFound("none")).headers


def test_what_the_server_wants_said_is_said() -> None:
    error = HTTPException(405, "Method Not Allowed", {"allow": "GET"})
    assert problem_response(error).headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("path", "program"),
    [("/api/search", True), ("/timegate/https://x/", True), ("/api", False), ("/search", False)],
)
def test_who_asks_is_known_by_the_address(path: str, program: bool) -> None:
    scope = {"type": "http", "path": path, "headers": [], "query_string": b"", "server": ("a", 80)}
    assert is_for_programs(Request(scope)) == program
