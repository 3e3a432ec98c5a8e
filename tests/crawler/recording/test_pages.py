from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.history.captured_pages import Captured
from storage.models import Frontier, Outcome
from tests.support.crawling import PATH, archive_it, crawl_one, pending
from tests.support.hostile_answers import ARTICLE
from tests.support.ledger import ledger


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
