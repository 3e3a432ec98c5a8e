import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crawler.answers.observing import Moment, observe_response
from crawler.crawl import Crawl
from crawler.reading import pool as reader_pool
from crawler.reading.page_reader import PageReader
from crawler.recording import checks
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import NotFound
from storage.frontier.checks import Check
from storage.frontier.due import Found
from storage.history.versioning import Captured
from storage.ledger.pages import PendingPage
from storage.models import AddressKind, Article, Frontier, Outcome
from tests.support.crawling import SITE, answer, open_crawl, take
from tests.support.hostile_answers import ARTICLE, CHALLENGE
from tests.support.ledger import ledger

PATH = "/2026/11/24/the-soup-stays.html"


def crawl_one(archive: Archive, do: Callable[[Crawl, Check], Awaitable[None]], body: str) -> Crawl:
    """Ask for the one page of a source, and hand on what came back."""

    async def run(crawl: Crawl) -> None:
        due = await take(crawl)
        source = crawl.scheduler.source(due.source_id)
        moment = Moment(crawl.ids.next(), crawl.run_id, utc_now())
        await do(crawl, observe_response(due, moment, source, answer(due, body)))
        # Nothing is under way any more, so nothing has to be waited for.
        await asyncio.wait_for(crawl.scheduler.close(), 10)

    with open_crawl(archive, PATH) as crawl:
        asyncio.run(run(crawl))
    return crawl


async def archive_it(crawl: Crawl, check: Check) -> None:
    await crawl.archiver.archive(check)


def pending(archive: Archive) -> int | None:
    with archive.reading() as session:
        return session.scalars(
            select(Frontier.pending_fetch_id).where(Frontier.pending_fetch_id.is_not(None))
        ).one_or_none()


def titles(archive: Archive) -> list[str]:
    with archive.reading() as session:
        return list(session.scalars(select(Article.url)))


def test_a_page_becomes_an_article(archive: Archive) -> None:
    crawl = crawl_one(archive, archive_it, ARTICLE)
    assert crawl.error is None
    assert (crawl.tally.articles, crawl.tally.pages) == (1, {Outcome.FETCHED: 1})
    assert titles(archive) == [f"https://example.org{PATH}"]
    assert pending(archive) is None


def test_a_page_that_is_none_is_put_on_record_as_such(archive: Archive) -> None:
    crawl = crawl_one(archive, archive_it, CHALLENGE)
    assert crawl.tally.pages == {Outcome.CHALLENGE: 1}
    assert [it.outcome for it in ledger(archive)[PATH]] == [Outcome.CHALLENGE]
    assert pending(archive) is None


def test_the_capture_is_durable_before_it_is_read(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose_power(*_: object) -> None:
        assert pending(archive) is not None
        raise OSError("power")

    monkeypatch.setattr(reader_pool.ReaderPool, "read", lose_power)
    crawl = crawl_one(archive, archive_it, ARTICLE)
    assert isinstance(crawl.error, OSError)
    assert titles(archive) == []


def test_what_an_earlier_run_captured_is_read(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose_power(*_: object) -> None:
        raise OSError("power")

    with monkeypatch.context() as patch:
        patch.setattr(reader_pool.ReaderPool, "read", lose_power)
        crawl_one(archive, archive_it, ARTICLE)

    async def resume(crawl: Crawl) -> None:
        async for item in crawl.scheduler:
            assert isinstance(item, PendingPage)
            crawl.archiver.resume(item)
        await crawl.archiver.finish()
        await crawl.scheduler.close()

    with open_crawl(archive) as crawl:
        asyncio.run(resume(crawl))
    assert crawl.error is None
    assert (crawl.tally.requests, crawl.tally.articles) == (0, 1)
    assert pending(archive) is None


def test_what_the_archive_refuses_of_a_check_costs_that_check_alone(archive: Archive) -> None:
    async def refused(crawl: Crawl, check: Check) -> None:
        await crawl.archiver.archive(replace(check, milliseconds=10**20))

    crawl = crawl_one(archive, refused, ARTICLE)
    assert crawl.error is None
    (entry,) = ledger(archive)[PATH]
    assert entry.outcome is Outcome.UNREADABLE
    assert entry.detail is not None
    assert entry.detail.startswith("refused: ")


def test_what_the_archive_refuses_of_an_article_costs_that_page_alone(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(session: Session, pages: Sequence[Captured]) -> list[Any]:
        session.execute(update(Frontier).values(edits=10**20))
        return []

    monkeypatch.setattr("crawler.recording.pages.record_articles", refuse)
    crawl = crawl_one(archive, archive_it, ARTICLE)
    assert crawl.error is None
    assert [it.outcome for it in ledger(archive)[PATH]] == [Outcome.UNREADABLE]
    assert pending(archive) is None


def test_a_large_listing_is_recorded_in_parts(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "MOST_FOUND", 100)
    pages = tuple(Found(f"{SITE}/2026/{n}.html", AddressKind.PAGE) for n in range(950))

    async def listed(crawl: Crawl, check: Check) -> None:
        largest.append(0)
        submit, call = crawl.writer.submit, crawl.writer.call

        def watch_submit(operation: Any, item: Any, *, rows: int = 1, size: int = 0) -> Any:
            largest.append(rows)
            return submit(operation, item, rows=rows, size=size)

        def watch_call(function: Any, *, rows: int = 1) -> Any:
            largest.append(rows)
            return call(function, rows=rows)

        monkeypatch.setattr(crawl.writer, "submit", watch_submit)
        monkeypatch.setattr(crawl.writer, "call", watch_call)
        found = replace(check, kind=AddressKind.SITEMAP, found=pages)
        await crawl.archiver.archive(found)

    largest: list[int] = []
    crawl = crawl_one(archive, listed, ARTICLE)
    assert crawl.error is None
    assert crawl.tally.discovered == len(pages)
    assert max(largest) == 100


def test_an_error_stops_the_crawl_and_settles_the_page(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise NotFound("gone")

    monkeypatch.setattr(PageReader, "templates", refuse)

    async def archive_and_ask(crawl: Crawl, check: Check) -> None:
        await crawl.archiver.archive(check)
        assert [item async for item in crawl.scheduler] == []

    crawl = crawl_one(archive, archive_and_ask, ARTICLE)
    assert isinstance(crawl.error, NotFound)
