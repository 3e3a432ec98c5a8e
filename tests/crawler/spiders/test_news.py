"""The spider in a crawl: tests/end_to_end."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError
from twisted.python.failure import Failure

from crawler.crawl import Crawl
from crawler.fetching.politeness import NotSent
from crawler.sessions.scheduler import OUTAGE
from crawler.spiders import news
from crawler.spiders.news import NewsSpider
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.checks import Check
from storage.frontier.due import Due
from storage.models import Outcome
from tests.support.crawling import answer, open_crawl, take

PAGES = [f"/2026/11/24/{n}.html" for n in range(2 * OUTAGE)]


@pytest.fixture
def crawl(sqlite_archive: Archive) -> Iterator[Crawl]:
    with open_crawl(sqlite_archive, *PAGES) as crawl:
        yield crawl


async def checks(spider: NewsSpider, due: Due, **given: str) -> list[Check]:
    status = int(given.pop("status", "200"))
    response = answer(due, given.pop("body", "<p>x"), status=status, **given)
    return [check async for check in spider.answered(response, due)]


def test_whatever_comes_back_is_one_check(crawl: Crawl) -> None:
    async def run() -> None:
        due = await take(crawl)
        (check,) = await checks(NewsSpider(crawl), due)
        assert (check.outcome, check.url, check.run_id) == (Outcome.FETCHED, due.url, crawl.run_id)

    asyncio.run(run())


def test_our_own_trouble_is_a_check_too(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> Check:
        raise RecursionError("too deep")

    monkeypatch.setattr(news, "observe_response", stumble)

    async def run() -> None:
        (check,) = await checks(NewsSpider(crawl), await take(crawl))
        assert check.outcome is Outcome.UNREADABLE
        assert check.detail == "RecursionError: too deep"

    asyncio.run(run())


def test_a_request_that_can_not_be_made_is_a_check_too(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Request:
        raise ValueError("no such scheme")

    monkeypatch.setattr(NewsSpider, "_request", refuse)

    async def run() -> None:
        assert [request async for request in NewsSpider(crawl).start()] == []
        await crawl.archiver.finish()
        assert crawl.error is None
        assert crawl.tally.pages == {Outcome.UNREADABLE: len(PAGES)}

    asyncio.run(asyncio.wait_for(run(), 120))


def test_a_source_is_paused_before_its_next_page_is_given_out(crawl: Crawl) -> None:
    async def run() -> None:
        spider, given = NewsSpider(crawl), []
        async for due in crawl.scheduler:
            assert isinstance(due, Due)
            given.append(utc_now())
            if len(given) == 2:
                crawl.scheduler.stop()
            # As the handler does, when 429 comes with Retry-After: 1.
            crawl.politeness.leave_alone("example.org", given[-1] + timedelta(seconds=1))
            await checks(spider, due, status="429", **{"Retry-After": "1"})
            crawl.scheduler.settled(due.source_id, due.address_id)
        assert (given[1] - given[0]).total_seconds() >= 1

    asyncio.run(run())


def test_a_host_that_does_not_answer_is_backed_off(crawl: Crawl) -> None:
    async def run() -> None:
        spider, failed = NewsSpider(crawl), 0
        async for due in crawl.scheduler:
            assert isinstance(due, Due)
            failure = Failure(DownloadTimeoutError("slow"))  # type: ignore[no-untyped-call]
            failure.request = Request(due.url, cb_kwargs={"due": due})  # type: ignore[attr-defined]
            check = spider.failed(failure)
            assert check is not None
            assert (check.outcome, check.detail) == (Outcome.FAILED, "timed out")
            crawl.scheduler.settled(due.source_id, due.address_id)
            failed += 1
        assert failed == OUTAGE

    asyncio.run(asyncio.wait_for(run(), 120))


def test_a_request_that_was_never_sent_is_no_check(crawl: Crawl) -> None:
    async def run() -> None:
        due = await take(crawl)
        failure = Failure(NotSent("stopped"))  # type: ignore[no-untyped-call]
        failure.request = Request(due.url, cb_kwargs={"due": due})  # type: ignore[attr-defined]
        assert NewsSpider(crawl).failed(failure) is None
        assert (await take(crawl)).address_id != due.address_id

    asyncio.run(asyncio.wait_for(run(), 120))
