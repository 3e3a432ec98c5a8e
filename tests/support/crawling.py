"""The parts of a crawl without Scrapy around them, for tests that play its part."""

from collections.abc import Iterator
from contextlib import contextmanager

from scrapy import Request
from scrapy.http import Response

from crawler.crawl import Crawl
from crawler.reading.pool import ReaderPool
from crawler.sessions.scope import Scope
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.due import Due, Found, enqueue
from storage.frontier.enrolment import enrol
from storage.ledger.runs import start_run
from storage.models import AddressKind

SITE = "https://example.org"


@contextmanager
def open_crawl(archive: Archive, *paths: str) -> Iterator[Crawl]:
    """A run on an archive whose one source has these pages due, and nothing else."""
    now = utc_now()
    with archive.writing() as session:
        source_id = enrol(session, f"{SITE}/", now=now).id
        enqueue(session, [Found(f"{SITE}{path}", AddressKind.PAGE) for path in paths], now=now)
        run_id = start_run(session, software="test", settings={}, now=now)
    pool = ReaderPool()
    scope = Scope(frozenset({source_id}), frozenset({AddressKind.PAGE}))
    crawl = Crawl(archive, run_id, pool=pool, scope=scope)
    try:
        yield crawl
    finally:
        pool.close()
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
