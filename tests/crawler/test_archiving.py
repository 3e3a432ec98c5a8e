import asyncio

import pytest
from sqlalchemy import select

from crawler.crawl import Crawl
from crawler.reading import pool as reader_pool
from crawler.reading.page_reader import PageReader
from storage.database.archive import Archive
from storage.database.errors import NotFound
from storage.frontier.checks import Check
from storage.ledger.pages import PendingPage
from storage.models import Article, Outcome
from tests.support.crawling import PATH, archive_it, crawl_one, open_crawl, pending
from tests.support.hostile_answers import ARTICLE, CHALLENGE
from tests.support.ledger import ledger


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
