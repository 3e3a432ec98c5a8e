"""The first session of a source: its template is learned of the pages that it read."""

import asyncio

import pytest
from sqlalchemy import select

from crawler.answers.observing import Moment, observe_response
from crawler.crawl import Crawl
from crawler.reading.drafts import Drafts
from crawler.reading.pool import ReaderPool
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.due import Due
from storage.models import Content, Reading, Version, VersionState
from tests.crawler.extraction import wordpress
from tests.support.crawling import SITE, answer, open_crawl

PAGES = 40
POSTS = {f"/{number}": post for number, post in enumerate(wordpress.posts(PAGES))}


async def crawl_it(crawl: Crawl) -> None:
    """As the spider does, one page after the other."""
    async for due in crawl.scheduler:
        assert isinstance(due, Due)
        post = POSTS[due.url.removeprefix(SITE)]
        body = wordpress.page(post, furniture="<p>{}</p>").decode()
        moment = Moment(crawl.ids.next(), crawl.run_id, utc_now())
        check = observe_response(
            due, moment, crawl.scheduler.source(due.source_id), answer(due, body)
        )
        crawl.scheduler.answered(due.source_id, due.address_id, unanswered=False)
        await crawl.archiver.archive(check)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The addresses of the pages that worker processes are given to read."""
    addresses: list[str | None] = []
    original = ReaderPool.read

    async def noted(pool: ReaderPool, page: object, templates: object) -> object:
        addresses.append(getattr(page, "url", None))
        return await original(pool, page, templates)  # type: ignore[arg-type]

    monkeypatch.setattr(ReaderPool, "read", noted)
    return addresses


def texts(archive: Archive) -> list[str]:
    """What the articles say as they are read best, all with a template."""
    with archive.reading() as session:
        rows = session.execute(
            select(Content.text, Reading.template)
            .join(Reading, Reading.content_digest == Content.digest)
            .join(VersionState, VersionState.best_reading == Reading.id)
            .join(Version, Version.id == VersionState.version_id)
        ).all()
    assert all(template for _, template in rows)
    return sorted(text for text, _ in rows)


def test_a_first_session_reads_no_page_twice(archive: Archive, read: list[str | None]) -> None:
    with open_crawl(archive, *POSTS) as crawl:
        asyncio.run(crawl_it(crawl))
    assert crawl.error is None
    assert sorted(map(str, read)) == sorted(f"{SITE}{path}" for path in POSTS)
    assert texts(archive) == sorted("\n".join(post.texts) for post in POSTS.values())


def test_pages_for_which_there_was_no_room_are_read_again(
    archive: Archive, read: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Drafts, "of", lambda *_: None)
    few = list(POSTS)[:6]
    with open_crawl(archive, *few) as crawl:
        asyncio.run(crawl_it(crawl))
    assert len(read) == 2 * len(few)
    assert texts(archive) == sorted("\n".join(POSTS[path].texts) for path in few)
