"""Answers drawn at random: the crawl ends, each fetch is on record, every other site is whole."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.enrolment import enrol
from storage.models import Address, AddressKind, Article, Frontier, Run, RunEnd, Source
from tests.support.command import Command
from tests.support.databases import url_of
from tests.support.newsroom import Newsroom
from tests.support.random_answers import RandomSite

HEALTHY = 8  # articles of a site that answers as it should
MOST_CRAWLS = 40

pytestmark = pytest.mark.timeout(7200)


def test_answers_at_random(new_archive: Archive, tmp_path: Path) -> None:
    storm(new_archive, tmp_path, seed=1, sites=4, pages=10)


@pytest.mark.soak
def test_thousands_of_answers_at_random(new_archive: Archive, tmp_path: Path) -> None:
    answers = storm(new_archive, tmp_path, seed=2, sites=25, pages=190)
    assert answers >= 5_000


def storm(archive: Archive, folder: Path, *, seed: int, sites: int, pages: int) -> int:
    """Crawl sites that answer at random until each of their addresses has been asked for; how
    many answers they gave."""
    with ExitStack() as stack:
        wild = [stack.enter_context(RandomSite(seed + n, pages)) for n in range(sites)]
        tame = stack.enter_context(Newsroom(adverts=False))
        tame.publish_generated(HEALTHY)
        with archive.writing() as session:
            tame_id = enrol(session, tame.url, now=utc_now(), allow_private=True, delay=0).id
            for site in wild:
                enrol(session, site.url, now=utc_now(), allow_private=True, delay=0)
                found = [Found(site.url[:-1] + path, kind_of(path)) for path in site.paths]
                enqueue(session, found, now=utc_now())
        crawls = 0
        while crawls == 0 or unasked(archive):
            assert crawls < MOST_CRAWLS, f"{unasked(archive)} addresses were never asked for"
            crawls += 1
            with archive.writing() as session:
                # What a Retry-After asks for, and an outage, are waited for by others.
                session.execute(update(Source).values(paused_until=None))
            settings = {"DOWNLOAD_TIMEOUT": 2}
            with Command("crawl", database=url_of(archive), cwd=folder, settings=settings) as crawl:
                done = crawl.wait(timeout=1800)
            assert done.code == 0, done.err[-4000:]
        answers = sum(site.answers for site in wild)
    with archive.reading() as session:
        assert set(session.scalars(select(Run.ended_how))) == {RunEnd.FINISHED}
        assert session.scalar(select(func.count()).where(Source.lease_run_id.is_not(None))) == 0
        pending = Frontier.pending_fetch_id.is_not(None)
        assert session.scalar(select(func.count()).where(pending)) == 0
        articles = session.scalar(select(func.count()).where(Article.source_id == tame_id))
        assert articles == HEALTHY
        # Robots.txt, which is asked for once more by what obeys it, is no fetch of the storm's.
        recorded = session.scalars(select(Run.counts)).all()
    requests = sum(counts["requests"] for counts in recorded)
    print(f"{answers:,} answers of {sites} sites in {crawls} crawls, {requests:,} on record")
    return answers


def kind_of(path: str) -> AddressKind:
    return AddressKind.FEED if path.endswith(".xml") else AddressKind.PAGE


def unasked(archive: Archive) -> int:
    """Addresses that are due and were never asked for."""
    query = select(func.count()).where(
        Frontier.address_id == Address.id, Frontier.checked_at.is_(None)
    )
    with archive.reading() as session:
        return session.scalar(query) or 0
