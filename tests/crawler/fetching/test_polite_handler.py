"""Over real connections: tests/end_to_end/test_politeness.py."""

import asyncio
from typing import Any

import pytest
from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

from crawler.fetching import polite_handler
from crawler.fetching.polite_handler import SLOT, PoliteHandler
from crawler.fetching.politeness import LeftAlone, NotSent, Politeness

BUSY = Response("https://a.example/1", status=503, headers={"Retry-After": "60"})


class Spider:
    def __init__(self, politeness: object) -> None:
        self.politeness = politeness


class Crawler:
    def __init__(self, spider: Spider, *, crawling: bool = True) -> None:
        self.spider = spider
        self.crawling = crawling


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes out to the network; the first answer asks to be left alone."""
    urls: list[str] = []

    async def download(_: object, request: Request) -> Response:
        urls.append(request.url)
        return BUSY if len(urls) == 1 else Response(request.url)

    async def address(_: Request) -> str:
        return "192.0.2.1"

    monkeypatch.setattr(HTTP11DownloadHandler, "download_request", download)
    monkeypatch.setattr(polite_handler, "_address", address)
    return urls


def ask(*slots: str, polite: bool = True, crawling: bool = True) -> list[Any]:
    """What comes of requests at these paces that are all made at once."""
    handler = PoliteHandler.__new__(PoliteHandler)

    async def run() -> list[Any]:
        politeness = Politeness(most=8, rate=1000.0, runs=lambda: 1)
        for slot in slots:
            politeness.slot(slot, slot, 0.01)
        spider = Spider(politeness if polite else None)
        handler._its_crawler = Crawler(spider, crawling=crawling)  # type: ignore[assignment]
        requests = [
            Request(f"https://{slot}/{number}", meta={SLOT: slot})
            for number, slot in enumerate(slots)
        ]
        return await asyncio.gather(
            *map(handler.download_request, requests), return_exceptions=True
        )

    return asyncio.run(run())


def test_nobody_waiting_is_sent_once_the_domain_asked_to_be_left_alone(sent: list[str]) -> None:
    first, *others, elsewhere = ask("a.example", "a.example", "a.example", "b.example")
    assert first is BUSY
    assert all(isinstance(it, LeftAlone) for it in others)
    assert elsewhere.status == 200
    assert sorted(sent) == ["https://a.example/0", "https://b.example/3"]


def test_a_crawl_that_was_stopped_sends_nothing(sent: list[str]) -> None:
    (told,) = ask("a.example", crawling=False)
    assert isinstance(told, NotSent)
    assert sent == []


def test_a_spider_without_a_pace_asks_at_once(sent: list[str]) -> None:
    assert [it.status for it in ask("a.example", "a.example", polite=False)] == [503, 200]
