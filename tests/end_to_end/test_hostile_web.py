"""What the web does to crawlers: each thing costs itself alone, and is on record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from scripts.demo.loopback import Response
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enqueueing import Found, enqueue
from storage.models import AddressKind, Article, Outcome
from storage.query.articles import article_record
from tests.support.command import Command, Done, permalien
from tests.support.folder_archive import crawl, on_record, options
from tests.support.hostile import PATHS, HostileSite
from tests.support.hostile_answers import (
    FEED_BOMB,
    FEED_ENTITY,
    HUGE_BYTES,
    RETRY_DATE_SECONDS,
    RETRY_SECONDS,
    SITEMAP,
)
from tests.support.ledger import Entry, ledger
from tests.support.newsroom import FEED, Newsroom

TIMEOUT = {"DOWNLOAD_TIMEOUT": 2}  # seconds; an operator's crawl has more patience
RETRIES = 3  # of a failure that seconds may mend, within one run
MEMORY = 400 * 2**20  # bytes of one process; a bomb unfolds into 10 GiB

pytestmark = pytest.mark.timeout(600)

ONCE = {
    "/article": (Outcome.FETCHED, ""),
    "/empty": (Outcome.UNREADABLE, "no markup"),
    "/huge": (Outcome.FAILED, "too large"),
    "/endless": (Outcome.FAILED, "too large"),
    "/gzip-bomb": (Outcome.FAILED, "too large"),
    "/gzip-twice-bomb": (Outcome.FAILED, "too large"),
    "/brotli-bomb": (Outcome.FAILED, "too large"),
    "/zstd-bomb": (Outcome.FAILED, "too large"),
    "/pdf": (Outcome.UNREADABLE, "PDF"),
    "/nuls": (Outcome.FETCHED, ""),
    "/charset-lie": (Outcome.FETCHED, ""),
    "/charset-unknown": (Outcome.FETCHED, ""),
    "/meta-lie": (Outcome.FETCHED, ""),
    "/redirect-self": (Outcome.MOVED, "/redirect-self"),
    "/redirect-cookie": (Outcome.MOVED, "/redirect-cookie"),
    "/redirect-host": (Outcome.MOVED, "to another site: https://elsewhere.example/"),
    "/redirect-file": (Outcome.MOVED, "to no usable address: 'file:"),
    "/redirect-script": (Outcome.MOVED, "to no usable address: 'javascript:"),
    "/redirect-local/decimal": (Outcome.MOVED, "/article"),
    "/redirect-local/octal": (Outcome.MOVED, "/article"),
    "/redirect-local/hex": (Outcome.MOVED, "/article"),
    "/redirect-local/short": (Outcome.MOVED, "/article"),
    "/redirect-local/wide": (Outcome.MOVED, "/article"),
    "/redirect-local/mapped": (Outcome.MOVED, "to another site"),
    "/redirect-local/name": (Outcome.MOVED, "to another site"),
    "/feed-html": (Outcome.NOT_ARTICLE, "rss"),
    "/feed-bomb": (Outcome.NOT_ARTICLE, "rss"),
    "/feed-entity": (Outcome.NOT_ARTICLE, "rss"),
    "/sitemap-foreign": (Outcome.NOT_ARTICLE, "xml"),
    "/headers-huge": (Outcome.FETCHED, ""),
    "/404": (Outcome.NOT_FOUND, ""),
    "/410": (Outcome.GONE, ""),
    "/451": (Outcome.BLOCKED, "451"),
    "/403-challenge": (Outcome.BLOCKED, "403"),
}
AGAIN_AND_AGAIN = {
    "/gzip-lie": "bad response: BadGzipFile",
    "/cut-short": "cut short",
    "/chunked-cut": "cut short",
    "/slow": "timed out",
    "/never": "timed out",
    "/reset": "connection lost",
    "/not-http": "bad response: ParseError",
    "/headers-bad": "bad response: InvalidHeaderName",
    "/length-twice": "bad response: ValueError",
    "/redirect-nowhere": "to nowhere",
    "/304-unasked": "304",
}
LATER = {"/429-seconds": 1, "/429-date": 1, "/503-seconds": 1, "/500-twice": 2}
"""How often each fails before it answers."""

READ_EITHER_WAY = {
    "/gzip-cut": "what came of it is an article",
    "/nested": "as far as the parser goes",
    "/redirect/0": "see test_a_chain_of_redirects_ends",
}


@dataclass(frozen=True)
class Crawled:
    """The hostile site after one crawl, asked for every path as for a page that was listed."""

    site: HostileSite
    archive: Archive
    done: Done
    checks: dict[str, list[Entry]]
    peak_memory: int


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    folder = tmp_path_factory.mktemp("hostile")
    where = options(folder)
    with HostileSite() as site:
        added = permalien("add", site.url, "--allow-private", "--delay", "0", **where)
        assert added.code == 0, added.err
        archive = Archive(where["database"])
        with archive.writing() as session:
            pages = [Found(f"{site.url}{path}", AddressKind.PAGE) for path in PATHS]
            enqueue(session, pages, now=utc_now())
        with Command("crawl", site.url, settings=TIMEOUT, **where) as crawl:
            done = crawl.measure(timeout=400)
        yield Crawled(site, archive, done, ledger(archive), crawl.peak_memory)
        archive.close()


def test_every_path_is_tried_here() -> None:
    tried = {*ONCE, *AGAIN_AND_AGAIN, *LATER, *READ_EITHER_WAY}
    assert tried == set(PATHS)


def test_the_crawl_ends_and_says_so_without_a_traceback(crawled: Crawled) -> None:
    assert crawled.done.code == 0
    assert "finished" in crawled.done.out
    assert "Traceback" not in crawled.done.err


def test_memory_stays_bounded(crawled: Crawled) -> None:
    assert 0 < crawled.peak_memory < MEMORY
    assert crawled.site.count("/huge") == 1
    assert HUGE_BYTES > 4 * 10 * 2**20


@pytest.mark.parametrize("path", ONCE)
def test_is_tried_once(crawled: Crawled, path: str) -> None:
    outcome, detail = ONCE[path]
    (check,) = crawled.checks[path]
    # Pages that say the same are one article, of which the first to be read was new.
    same = Outcome.UNCHANGED if outcome is Outcome.FETCHED else outcome
    assert check.outcome in (outcome, same), check
    assert detail in check.detail


@pytest.mark.parametrize("path", AGAIN_AND_AGAIN)
def test_is_tried_again_with_growing_pauses(crawled: Crawled, path: str) -> None:
    checks = crawled.checks[path]
    assert {check.outcome for check in checks} == {Outcome.FAILED}
    assert len(checks) == RETRIES
    assert all(AGAIN_AND_AGAIN[path] in check.detail for check in checks), checks
    first, second, third = (check.fetched_at for check in checks)
    assert 5 <= (second - first).total_seconds() < (third - second).total_seconds()


@pytest.mark.parametrize("path", LATER)
def test_answers_when_it_is_asked_later(crawled: Crawled, path: str) -> None:
    found = [check.outcome for check in crawled.checks[path]]
    assert found[:-1] == [Outcome.FAILED] * LATER[path]
    assert found[-1] in (Outcome.FETCHED, Outcome.UNCHANGED)


@pytest.mark.parametrize(
    ("path", "seconds"),
    [
        ("/429-seconds", RETRY_SECONDS),
        ("/503-seconds", RETRY_SECONDS),
        # A date has whole seconds, and was written when the answer was.
        ("/429-date", RETRY_DATE_SECONDS - 1),
    ],
)
def test_the_whole_site_is_left_alone_until_retry_after(
    crawled: Crawled, path: str, seconds: float
) -> None:
    requests = crawled.site.requests
    refused = next(i for i, request in enumerate(requests) if request.path == path)
    assert requests[refused + 1].at - requests[refused].at >= seconds


@pytest.mark.parametrize("path", READ_EITHER_WAY)
def test_is_on_record(crawled: Crawled, path: str) -> None:
    assert crawled.checks[path]


def test_a_chain_of_redirects_ends(crawled: Crawled) -> None:
    hops = [path for path in crawled.checks if path.startswith("/redirect/")]
    assert hops == [f"/redirect/{hop}" for hop in range(11)]
    assert all(crawled.checks[path][0].outcome is Outcome.MOVED for path in hops)


def test_nothing_is_asked_of_other_hosts(crawled: Crawled) -> None:
    with crawled.archive.reading() as session:
        urls = session.scalars(select(Article.url)).all()
    assert urls
    assert all(url.startswith(f"{crawled.site.url}/") for url in urls)
    assert not [path for path in crawled.checks if "latest" in path]


@pytest.mark.parametrize("path", ["/article", "/charset-lie", "/charset-unknown", "/meta-lie"])
def test_text_survives_a_lying_charset(crawled: Crawled, path: str) -> None:
    with crawled.archive.reading() as session:
        text = article_record(session, f"{crawled.site.url}{path}").shown.text
    assert "The café by the old harbour" in text


def test_no_text_holds_a_nul(crawled: Crawled) -> None:
    with crawled.archive.reading() as session:
        text = article_record(session, f"{crawled.site.url}/nuls").shown.text
    assert "\0" not in text
    assert re.search(r"The\W+café\W+by\W+the\W+old\W+harbour", text)


def test_a_self_signed_certificate_is_refused(crawled: Crawled, tmp_path: Path) -> None:
    url = crawled.site.tls_url
    flags = ("--allow-private", "--delay", "0")
    done = permalien("crawl", url, *flags, **options(tmp_path))
    assert (done.code, "certificate refused" in done.err) == (1, True)
    done = permalien("crawl", url, *flags, "--anyway", **options(tmp_path))
    assert done.code == 1
    assert "certificate refused" in done.out
    assert "Traceback" not in done.err
    details = {check.detail for checks in on_record(tmp_path).values() for check in checks}
    assert all("certificate refused" in detail for detail in details), details


LISTINGS = {
    "bomb": FEED_BOMB,
    "entity": FEED_ENTITY,
    "foreign": SITEMAP,
    "html": "<!DOCTYPE html><title>Not a feed</title><p>Not at all",
    "broken": "<rss><channel><item>",
    "empty": "",
}


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Entry]]]:
    """The checks of a site whose robots.txt names LISTINGS for sitemaps."""
    folder = tmp_path_factory.mktemp("listings")
    with Newsroom(adverts=False) as newsroom:
        newsroom.publish_generated(3)
        for name, body in LISTINGS.items():
            content = body.replace("{origin}", newsroom.url).encode()
            newsroom.serve(f"/{name}.xml", Response(200, content, {"Content-Type": "text/xml"}))
        newsroom.serve("/article", Response(404))
        newsroom.robots = "".join(f"Sitemap: {newsroom.url}/{name}.xml\n" for name in LISTINGS)
        done = crawl(newsroom, folder)
        assert "Traceback" not in done.err
        yield on_record(folder)


class TestListings:
    """Feeds and sitemaps that are none, or too much, or lead elsewhere."""

    @pytest.mark.parametrize("name", ["html", "empty"])
    def test_is_unreadable(self, listed: dict[str, list[Entry]], name: str) -> None:
        (check,) = listed[f"/{name}.xml"]
        assert check.outcome is Outcome.UNREADABLE
        assert check.detail

    @pytest.mark.parametrize("name", ["bomb", "entity", "broken"])
    def test_gives_nothing_away(self, listed: dict[str, list[Entry]], name: str) -> None:
        (check,) = listed[f"/{name}.xml"]
        assert (check.outcome, check.detail) == (Outcome.FETCHED, "lists 0 addresses")

    def test_only_own_addresses_are_taken_from_a_sitemap(
        self, listed: dict[str, list[Entry]]
    ) -> None:
        (check,) = listed["/foreign.xml"]
        assert (check.outcome, check.detail) == (Outcome.FETCHED, "lists 1 addresses")
        assert listed["/article"][0].outcome is Outcome.NOT_FOUND
        assert not {"/a", "/latest/"} & set(listed)

    def test_the_rest_is_archived_all_the_same(self, listed: dict[str, list[Entry]]) -> None:
        fetched = [path for path in listed if path.startswith("/2026/")]
        assert len(fetched) == 3
        assert listed[FEED][0].outcome is Outcome.FETCHED
