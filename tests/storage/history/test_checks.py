"""What one check leaves behind, and that it leaves it once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DataError, IntegrityError

from storage.database.archive import Archive
from storage.frontier.addresses import address_key
from storage.frontier.checks import MAX_REDIRECTS
from storage.frontier.enqueueing import Found, enqueue
from storage.history.checks import Checked, record_checks
from storage.ledger.findings import of_fetch, outcome_of_fetch
from storage.ledger.headers import Headers
from storage.ledger.pages import load_page, pending_pages
from storage.ledger.payloads import digest_of
from storage.models import (
    Address,
    AddressKind,
    AddressLink,
    ArticleState,
    Fetch,
    Finding,
    Frontier,
    LinkKind,
    Outcome,
    Payload,
    Source,
    SourceDay,
)
from tests.support.archiving import START, Desk

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def waiting(desk: Desk, path: str) -> Frontier:
    """The frontier's row of the address at `path`."""
    address_id = desk.address(path)
    with desk.archive.reading() as session:
        return session.get_one(Frontier, address_id)


def count(archive: Archive, table: type[Any]) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def observed(desk: Desk) -> list[tuple[Outcome, bytes | None]]:
    with desk.archive.reading() as session:
        rows = session.execute(
            select(outcome_of_fetch(), Fetch.digest)
            .outerjoin(Finding, of_fetch())
            .order_by(Fetch.id)
        )
        return [(outcome, digest) for outcome, digest in rows]


def test_a_page_is_durable_before_it_is_read(archive: Archive) -> None:
    desk = Desk(archive)
    headers = Headers.of([("Content-Type", "text/html"), ("X-Odd", "\xe9\0")])
    check = replace(desk.prepare("/a", body=b"page"), headers=headers, etag='"1"')
    assert desk.record(check) == Checked(Outcome.FETCHED, extract=True, digest=digest_of(b"page"))
    with archive.reading() as session:
        (pending,) = pending_pages(session, [desk.source.id])
        capture = load_page(session, pending.fetch_id)
    assert pending.fetch_id == check.fetch_id
    assert pending.fetched_at == check.fetched_at
    assert (capture.body, capture.url) == (b"page", "https://example.org/a")
    assert capture.headers == {"Content-Type": "text/html", "X-Odd": "é"}
    assert waiting(desk, "/a").etag == '"1"'


def test_the_same_bytes_cost_a_row_and_no_page(archive: Archive) -> None:
    desk = Desk(archive)
    for path in ("/a", "/a", "/b"):
        desk.check(path, body=b"page")
    digest = digest_of(b"page")
    assert observed(desk) == [
        (Outcome.FETCHED, digest),
        (Outcome.UNCHANGED, digest),
        (Outcome.FETCHED, digest),
    ]
    assert (count(archive, Payload), count(archive, Fetch)) == (1, 3)


def test_a_feed_is_no_capture(archive: Archive) -> None:
    desk = Desk(archive)
    found = (
        Found("https://example.org/a", AddressKind.PAGE),
        Found("https://example.org/news/", AddressKind.SECTION),
    )
    _, checked = desk.check("/feed", body=b"<rss/>", kind=AddressKind.FEED, found=found)
    assert (checked.extract, checked.new_addresses, checked.new_pages) == (False, 2, 1)
    assert count(archive, Payload) == 0
    _, checked = desk.check("/feed", body=b"<rss/>", kind=AddressKind.FEED, found=found)
    assert (checked.outcome, checked.new_addresses) == (Outcome.UNCHANGED, 0)


@pytest.mark.parametrize(
    "outcome", [o for o in Outcome if o not in (Outcome.FETCHED, Outcome.UNCHANGED)]
)
def test_a_check_recorded_twice_changes_nothing(archive: Archive, outcome: Outcome) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    check, first = desk.check("/a", outcome)
    before = waiting(desk, "/a"), observed(desk), desk.article("/a").state
    again = desk.record(check)
    assert (again.outcome, again.digest, again.extract) == (first.outcome, first.digest, False)
    after = waiting(desk, "/a"), observed(desk), desk.article("/a").state
    assert (after[0].due_at, after[0].attempts) == (before[0].due_at, before[0].attempts)
    assert after[1:] == before[1:]


def test_a_page_recorded_twice_is_still_to_be_read_until_it_was(archive: Archive) -> None:
    desk = Desk(archive)
    check, first = desk.check("/a", body=desk.body("Title", "One two three"))
    assert desk.record(check) == first
    desk.record_page(desk.captured(check))
    again = desk.record(check)
    assert (again.outcome, again.digest, again.extract) == (first.outcome, first.digest, False)


def test_an_id_that_another_run_gave_out_is_not_taken_for_a_retry(archive: Archive) -> None:
    desk = Desk(archive)
    check, _ = desk.check("/a", body=b"page")
    with pytest.raises(IntegrityError):
        desk.record(replace(check, run_id=check.run_id + 1024))
    assert len(observed(desk)) == 1


def test_checks_of_one_batch_follow_each_other(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    body = desk.body("Title", "One two three")
    checks = [
        desk.prepare("/a", Outcome.GONE),
        desk.prepare("/a", body=body),
        desk.prepare("/a", body=b"another"),
        desk.prepare("/a", body=body),
    ]
    with archive.writing() as session:
        results = record_checks(session, checks)
    assert [result.outcome for result in results] == [
        Outcome.GONE,
        Outcome.FETCHED,
        Outcome.FETCHED,
        Outcome.FETCHED,
    ]
    assert count(archive, Payload) == 2
    desk.record_page(desk.captured(checks[-1]))
    assert desk.article("/a").state is ArticleState.LIVE
    assert [record.version for record in desk.history("/a")] == [1]


def test_an_article_is_live_while_one_of_its_addresses_shows_it(archive: Archive) -> None:
    desk = Desk(archive)
    canonical = "https://example.org/a"
    desk.read("/a", "Title", "One two three")
    desk.read("/a?page=amp", "Title", "One two three", canonical_url=canonical)
    desk.check("/a?page=amp", Outcome.NOT_FOUND)
    assert desk.article("/a").state is ArticleState.LIVE
    gone, _ = desk.check("/a", Outcome.GONE)
    article = desk.article("/a")
    assert article.state is ArticleState.GONE
    assert article.state_fetch_id == gone.fetch_id


def test_what_returns_with_the_same_bytes_is_live_again(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    desk.check("/a", Outcome.NOT_FOUND)
    desk.read("/a", "Title", "One two three")
    assert desk.article("/a").state is ArticleState.LIVE
    (version,) = desk.history("/a")
    assert version.last_seen_at == desk.now


@pytest.mark.parametrize("outcome", [Outcome.CHALLENGE, Outcome.NOT_FOUND, Outcome.PAYWALL])
def test_a_page_that_is_no_article_twice_shows_no_version(
    archive: Archive, outcome: Outcome
) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    seen = desk.now
    for _ in range(2):
        desk.judge("/a", outcome)
    (version,) = desk.history("/a")
    assert version.last_seen_at == seen
    removed = outcome is Outcome.NOT_FOUND
    assert desk.article("/a").state is (ArticleState.NOT_FOUND if removed else ArticleState.WALLED)
    assert [found for found, _ in observed(desk)] == [Outcome.FETCHED, outcome, outcome]


@pytest.mark.parametrize("outcome", [Outcome.NOT_FOUND, Outcome.GONE, Outcome.PAYWALL])
def test_what_is_away_after_a_wall_is_still_to_be_judged(
    archive: Archive, outcome: Outcome
) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    desk.judge("/a", Outcome.PAYWALL)
    check = desk.prepare("/a", outcome)
    with archive.writing() as session:
        (checked,) = record_checks(session, [check])
        (again,) = record_checks(session, [check])
    assert checked.removal is again.removal is (outcome is not Outcome.PAYWALL)
    assert desk.article("/a").state is ArticleState.WALLED


def test_failures_put_the_next_look_off_and_a_success_forgets_them(archive: Archive) -> None:
    desk = Desk(archive)
    for attempts in (1, 2, 3):
        desk.check("/a", Outcome.FAILED)
        row = waiting(desk, "/a")
        assert (row.attempts, row.checked_at) == (attempts, desk.now)
        assert row.due_at > desk.now
    desk.check("/a", body=b"page")
    assert waiting(desk, "/a").attempts == 0


def test_a_server_that_names_a_time_is_left_alone_until_then(archive: Archive) -> None:
    desk = Desk(archive)
    until = START + timedelta(hours=5)
    check = replace(desk.prepare("/a", Outcome.BLOCKED), retry_at=until)
    desk.record(check)
    earlier = replace(desk.prepare("/b", Outcome.BLOCKED), retry_at=until - MINUTE)
    desk.record(earlier)
    assert waiting(desk, "/a").due_at == until
    with archive.reading() as session:
        assert session.get_one(Source, desk.source.id).paused_until == until


@pytest.mark.parametrize("wait", [timedelta(0), timedelta(seconds=1), -HOUR])
def test_no_server_is_asked_again_sooner_than_after_the_backoff(
    archive: Archive, wait: timedelta
) -> None:
    desk = Desk(archive)
    for _ in range(3):
        check = desk.prepare("/a", Outcome.FAILED)
        desk.record(replace(check, retry_at=check.fetched_at + wait))
    assert waiting(desk, "/a").due_at == desk.now + HOUR


def test_what_is_left_of_a_check_that_can_not_be_recorded(archive: Archive) -> None:
    desk = Desk(archive)
    check = replace(desk.prepare("/a", body=b"page"), status=10**20)
    with pytest.raises((DataError, OverflowError)):
        desk.record(check)
    desk.record(check.reduced("refused: too large"))
    with archive.reading() as session:
        seen = session.get_one(Fetch, check.fetch_id)
        assert seen.error == "refused: too large"
        found = session.get_one(Finding, (check.fetch_id, 1))
        assert found.outcome is Outcome.UNREADABLE
        assert seen.digest is not None
        assert session.get_one(Payload, seen.digest).size == len(b"page")
    assert waiting(desk, "/a").due_at > desk.now


def test_a_redirect_makes_its_target_known_and_due(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/old", "Title", "One two three")
    target = "https://example.org/new"
    check, checked = desk.check("/old", Outcome.MOVED, redirect=target)
    assert checked.new_addresses == 1
    assert waiting(desk, "/new").hops == 1
    with archive.reading() as session:
        link = session.scalars(select(AddressLink)).one()
    assert (link.from_id, link.to_id) == (check.address_id, desk.address("/new"))
    assert (link.kind, link.fetch_id) == (LinkKind.REDIRECT, check.fetch_id)
    assert desk.article("/old").state is ArticleState.MOVED


def test_redirects_end(archive: Archive) -> None:
    desk = Desk(archive)
    check = replace(
        desk.prepare("/a", Outcome.MOVED, redirect="https://example.org/b"), hops=MAX_REDIRECTS
    )
    assert desk.record(check).new_addresses == 0
    with archive.reading() as session:
        known = session.scalars(select(Address.key)).all()
    assert known == [address_key("https://example.org/a")]


def test_a_redirect_to_another_site_leads_nowhere(archive: Archive) -> None:
    desk = Desk(archive)
    _, checked = desk.check("/a", Outcome.MOVED, redirect="https://elsewhere.example/")
    assert checked.new_addresses == 0
    assert count(archive, AddressLink) == 0


def test_a_redirect_to_https_stays_at_its_address(archive: Archive) -> None:
    desk = Desk(archive, site="http://example.org/")
    desk.read("/a", "Title", "One two three")
    _, checked = desk.check("/a", Outcome.MOVED, redirect="https://example.org/a")
    assert checked.new_addresses == 0
    row = waiting(desk, "/a")
    assert (row.due_at, row.hops) == (desk.now, 1)
    with archive.reading() as session:
        assert session.get_one(Address, row.address_id).url == "https://example.org/a"
    assert desk.article("/a").state is ArticleState.LIVE


def test_a_page_that_redirects_to_itself_is_not_asked_again_at_once(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/a", Outcome.MOVED, redirect="https://example.org/a")
    assert waiting(desk, "/a").due_at > desk.now


def test_a_flip_between_http_and_https_ends(archive: Archive) -> None:
    desk = Desk(archive)
    for hops in range(MAX_REDIRECTS + 2):
        scheme = "http" if hops % 2 == 0 else "https"
        check = desk.prepare("/a", Outcome.MOVED, redirect=f"{scheme}://example.org/a")
        desk.record(replace(check, hops=min(hops, waiting(desk, "/a").hops)))
    row = waiting(desk, "/a")
    assert row.hops == MAX_REDIRECTS
    assert row.due_at > desk.now


def test_what_is_not_found_is_asked_for_as_it_was_listed(archive: Archive) -> None:
    desk = Desk(archive)
    listed = "https://example.org/a?utm_source=rss"
    with archive.writing() as session:
        item = Found("https://example.org/a", AddressKind.PAGE, hints={"listed_url": listed})
        enqueue(session, [item], now=desk.now)
    for _ in range(2):
        check, _ = desk.check("/a", Outcome.NOT_FOUND)
        with archive.reading() as session:
            assert session.get_one(Address, check.address_id).url == listed
    # The second time it was the listed spelling that was not found: that is an answer.
    assert waiting(desk, "/a").due_at > desk.now + MINUTE


@pytest.mark.parametrize(("hours", "announced"), [(-1, False), (1, True), (8, True), (720, False)])
def test_what_was_modified_since_the_last_look_is_announced(
    archive: Archive, hours: int, announced: bool
) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "Text")
    modified = (desk.now + timedelta(hours=hours)).isoformat()
    with archive.writing() as session:
        item = Found("https://example.org/a", AddressKind.PAGE, hints={"modified_at": modified})
        enqueue(session, [item], now=desk.now)
    _, checked = desk.check("/a", minutes=120)
    assert checked.announced is announced


def test_an_article_that_is_gone_is_not_asked_for_in_other_spellings(archive: Archive) -> None:
    desk = Desk(archive)
    with archive.writing() as session:
        hints = {"listed_url": "https://example.org/a?utm_source=rss"}
        enqueue(session, [Found("https://example.org/a", AddressKind.PAGE, hints=hints)], now=START)
    desk.read("/a", "Title", "Text")
    check, _ = desk.check("/a", Outcome.NOT_FOUND)
    with archive.reading() as session:
        assert session.get_one(Address, check.address_id).url == "https://example.org/a"
    assert waiting(desk, "/a").due_at > desk.now + MINUTE


@pytest.mark.parametrize(
    ("outcome", "guessed", "counted"),
    [
        (Outcome.NOT_FOUND, False, {}),
        (Outcome.GONE, True, {}),
        (Outcome.UNREADABLE, True, {}),
        (Outcome.UNREADABLE, False, {"listing-failed": 1}),
        (Outcome.FAILED, True, {"listing-failed": 1}),
        (Outcome.BLOCKED, True, {"listing-failed": 1}),
    ],
)
def test_a_feed_that_was_never_there_is_no_failure(
    archive: Archive, outcome: Outcome, guessed: bool, counted: dict[str, int]
) -> None:
    desk = Desk(archive)
    check = desk.prepare("/feed/", outcome, kind=AddressKind.FEED)
    desk.record(replace(check, guessed=guessed))
    assert measures(desk) == counted


def test_a_feed_that_was_there_and_is_gone_is_a_failure(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/feed/", body=b"a feed", kind=AddressKind.FEED)
    desk.check("/feed/", Outcome.NOT_FOUND, kind=AddressKind.FEED)
    assert measures(desk) == {"listing-fetched": 1, "listing-failed": 1}


def test_a_robots_txt_that_is_missing_is_no_failure(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/robots.txt", Outcome.NOT_FOUND, kind=AddressKind.ROBOTS)
    assert measures(desk) == {}


def measures(desk: Desk) -> dict[str, int]:
    with desk.archive.reading() as session:
        rows = session.execute(select(SourceDay.measure, SourceDay.count)).all()
    return {measure: count for measure, count in rows if count}
