from dataclasses import replace
from typing import Any

import pytest

from crawler.crawl import Crawl
from crawler.recording import checks
from storage.database.archive import Archive
from storage.frontier.checks import Check
from storage.frontier.enqueueing import Found
from storage.models import AddressKind, Outcome
from tests.support.crawling import PATH, SITE, crawl_one
from tests.support.hostile_answers import ARTICLE
from tests.support.ledger import ledger


def test_what_the_archive_refuses_of_a_check_costs_that_check_alone(archive: Archive) -> None:
    async def refused(crawl: Crawl, check: Check) -> None:
        await crawl.archiver.archive(replace(check, milliseconds=10**20))

    crawl = crawl_one(archive, refused, ARTICLE)
    assert crawl.error is None
    (entry,) = ledger(archive)[PATH]
    assert entry.outcome is Outcome.UNREADABLE
    assert entry.detail is not None
    assert entry.detail.startswith("refused: ")


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
