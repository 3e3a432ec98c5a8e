"""A sitemap that is asked again before pages are judged that nobody announced as changed."""

from collections.abc import Collection
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from crawler.judging.judgement import CONTROLS
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enqueueing import Found, enqueue
from storage.models import Address, AddressKind, Frontier
from tests.crawler.sessions.crawled_pages import crawl, page, versions
from tests.support.crawling import SITE

PATHS = [f"/2026/11/24/{number}.html" for number in range(8)]
PAGES = {path: page(number) for number, path in enumerate(PATHS)}
NOTE = "The name of the minister was wrong in an earlier report of ours."
CORRECTED = {path: page(number, NOTE) for number, path in enumerate(PATHS[:4])}
SITEMAP = "/sitemap.xml"


def sitemap(modified: datetime | None, which: Collection[str] = tuple(CORRECTED)) -> str:
    """The eight pages, `which` of them modified at that time."""
    told = "" if modified is None else f"<lastmod>{modified.isoformat()}</lastmod>"
    urls = "".join(
        f"<url><loc>{SITE}{path}</loc>{told if path in which else ''}</url>" for path in PATHS
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


@pytest.fixture
def known(archive: Archive) -> Archive:
    """An archive that knows the pages, and a sitemap that was read before and is not due."""
    crawl(archive, PAGES)
    with archive.writing() as session:
        enqueue(session, [Found(f"{SITE}{SITEMAP}", AddressKind.SITEMAP)], now=utc_now())
        its = select(Address.id).where(Address.kind == AddressKind.SITEMAP).scalar_subquery()
        later = {"changed_at": utc_now(), "due_at": utc_now() + timedelta(days=1)}
        session.execute(update(Frontier).where(Frontier.address_id == its).values(later))
    return archive


def test_what_a_sitemap_tells_after_the_pages_were_fetched_counts(known: Archive) -> None:
    shown = {**PAGES, **CORRECTED, SITEMAP: sitemap(utc_now())}
    ended = crawl(known, shown, due=PATHS)
    assert ended.tally.requests == len(PATHS) + 1
    assert [len(versions(known, path)) for path in PATHS] == [2] * 4 + [1] * 4
    assert all(versions(known, path)[-1].endswith(NOTE) for path in CORRECTED)


def test_without_its_word_the_same_is_the_sites(known: Archive) -> None:
    shown = {**PAGES, **CORRECTED, SITEMAP: sitemap(None)}
    crawl(known, shown, due=PATHS)
    assert [len(versions(known, path)) for path in PATHS] == [1] * 8


@pytest.mark.parametrize("hours", [-1, 1])
def test_what_was_modified_before_or_is_yet_to_be_tells_nothing(known: Archive, hours: int) -> None:
    shown = {**PAGES, **CORRECTED, SITEMAP: sitemap(utc_now() + timedelta(hours=hours))}
    crawl(known, shown, due=PATHS)
    assert [len(versions(known, path)) for path in PATHS] == [1] * 8


def test_one_page_alone_asks_for_no_sitemap(known: Archive) -> None:
    shown = {**PAGES, PATHS[0]: CORRECTED[PATHS[0]]}
    ended = crawl(known, shown, due=PATHS)
    assert ended.tally.requests == len(PATHS)
    assert len(versions(known, PATHS[0])) == 2


def test_pages_picked_at_random_are_no_controls_where_it_tells_them_apart(known: Archive) -> None:
    corrected = {path: page(number, NOTE) for number, path in enumerate(PATHS[:-1])}
    told = sitemap(utc_now(), PATHS[:-1])
    crawl(known, {**PAGES, **corrected, SITEMAP: told}, due=PATHS[:1] + PATHS[-1:])
    looked_at = [path for path in corrected if len(versions(known, path)) == 2]
    assert len(looked_at) == 1 + CONTROLS


def test_they_are_where_it_says_of_all_that_they_changed(known: Archive) -> None:
    shown = {path: page(number, NOTE) for number, path in enumerate(PATHS)}
    crawl(known, {**shown, SITEMAP: sitemap(utc_now(), PATHS)}, due=PATHS[:1])
    assert [len(versions(known, path)) for path in PATHS] == [1] * 8


ADVERT = "Three nights at the Grand Hotel, with breakfast: ask for them at the quay."


def test_a_site_that_dates_all_pages_when_it_is_built_announces_none(known: Archive) -> None:
    shown = {path: page(number, ADVERT) for number, path in enumerate(PATHS[:4])}
    shown[PATHS[5]] = page(5).replace("witnessed by 5-3", "denied by 5-3")
    told = {SITEMAP: sitemap(utc_now(), PATHS)}
    crawl(known, told, due=[SITEMAP])
    crawl(known, {**PAGES, **shown, **told}, due=PATHS)
    assert [len(versions(known, path)) for path in PATHS] == [1, 1, 1, 1, 1, 2, 1, 1]


def test_a_correction_of_many_articles_at_one_time_is_announced(known: Archive) -> None:
    count = 5
    corrected = {path: page(number, NOTE) for number, path in enumerate(PATHS[:count])}
    told = {SITEMAP: sitemap(utc_now(), PATHS[:count])}
    crawl(known, told, due=[SITEMAP])
    crawl(known, {**PAGES, **corrected, **told}, due=PATHS[:count])
    assert [len(versions(known, path)) for path in PATHS[:count]] == [2] * count
