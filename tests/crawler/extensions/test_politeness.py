"""The throttle in a crawl: tests/end_to_end/test_hostile_web.py."""

from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.core.downloader import Slot
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager

from crawler import settings as module
from crawler.extensions.politeness import SourceThrottle


@pytest.fixture
def crawler() -> Any:
    """As much of a crawler as the throttle looks at: settings, signals, and download slots."""
    settings = Settings()
    settings.setmodule(module)
    downloader = SimpleNamespace(slots={}, per_slot_settings={}, _delay=0.0)
    return SimpleNamespace(
        settings=settings, signals=SignalManager(), engine=SimpleNamespace(downloader=downloader)
    )


def delay_after(crawler: Any, latency: float, *, source_delay: float | None) -> float:
    """The delay of a host's slot after a response that took so long."""
    downloader = crawler.engine.downloader
    if source_delay is not None:
        downloader.per_slot_settings["example.org"] = {"delay": source_delay}
    slot = downloader.slots["example.org"] = Slot(1, source_delay or 0.0)
    request = Request(
        "https://example.org/robots.txt",
        meta={"download_slot": "example.org", "download_latency": latency},
    )
    spider = Spider("test")
    throttle = SourceThrottle(crawler)
    throttle._spider_opened(spider)
    throttle._response_downloaded(Response(request.url), request, spider)
    return slot.delay


def test_a_quick_host_is_asked_no_sooner_than_its_source_says(crawler: Any) -> None:
    """Whatever was asked for: robots.txt too, which no source's request stands behind."""
    assert delay_after(crawler, 0.01, source_delay=1.0) == 1.0


def test_a_slow_host_is_asked_later(crawler: Any) -> None:
    assert delay_after(crawler, 5.0, source_delay=1.0) == 5.0
    assert delay_after(crawler, 500.0, source_delay=1.0) == module.AUTOTHROTTLE_MAX_DELAY


def test_a_source_without_delay_is_not_slowed(crawler: Any) -> None:
    assert delay_after(crawler, 5.0, source_delay=0.0) == 0.0


def test_a_host_of_no_source_is_slowed_by_its_latency(crawler: Any) -> None:
    assert delay_after(crawler, 0.5, source_delay=None) == 0.5
