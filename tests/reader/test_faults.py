"""Faults as a person is told them."""

import logging
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from reader.faults import N_, Unexpected, WrongRequest, fault_of, fault_page
from storage.database.errors import ArchiveTooNew, NotFound
from storage.search.errors import BadQuery


def told(error: Exception, language: str = "en") -> Response:
    scope = {
        "type": "http", "path": "/", "query_string": b"", "server": ("127.0.0.1", 80),
        "headers": [(b"accept-language", language.encode())],
    }  # fmt: skip
    return fault_page(Request(scope), error)


def text(answer: Response) -> str:
    return bytes(answer.body).decode()


def test_a_kind_of_fault_goes_for_what_is_of_that_kind() -> None:
    class Finer(NotFound):
        pass

    assert fault_of(Finer("x")).status == 404
    assert fault_of(KeyError("x")).status == 500


def test_a_wrong_request_is_told_in_the_language_and_what_was_given_is_text() -> None:
    error = WrongRequest(N_("No view %(name)s: there are side and inline."), name="<i>")
    assert "No view &lt;i&gt;: there are" in text(told(error))
    french = text(told(error, "fr"))
    assert "&lt;i&gt;" in french
    assert "No view" not in french
    assert str(error) == "No view <i>: there are side and inline."


def test_the_place_in_a_search_is_shown_under_it() -> None:
    assert "ferry (\n      ^" in text(told(BadQuery("a word is missing", "ferry (", 6)))


def test_what_may_pass_says_when_to_ask_again_and_no_fault_is_kept() -> None:
    passing, staying = told(ArchiveTooNew("new")), told(NotFound("none"))
    assert passing.headers["retry-after"] == "60"
    assert "retry-after" not in staying.headers
    assert staying.headers["cache-control"] == "no-store"


def test_a_mistake_is_logged_and_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("password=sesame")

    with caplog.at_level(logging.ERROR):
        answer = TestClient(Unexpected(broken, fault_page)).get("/edits")
    assert answer.status_code == 500
    assert "sesame" not in answer.text
    assert "GET /edits failed" in caplog.text
    assert "password=sesame" in caplog.text


def test_a_mistake_after_the_answer_began_is_no_second_answer() -> None:
    async def half(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        TestClient(Unexpected(half, fault_page)).get("/")
