from dataclasses import replace

from crawler.recording.tally import Tally
from storage.database.clock import utc_now
from storage.frontier.checks import Check
from storage.history.captured_pages import Change
from storage.history.checks import Checked
from storage.models import AddressKind, Outcome

PAGE = Check(
    fetch_id=1,
    run_id=1,
    address_id=1,
    source_id=1,
    url="https://example.org/a",
    kind=AddressKind.PAGE,
    fetched_at=utc_now(),
    outcome=Outcome.FETCHED,
    body=b"12345",
)


def test_a_page_counts_once_under_what_its_reading_gave() -> None:
    tally = Tally()
    for change in Change:
        tally.count_check(PAGE, Checked(Outcome.FETCHED, extract=True, new_addresses=2))
        tally.count_change(change)
    tally.count_check(PAGE, Checked(Outcome.FETCHED, extract=True))
    tally.count_non_article(Outcome.NOT_ARTICLE)
    assert tally.pages == {Outcome.FETCHED: 2, Outcome.UNCHANGED: 1, Outcome.NOT_ARTICLE: 1}
    assert (tally.articles, tally.versions) == (1, 1)
    assert (tally.requests, tally.bytes, tally.discovered) == (4, 20, 6)


def test_listings_are_no_pages() -> None:
    tally = Tally()
    tally.count_check(replace(PAGE, kind=AddressKind.FEED), Checked(Outcome.FETCHED))
    assert (tally.listings, tally.pages.total()) == (1, 0)


def test_failures_count_by_kind_whatever_failed() -> None:
    tally = Tally()
    details = ("timed out", "no such host: a.example", "no such host: b.example", None)
    for detail in details:
        failed = replace(PAGE, detail=detail, body=None, kind=AddressKind.FRONT)
        tally.count_check(failed, Checked(Outcome.FAILED))
    tally.count_check(replace(PAGE, detail="robots.txt"), Checked(Outcome.BLOCKED))
    assert tally.failures == {"timed out": 1, "no such host": 2, "unknown": 1, "robots.txt": 1}


def test_the_document_is_plain_and_sorted() -> None:
    tally = Tally()
    tally.count_non_article(Outcome.UNREADABLE)
    tally.count_non_article(Outcome.CHALLENGE)
    document = tally.as_document()
    assert list(document["pages"]) == ["challenge", "unreadable"]
    assert all(type(key) is str for key in document["pages"])
