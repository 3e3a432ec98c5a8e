"""An archive of made-up pages that an extractor of long ago read badly."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from storage.database.archive import Archive
from storage.frontier.addresses import address_key
from storage.frontier.checks import Check
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.sources import add_source
from storage.history.captured_pages import Captured
from storage.history.checks import record_checks
from storage.history.new_reading import NewReading
from storage.history.versioning import record_articles
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.headers import Headers
from storage.ledger.payloads import digest_of
from storage.models import Address, AddressKind, Outcome
from tests.support.generated_news import GeneratedArticle, generate_articles
from tests.support.warcs import page

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
_BATCH = 200


def fill(archive: Archive, pages: int, *, sites: int = 2, size: int = 0) -> None:
    """Put so many pages of these sites in the archive, each an article that extractor 0 read; a
    page has about `size` bytes, or as many as its article takes."""
    filler = _filler(max(0, size - 6_000))
    with archive.writing() as session:
        sources = [
            add_source(session, f"https://paper{number}.example/", now=START)[0].id
            for number in range(sites)
        ]
    numbered = enumerate(generate_articles(pages))
    while some := list(itertools.islice(numbered, _BATCH)):
        urls = [f"https://paper{number % sites}.example{it.path}" for number, it in some]
        with archive.writing() as session:
            enqueue(session, [Found(url, AddressKind.PAGE) for url in urls], now=START)
            ids = dict(
                session.execute(
                    select(Address.key, Address.id).where(
                        Address.key.in_([address_key(url) for url in urls])
                    )
                ).all()
            )
            checks = [
                _check(
                    number,
                    sources[number % sites],
                    ids[address_key(url)],
                    url,
                    page(it, site=f"The Paper {number % sites}").replace(b"</body>", filler),
                )
                for (number, it), url in zip(some, urls, strict=True)
            ]
            record_checks(session, checks)
            articles = (it for _, it in some)
            record_articles(session, list(_captured(checks, articles)))


def _filler(size: int) -> bytes:
    """The end of a page, of about so many bytes: half a script, half a list of links."""
    teaser = b"<li class='teaser'><a href='/more/'><span>More of this</span></a></li>"
    script = b"<script>/* " + b"x" * (size // 2) + b" */</script>"
    return b"<ul>" + teaser * (size // 2 // len(teaser)) + b"</ul>" + script + b"</body>"


def _check(number: int, source_id: int, address_id: int, url: str, body: bytes) -> Check:
    at = START + timedelta(seconds=number)
    return Check(
        fetch_id=first_id_at(at) + (1 << 11),
        run_id=1,
        address_id=address_id,
        source_id=source_id,
        url=url,
        kind=AddressKind.PAGE,
        fetched_at=at,
        outcome=Outcome.FETCHED,
        status=200,
        request_headers=Headers.of([("User-Agent", "a test")]),
        body=body,
        keep=True,
    )


def _captured(checks: list[Check], articles: Iterator[GeneratedArticle]) -> Iterator[Captured]:
    for check, article in zip(checks, articles, strict=True):
        assert check.body is not None
        digest = digest_of(check.body)
        reading = NewReading(
            digest=digest,
            input=digest,
            extractor="0",
            template="",
            title=article.title,
            text=f"{article.standfirst}\nShare this",
        )
        yield Captured(check.fetch_id, check.address_id, check.fetched_at, reading, judged=True)
