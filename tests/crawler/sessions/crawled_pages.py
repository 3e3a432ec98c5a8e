"""A source's pages, crawled one after the other as the spider does, and its session ended."""

import asyncio
from collections.abc import Collection, Mapping

from sqlalchemy import select, update

from crawler.answers.observing import Moment, observe_response
from crawler.crawl import Crawl
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.due import Due
from storage.history.version_records import history
from storage.ledger.runs import end_run
from storage.models import Address, Finding, Frontier, Meaning, RunEnd
from tests.support.crawling import SITE, answer, open_crawl

SENTENCE = "What article {0} says in part {1} is witnessed by {0}-{1} on the quay of harbour {2}."


def page(number: int, *more: str, layout: str = "story") -> str:
    """An article's page with a text of its own, and more paragraphs."""
    own = (SENTENCE.format(number, part, number * 31 + part) for part in range(9))
    body = "".join(f"<p>{text}</p>" for text in (*own, *more))
    title = f"Harbour {number} has a quay"
    return (
        f"<html lang='en'><head><title>{title}</title>"
        "<meta property='og:type' content='article'></head>"
        f"<body><main><article class='{layout}'><h1>{title}</h1>"
        f"<div class='{layout}-text'>{body}</div></article></main></body></html>"
    )


_PAUSE = 0.2  # seconds between two pages that are archived side by side

Pages = Mapping[str, str | int]
"""By path what a page shows, or the status without it."""


def crawl(
    archive: Archive,
    pages: Pages,
    *,
    due: Collection[str] | None = None,
    side_by_side: bool = False,
) -> Crawl:
    """Ask for those of the pages that are due, all by default, and for what is wanted besides;
    `side_by_side` without waiting for what becomes of each."""
    due = pages.keys() if due is None else due
    with archive.writing() as session:
        ids = select(Address.id).where(Address.url.in_([f"{SITE}{path}" for path in due]))
        now = update(Frontier).values(due_at=utc_now())
        session.execute(now.where(Frontier.address_id.in_(ids)))
    with open_crawl(archive, *due) as crawl, crawl.heartbeat:
        asyncio.run(_ask(crawl, pages, side_by_side))
    with archive.writing() as session:
        end_run(session, crawl.run_id, RunEnd.FINISHED, {}, utc_now())
    assert crawl.error is None
    return crawl


async def _ask(crawl: Crawl, pages: Pages, side_by_side: bool) -> None:
    async for due in crawl.scheduler:
        assert isinstance(due, Due)
        shown = pages[due.url.removeprefix(SITE)]
        body, status = ("", shown) if isinstance(shown, int) else (shown, 200)
        moment = Moment(crawl.ids.next(), crawl.run_id, utc_now())
        source = crawl.scheduler.source(due.source_id)
        crawl.scheduler.answered(due.source_id, due.address_id, unanswered=False)
        response = answer(due, body, status=status)
        check = observe_response(due, moment, source, response)
        if side_by_side:
            crawl.archiver.begin(check)
            await asyncio.sleep(_PAUSE)
        else:
            await crawl.archiver.archive(check)


def versions(archive: Archive, path: str) -> list[str]:
    """The texts of the versions of the article at that path."""
    with archive.reading() as session:
        article_id = session.scalar(
            select(Address.article_id).where(Address.url == f"{SITE}{path}")
        )
        assert article_id is not None
        return [version.text for version in history(session, article_id)]


def meanings(archive: Archive) -> list[Meaning | None]:
    """What the fetches were found to mean, in the order in which that was found."""
    with archive.reading() as session:
        found = select(Finding.meaning).order_by(Finding.recorded_at, Finding.fetch_id)
        return list(session.scalars(found))
