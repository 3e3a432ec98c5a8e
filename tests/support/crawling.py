"""The parts of a crawl without Scrapy around them, for tests that play its part."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from scrapy import Request
from scrapy.http import Response
from sqlalchemy import select

from crawler.answers.observing import Moment, observe_response
from crawler.crawl import Crawl
from crawler.sessions.scope import Scope
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.checks import Check
from storage.frontier.due import Due
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.enrolment import enrol
from storage.ledger.runs import start_run
from storage.models import AddressKind, Frontier
from tests.support.readers import shared_pool

SITE = "https://example.org"
PATH = "/2026/11/24/the-soup-stays.html"


@contextmanager
def open_crawl(archive: Archive, *paths: str) -> Iterator[Crawl]:
    """A run on an archive whose one source has these pages due, and nothing else."""
    now = utc_now()
    with archive.writing() as session:
        source_id = enrol(session, f"{SITE}/", now=now).id
        enqueue(session, [Found(f"{SITE}{path}", AddressKind.PAGE) for path in paths], now=now)
        run_id = start_run(session, software="test", settings={}, now=now)
    scope = Scope(frozenset({source_id}), frozenset({AddressKind.PAGE}))
    crawl = Crawl(archive, run_id, pool=shared_pool(), scope=scope)
    try:
        yield crawl
    finally:
        crawl.writer.close()


async def take(crawl: Crawl) -> Due:
    """The first address that the crawl is to ask for."""
    async for item in crawl.scheduler:
        assert isinstance(item, Due)
        return item
    raise AssertionError("nothing is due")


def answer(due: Due, body: str, *, status: int = 200, **headers: str) -> Response:
    """As Scrapy hands it to the spider."""
    given = {"Content-Type": "text/html; charset=utf-8"} | headers
    request = Request(due.url, meta={"download_latency": 0.01}, cb_kwargs={"due": due})
    return Response(due.url, status=status, body=body.encode(), headers=given, request=request)


def crawl_one(archive: Archive, do: Callable[[Crawl, Check], Awaitable[None]], body: str) -> Crawl:
    """Ask for PATH, the one page of a source, and do this with what came back."""

    async def run(crawl: Crawl) -> None:
        due = await take(crawl)
        source = crawl.scheduler.source(due.source_id)
        moment = Moment(crawl.ids.next(), crawl.run_id, utc_now())
        await do(crawl, observe_response(due, moment, source, answer(due, body)))
        # Nothing is under way any more, so nothing has to be waited for.
        await asyncio.wait_for(crawl.scheduler.close(), 120)

    with open_crawl(archive, PATH) as crawl:
        asyncio.run(run(crawl))
    return crawl


async def archive_it(crawl: Crawl, check: Check) -> None:
    await crawl.archiver.archive(check)


def pending(archive: Archive) -> int | None:
    """The fetch whose page waits to be read."""
    with archive.reading() as session:
        return session.scalars(
            select(Frontier.pending_fetch_id).where(Frontier.pending_fetch_id.is_not(None))
        ).one_or_none()
