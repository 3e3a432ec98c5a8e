"""Extractions are made again, and what they do not give is named."""

from random import Random

import pytest
from sqlalchemy import select, update

from crawler.reading.pool import ReaderPool
from crawler.verifying.verifying import verify
from storage.database.archive import Archive
from storage.models import Reading, Source, Template
from storage.templates.layouts import save_layouts
from storage.verification.report import Report
from storage.verification.scope import Scope
from tests.crawler.reading.test_reextraction import page
from tests.crawler.verifying.test_templates import learned
from tests.support.crawling import archive_it, crawl_one
from tests.support.damages import deleted, flipped, make, unguarded
from tests.support.readers import shared_pool


@pytest.fixture
def pool() -> ReaderPool:
    return shared_pool()


@pytest.fixture
def crawled(archive: Archive) -> Archive:
    """One page, fetched and read."""
    crawl_one(archive, archive_it, page(1).decode())
    return archive


def verified(archive: Archive, pool: ReaderPool, scope: Scope | None = None) -> Report:
    report = Report()
    verify(archive, scope or Scope(), report=report, progress=lambda *_: None, pool=pool)
    return report


def test_what_extraction_gives_again_matches(crawled: Archive, pool: ReaderPool) -> None:
    report = verified(crawled, pool)
    assert report.mismatches == []
    assert report.checked["extractions"] == 1
    assert not report.by_digest


def test_what_it_does_not_give_is_named(crawled: Archive, pool: ReaderPool) -> None:
    with unguarded(crawled) as connection:
        damage = make(connection, flipped("reading", "input"), Random(0))
    assert damage is not None
    assert damage.told(verified(crawled, pool)) == "found"


def test_a_deleted_extraction_is_named(crawled: Archive, pool: ReaderPool) -> None:
    with unguarded(crawled) as connection:
        damage = make(connection, deleted("reading"), Random(0))
    assert damage is not None
    assert damage.told(verified(crawled, pool)) == "found"


def test_an_extractor_that_is_not_installed_is_told(crawled: Archive, pool: ReaderPool) -> None:
    with unguarded(crawled) as connection:
        connection.execute(update(Reading).values(extractor="0.1"))
    report = verified(crawled, pool)
    assert report.mismatches == []
    assert report.by_digest == {"extractor not installed: 0.1": 1}


def test_an_extraction_with_a_damaged_template_is_not_blamed(
    crawled: Archive, pool: ReaderPool
) -> None:
    with crawled.writing() as session:
        source = session.scalars(select(Source)).one()
        save_layouts(session, source.id, [learned("one")], source.added_at)
    with unguarded(crawled) as connection:
        connection.execute(update(Reading).values(template="abcd1234-0123456789abcdef"))
        connection.execute(update(Template).values(template="{"))
    report = verified(crawled, pool)
    assert {it.table for it in report.mismatches} == {"template"}
    assert sum(report.by_digest.values()) == 1


def test_a_sample_is_read_again(crawled: Archive, pool: ReaderPool) -> None:
    report = verified(crawled, pool, Scope(sample=1))
    assert dict(report.checked) == {"stored pages": 1, "extractions": 1}
    with crawled.reading() as session:
        assert session.scalars(select(Reading.id)).all()
