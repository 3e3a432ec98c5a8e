"""A request as a page's module sees it."""

import time
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reader import page_request
from reader.opened import OpenedArchive
from reader.page_request import PageRequest, page
from reader.settings import Settings
from storage.query.time_limit import TookTooLong

DATABASE = "sqlite://"


def request(query: str = "", **settings: Any) -> Request:
    app = Starlette()
    app.state.settings = Settings(database=DATABASE, **settings)
    app.state.opened = OpenedArchive(DATABASE)
    scope = {
        "type": "http", "path": "/edits", "query_string": query.encode(), "headers": [],
        "server": ("127.0.0.1", 8080), "scheme": "http", "app": app,
    }  # fmt: skip
    return Request(scope)


def asked(query: str = "", **settings: Any) -> PageRequest:
    return PageRequest(request(query, **settings), OpenedArchive(DATABASE))


def test_parameters_come_without_space_and_each_value_once() -> None:
    it = asked("q=+ferry+&source=b&source=+a&source=b&source=+")
    assert it.asked("q") == "ferry"
    assert it.asked("none") == ""
    assert it.asked_all("source") == ("b", "a")


def test_an_address_for_others_begins_as_the_keeper_says() -> None:
    assert asked().absolute("/edits") == "http://127.0.0.1:8080/edits"
    public = asked(public_url="https://news.example.org/archive")
    assert public.absolute("/edits") == "https://news.example.org/archive/edits"


def answered(slow: float, limit: float) -> Response:
    """The answer of a page that takes so many seconds, of which it may take so many."""

    def answer(_: PageRequest) -> Response:
        time.sleep(slow)
        return PlainTextResponse("made")

    async def run() -> Response:
        it = request(time_limit=limit)
        it.app.state.threads = anyio.CapacityLimiter(1)
        return await page(answer)(it)

    return anyio.run(run)


def test_a_page_that_does_not_end_is_left_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's time limit does not reach what is no statement."""
    monkeypatch.setattr(page_request, "_GRACE", 0.05)
    with pytest.raises(TookTooLong):
        answered(slow=0.5, limit=0.05)
    assert bytes(answered(slow=0, limit=5).body) == b"made"
