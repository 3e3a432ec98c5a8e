"""Where a page's own requests may lead; that a browser shows it is seen end to end."""

import asyncio
import itertools
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Request
from scrapy.http import Headers, HtmlResponse, Response
from scrapy.utils.test import get_crawler

from crawler.fetching.polite_handler import SLOT
from crawler.fetching.rendering import Answer, Rendered
from crawler.middlewares.private_addresses import PRIVATE_HOSTS
from crawler.middlewares.rendering import (
    RENDER,
    RenderingMiddleware,
    _as_response,
    _says_as_much,
)
from crawler.middlewares.wire_headers import HEADERS, WireHeadersMiddleware
from storage.ledger.headers import RENDERED

PAGE = Request("https://news.example/a", meta={SLOT: "news.example", RENDER: True})


class Engine:
    def __init__(self, answers: dict[str, Response]) -> None:
        self.answers = answers
        self.sent: list[Request] = []

    async def download_async(self, request: Request) -> Response:
        self.sent.append(request)
        return self.answers[request.url]


def ask(engine: Engine, url: str, *, page: Request = PAGE, **asked: Any) -> Answer | None:
    crawler = get_crawler(settings_dict={PRIVATE_HOSTS: ["intern.example", "127.0.0.1:8080"]})
    crawler.engine = cast(Any, engine)
    middleware = RenderingMiddleware(crawler)
    given = {"url": url, "headers": {}, "resource_type": "fetch"} | asked

    async def run() -> Answer | None:
        first = await middleware._ask(page, cast(Any, SimpleNamespace(**given)))
        await middleware._ask(page, cast(Any, SimpleNamespace(**given)))
        return first

    return asyncio.run(run())


def redirect(url: str, to: str) -> Response:
    return Response(url, status=302, headers={"Location": to})


def test_each_domain_is_asked_at_its_own_pace() -> None:
    urls = ["https://api.news.example/b", "https://cdn.example/c"]
    engine = Engine({url: Response(url, body=b"x") for url in urls})
    assert all(ask(engine, url) for url in urls)
    assert [it.meta[SLOT] for it in engine.sent] == [*2 * ["news.example"], *2 * ["cdn.example"]]


@pytest.mark.parametrize("there", ["http://intern.example/x", "http://127.0.0.1:8080/x"])
def test_another_sources_private_address_is_not_reached(there: str) -> None:
    here = "https://news.example/r"
    engine = Engine({here: redirect(here, there), there: Response(there, body=b"secret")})
    assert ask(engine, here) is None
    assert ask(engine, there) is None
    assert {it.url for it in engine.sent} == {here}
    own = Request(there, meta={SLOT: "its"})
    assert ask(engine, there, page=own) == Answer(200, {}, b"secret")


def test_redirects_are_followed_so_far() -> None:
    urls = [f"https://news.example/{number}" for number in range(9)]
    engine = Engine({it: redirect(it, to) for it, to in itertools.pairwise(urls)})
    engine.answers[urls[8]] = Response(urls[8], body=b"end")
    assert ask(engine, urls[0]) is None
    assert ask(engine, urls[4]) == Answer(200, {}, b"end")


def test_scripts_are_asked_for_once_and_what_they_fetch_each_time() -> None:
    url = "https://news.example/app.js"
    engine = Engine({url: Response(url, body=b"1")})
    ask(engine, url, resource_type="script")
    assert len(engine.sent) == 1
    ask(engine, url)
    assert len(engine.sent) == 3


def test_what_identifies_anybody_is_not_sent() -> None:
    url = "https://news.example/api"
    engine = Engine({url: Response(url)})
    headers = {"accept": "a/b", "Cookie": "a=1", "referer": "r", "sec-ch-ua": "x", "x-key": "k"}
    ask(engine, url, headers=headers)
    assert engine.sent[0].headers == Headers({"Accept": "a/b", "X-Key": "k"})
    assert RENDER not in engine.sent[0].meta


def test_the_record_says_that_a_browser_made_the_body() -> None:
    came = Headers(
        {
            "Content-Type": "text/html; charset=iso-8859-1",
            "ETag": '"shell"',
            "Content-Length": "12",
            "Server": "s",
            RENDERED: "Chromium/1, says the server",
        }
    )
    request = PAGE.copy()
    response: Any = HtmlResponse(request.url, headers=came, body=b"<p>", request=request)
    response = WireHeadersMiddleware().process_response(request, response)
    assert RENDERED.encode() not in dict(request.meta[HEADERS])
    shown = _as_response(
        request, response, Rendered("<p>ü\ud800", "Chromium/156", 4, 2, False), same=True
    )
    assert shown.body == "<p>ü?".encode()
    told = {
        b"Server": b"s",
        b"Content-Type": b"text/html; charset=utf-8",
        RENDERED.encode(): b"Chromium/156; requests=4; refused=2; same-text; unfinished",
    }
    assert dict(request.meta[HEADERS]) == told
    assert {name: shown.headers[name] for name in shown.headers} == told


def test_whether_a_page_was_sent_with_its_text() -> None:
    text = " ".join(f"word{number}" for number in range(100))
    sent = HtmlResponse(PAGE.url, body=f"<script>{text}</script><p>{text}".encode())
    assert _says_as_much(sent, f"<head><title>A</title></head><p>{text}<p>one more")
    assert not _says_as_much(sent, f"<p>{text} {text}")
    assert not _says_as_much(sent, "<p>word1")
    unclosed = HtmlResponse(PAGE.url, body=f"<head><title>A</title><body><p>{text}".encode())
    assert _says_as_much(unclosed, f"<p>{text}")
    empty = HtmlResponse(PAGE.url, body=f"<script>{text}</script><div id=root>".encode())
    assert not _says_as_much(empty, f"<p>{text}")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", ["<script>", "<script ", "<a ", "<script></head>"])
def test_comparing_takes_no_square_of_what_is_sent(part: str) -> None:
    sent = HtmlResponse(PAGE.url, body=part.encode() * 200_000)
    assert not _says_as_much(sent, "<p>word</p>")
