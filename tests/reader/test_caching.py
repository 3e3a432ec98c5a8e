"""Which answers have an ETag, and who is told that nothing changed."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from reader import caching
from reader.caching import ETags


def whole(_: Request) -> Response:
    return PlainTextResponse("whole")


def tagged(_: Request) -> Response:
    return PlainTextResponse("whole", headers={"etag": '"own"', "cache-control": "public"})


def streamed(_: Request) -> Response:
    return StreamingResponse(iter((b"in ", b"parts")))


def missing(_: Request) -> Response:
    return PlainTextResponse("none", 404)


@pytest.fixture
def client() -> Iterator[TestClient]:
    answers = (whole, tagged, streamed, missing)
    routes = [Route(f"/{it.__name__}", it, methods=["GET", "POST"]) for it in answers]
    with TestClient(ETags(Starlette(routes=routes))) as client:
        yield client


def test_a_whole_page_has_a_tag_of_its_bytes_and_is_asked_for_again_each_time(
    client: TestClient,
) -> None:
    first, again = client.get("/whole"), client.get("/whole")
    assert first.headers["etag"] == again.headers["etag"]
    assert first.headers["etag"].startswith('W/"')
    assert first.headers["cache-control"] == "private, no-cache"


def test_an_answers_own_word_stays(client: TestClient) -> None:
    headers = client.get("/tagged").headers
    assert (headers["etag"], headers["cache-control"]) == ('"own"', "public")


@pytest.mark.parametrize("path", ["/streamed", "/missing"])
def test_what_is_in_parts_or_no_page_has_none(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert "etag" not in answer.headers
    assert answer.content in (b"in parts", b"none")


def test_what_is_sent_to_it_has_none(client: TestClient) -> None:
    assert "etag" not in client.post("/whole").headers


def test_what_is_too_long_to_be_held_back_has_none(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "_MOST", len("whole") - 1)
    assert "etag" not in client.get("/whole").headers


def test_one_of_the_tags_that_the_browser_has_is_enough(client: TestClient) -> None:
    tag = client.get("/whole").headers["etag"]
    for given in (tag, f'"x", {tag}', tag.removeprefix("W/"), "*"):
        answer = client.get("/whole", headers={"If-None-Match": given})
        assert (answer.status_code, answer.content) == (304, b""), given
        assert answer.headers["etag"] == tag
        assert "content-length" not in answer.headers
    for given in ('"x"', tag[:-2], ""):
        assert client.get("/whole", headers={"If-None-Match": given}).status_code == 200, given
