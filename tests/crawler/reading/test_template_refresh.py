import asyncio
import logging

import pytest
from sqlalchemy import func, select

from crawler.reading import pool as reader_pool
from crawler.reading.template_refresh import Rereader, load_templates, refresh
from crawler.reading.worker import Templates
from storage.database.archive import Archive
from storage.models import Source, Version
from tests.crawler.reading.unlearned import PAGES, POSTS, rereader, unlearned_desk
from tests.support.archiving import Desk


@pytest.fixture
def desk(archive: Archive) -> Desk:
    return unlearned_desk(archive)


def texts(desk: Desk) -> list[str]:
    return [desk.history(post.url)[-1].text for post in POSTS]


def is_to_be_learned(desk: Desk) -> bool:
    with desk.archive.reading() as session:
        return session.get_one(Source, desk.source.id).relearn


def test_what_repeats_goes_and_no_version_comes_of_it(desk: Desk) -> None:
    written = ["\n".join(post.texts) for post in POSTS]
    assert all(
        text != truth and truth in text for text, truth in zip(texts(desk), written, strict=True)
    )
    assert is_to_be_learned(desk)
    with rereader(desk.archive) as it:
        asyncio.run(refresh(desk.source.id, it))
    assert texts(desk) == written
    assert not is_to_be_learned(desk)
    with desk.archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(Version)) == PAGES
        assert load_templates(session, desk.source.id) != Templates()


def test_that_a_page_was_announced_as_changed_is_known_the_next_time(desk: Desk) -> None:
    with rereader(desk.archive) as it:
        announced, *others = asyncio.run(it.sample(desk.source.id)).pages
        asyncio.run(refresh(desk.source.id, it, {announced}))
        pages = asyncio.run(it.sample(desk.source.id)).pages
    assert pages[announced].announced
    assert not any(pages[it].announced for it in others)


def test_nothing_is_learned_twice(desk: Desk) -> None:
    with rereader(desk.archive) as it:
        asyncio.run(refresh(desk.source.id, it))
        before = texts(desk)
        asyncio.run(refresh(desk.source.id, it))
    assert texts(desk) == before


def test_a_template_that_can_t_be_learned_stays_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reader_pool, "learn", stumble)
    before = texts(desk)
    with rereader(desk.archive) as it, caplog.at_level(logging.WARNING):
        asyncio.run(refresh(desk.source.id, it))
    assert "oops" in caplog.text
    assert texts(desk) == before
    assert is_to_be_learned(desk), "the next crawl tries again"


def test_a_capture_that_holds_no_article_any_more_keeps_its_reading(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(Rereader, "read", nothing)
    before = texts(desk)
    with rereader(desk.archive) as it:
        asyncio.run(refresh(desk.source.id, it))
    assert texts(desk) == before


def test_a_source_without_templates(archive: Archive) -> None:
    desk = Desk(archive)
    with archive.reading() as session:
        assert load_templates(session, desk.source.id) == Templates()


def stumble(*_: object) -> None:
    raise KeyError("oops")
