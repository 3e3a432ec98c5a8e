from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.answers.observing import (
    LONGEST_BODY,
    LONGEST_VALIDATOR,
    MOST_HEADERS,
    MOST_SECTIONS,
    Moment,
    is_own,
    observe_failure,
    observe_response,
)
from crawler.answers.outcomes import Failure
from crawler.middlewares.wire_headers import HEADERS as WIRE_HEADERS
from storage.frontier.checks import Check
from storage.frontier.due import Due
from storage.models import AddressKind, Outcome, Source

SITE = "https://www.example.org"
SOURCE = Source(id=1, name="example.org", url=f"{SITE}/")
MOMENT = Moment(99, 7, datetime(2026, 11, 24, 12, tzinfo=UTC))
HTML = {"Content-Type": "text/html; charset=utf-8"}
RSS = b"""<rss version="2.0"><channel><title>News</title>
<item><link>https://www.example.org/2026/11/24/one.html</link><title>One</title><guid>1</guid>
<pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate></item>
<item><link>https://elsewhere.example/2026/11/24/two.html</link><title>Two</title></item>
<item><link>https://sport.example.org/</link><title>A section's front</title></item>
</channel></rss>"""


def due(
    kind: AddressKind = AddressKind.PAGE, path: str = "/2026/11/24/a.html", etag: str | None = None
) -> Due:
    return Due(1, 1, f"{SITE}{path}", kind, 0, etag, None)


def observe(
    address: Due,
    body: bytes = b"",
    *,
    status: int = 200,
    headers: Mapping[str, object] | None = None,
) -> Check:
    request = Request(address.url, meta={"download_latency": 0.1234})
    given = HTML if headers is None else headers
    response = Response(address.url, status=status, body=body, headers=given, request=request)
    return observe_response(address, MOMENT, SOURCE, response)


def test_a_page_is_kept_whole() -> None:
    check = observe(due(), b"<p>x", headers=HTML | {"ETag": '"1"', "Last-Modified": "yesterday"})
    assert (check.outcome, check.status, check.body) == (Outcome.FETCHED, 200, b"<p>x")
    assert (check.etag, check.last_modified, check.milliseconds) == ('"1"', "yesterday", 123)
    assert ("Content-Type", HTML["Content-Type"]) in check.headers
    assert (check.fetch_id, check.run_id) == (99, 7)
    assert check.fetched_at == MOMENT.fetched_at


@pytest.mark.parametrize("media_type", ["image/png", "application/pdf", "application/json"])
def test_what_is_no_page_is_not_kept(media_type: str) -> None:
    check = observe(due(), b"\x89PNG", headers={"Content-Type": media_type})
    assert (check.outcome, check.keep, check.detail) == (Outcome.NOT_ARTICLE, False, media_type)


def test_a_page_without_a_type_is_taken_for_one() -> None:
    assert observe(due(), b"<p>x", headers={}).outcome is Outcome.FETCHED


def test_an_answer_is_unchanged_only_to_who_asked() -> None:
    assert observe(due(etag='"1"'), status=304).outcome is Outcome.UNCHANGED
    unasked = observe(due(), status=304)
    assert (unasked.outcome, unasked.detail) == (Outcome.FAILED, "HTTP 304")


@pytest.mark.parametrize("status", [403, 418, 451, 500])
def test_the_status_is_the_reason(status: int) -> None:
    check = observe(due(), b"<h1>No", status=status)
    assert (check.detail, check.body, check.keep) == (f"HTTP {status}", b"<h1>No", True)


@pytest.mark.parametrize("status", [302, 404, 410])
@pytest.mark.parametrize("size", [LONGEST_BODY, LONGEST_BODY + 1])
def test_the_body_of_what_is_no_page_is_kept_up_to_a_bound(status: int, size: int) -> None:
    check = observe(due(), b"x" * size, status=status, headers={"Location": "/b"})
    assert check.body == b"x" * LONGEST_BODY
    assert (check.keep, check.cut) == (True, size > LONGEST_BODY)


@pytest.mark.parametrize(
    ("kind", "status", "kept"), [(AddressKind.FEED, 200, False), (AddressKind.FEED, 404, True)]
)
def test_a_listing_that_is_there_is_not_kept(kind: AddressKind, status: int, kept: bool) -> None:
    assert observe(due(kind), RSS, status=status).keep is kept


def test_headers_are_kept_as_they_came_and_secrets_are_not() -> None:
    request = Request(SITE, headers={"User-Agent": "Permalien", "Cookie": "id=1"})
    request.meta[WIRE_HEADERS] = [(b"Content-Encoding", b"gzip"), (b"Set-Cookie", b"id=1")]
    answer = Response(SITE, headers=HTML, request=request, ip_address=IPv4Address("192.0.2.1"))
    check = observe_response(due(), MOMENT, SOURCE, answer)
    assert check.headers == (("Content-Encoding", "gzip"), ("Set-Cookie", None))
    assert check.request_headers == (("User-Agent", "Permalien"), ("Cookie", None))
    assert check.peer == "192.0.2.1"


@pytest.mark.parametrize("status", [0, 99, 1000, 99_999_999_999, 10**20])
def test_a_status_that_is_none_is_a_failure_with_its_body(status: int) -> None:
    check = observe(due(), b"<h1>No", status=status)
    assert (check.outcome, check.status, check.body) == (Outcome.FAILED, None, b"<h1>No")
    assert check.detail == f"no HTTP status: {status}"


def test_more_than_can_be_asked_for_is_told() -> None:
    check = observe(due(), status=503, headers={"Retry-After": "99999999"})
    assert check.retry_at == MOMENT.fetched_at + timedelta(days=7)
    assert check.detail == "HTTP 503: left alone for 7 days, as long as can be asked"


def test_retry_after() -> None:
    check = observe(due(), status=429, headers={"Retry-After": "7"})
    assert check.retry_at == MOMENT.fetched_at + timedelta(seconds=7)


@pytest.mark.parametrize(
    ("location", "target", "detail"),
    [
        (b"/b.html", f"{SITE}/b.html", f"{SITE}/b.html"),
        (b"http://example.org/b.html#top", "http://example.org/b.html", "http://example.org/b"),
        (b"//sport.example.org/b", "https://sport.example.org/b", "https://sport.example.org/b"),
        ("/caf\u00e9".encode(), f"{SITE}/caf%C3%A9", "caf%C3%A9"),
        ("/caf\u00e9".encode("latin-1"), f"{SITE}/caf%C3%A9", "caf%C3%A9"),
        (b"https://example.com/b.html", None, "to another site: https://example.com/b.html"),
        (b"https://notexample.org/", None, "to another site: https://notexample.org/"),
        (b"https://www.example.org:8443/", None, "to another site"),
        (b"javascript:alert(1)", None, "to no usable address: 'javascript:"),
        (b"http://[", None, "to no usable address"),
    ],
)
def test_redirects(location: bytes, target: str | None, detail: str) -> None:
    check = observe(due(), status=301, headers={"Location": location})
    assert check.outcome is Outcome.MOVED
    assert check.redirect == target
    assert detail in (check.detail or "")


@pytest.mark.parametrize("headers", [{}, {"Location": b""}])
def test_a_redirect_to_nowhere(headers: dict[str, object]) -> None:
    check = observe(due(), status=302, headers=headers)
    assert (check.outcome, check.detail) == (Outcome.FAILED, "HTTP 302 to nowhere")


def test_a_feed_lists_pages_of_the_source_alone() -> None:
    check = observe(due(AddressKind.FEED, "/feed/"), RSS, headers={"Content-Type": "text/xml"})
    assert (check.outcome, check.detail) == (Outcome.FETCHED, "lists 2 addresses")
    assert [(item.url, item.kind) for item in check.found] == [
        (f"{SITE}/2026/11/24/one.html", AddressKind.PAGE),
        ("https://sport.example.org/", AddressKind.PAGE),
    ]
    assert check.found[0].hints == {
        "title": "One",
        "published_at": "2026-11-24T10:00:00+00:00",
        "published_in": "feed",
        "guid": "1",
    }
    assert check.found[0].published_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "body", "detail"),
    [
        (AddressKind.FEED, b"<!DOCTYPE html><html><p>Sorry", ""),
        (AddressKind.SITEMAP, b"", ""),
        (AddressKind.FRONT, RSS, "is a feed, not a front"),
    ],
)
def test_a_listing_that_is_none(kind: AddressKind, body: bytes, detail: str) -> None:
    check = observe(due(kind, "/x"), body, headers={})
    assert check.outcome is Outcome.UNREADABLE
    assert detail in (check.detail or "")
    assert check.found == ()


def test_a_front_page_leads_to_articles_and_some_sections() -> None:
    articles = "".join(
        f'<a href="/2026/11/24/{n}-a-long-way-home.html">A story that is long enough, part {n}</a>'
        for n in range(3)
    )
    sections = "".join(f'<li><a href="/section-{n}/">Section {n}</a>' for n in range(80))
    body = f"<html><body><nav><ul>{sections}</ul></nav><main>{articles}</main></body></html>"
    check = observe(due(AddressKind.FRONT, "/"), body.encode())
    kinds = [item.kind for item in check.found]
    assert kinds.count(AddressKind.PAGE) == 3
    assert 0 < kinds.count(AddressKind.SECTION) <= MOST_SECTIONS
    assert AddressKind.FEED in kinds, "none is named, so the usual places are tried"

    check = observe(due(AddressKind.SECTION, "/section-1/"), body.encode())
    assert {item.kind for item in check.found} == {AddressKind.PAGE}


@pytest.mark.parametrize("kind", [AddressKind.FRONT, AddressKind.SECTION])
def test_a_front_page_of_another_site_is_told(kind: AddressKind) -> None:
    links = "".join(f'<li><a href="https://other.example/{n}">Story {n}</a>' for n in range(9))
    head = '<meta property="og:url" content="https://other.example/">'
    page = f"<html><head>{head}</head><body><ul>{links}</ul></body></html>"
    check = observe(due(kind, "/"), page.encode())
    assert (check.outcome, check.found) == (Outcome.UNREADABLE, ())
    assert check.detail == "another site's: other.example"
    own = page.replace("<ul>", '<ul><li><a href="/2026/11/24/a-long-story.html">A long story</a>')
    assert observe(due(kind, "/"), own.encode()).outcome is Outcome.FETCHED


def test_robots_txt_names_sitemaps_or_the_usual_places_are_tried() -> None:
    named = observe(
        due(AddressKind.ROBOTS, "/robots.txt"),
        b"User-agent: *\nSitemap: https://www.example.org/all.xml\n",
        headers={"Content-Type": "text/plain"},
    )
    assert [item.url for item in named.found] == [f"{SITE}/all.xml"]
    missing = observe(due(AddressKind.ROBOTS, "/robots.txt"), b"", status=404)
    assert missing.outcome is Outcome.NOT_FOUND
    assert f"{SITE}/sitemap.xml" in [item.url for item in missing.found]


def test_headers_are_bounded() -> None:
    many = {f"X-{n}": "y" * 20_000 for n in range(2 * MOST_HEADERS)}
    check = observe(due(), b"<p>", headers=many | {"ETag": "e" * (LONGEST_VALIDATOR + 1)})
    assert len(check.headers) == MOST_HEADERS
    assert max(len(value or "") for _, value in check.headers) < 10_000
    assert check.etag is None


def test_a_failure_is_a_check_too() -> None:
    why = Failure(Outcome.FAILED, "timed out", soon=True, host=True)
    check = observe_failure(due(), MOMENT, why)
    assert (check.outcome, check.detail, check.retry_soon) == (Outcome.FAILED, "timed out", True)
    assert (check.status, check.body) == (None, None)


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://example.org/", True),
        ("http://a.b.example.org/", True),
        ("https://example.org:8443/", False),
        ("https://anexample.org/", False),
        ("https://example.org.evil.example/", False),
    ],
)
def test_own_hosts(url: str, own: bool) -> None:
    assert is_own(url, SOURCE) is own


@pytest.mark.parametrize(("path", "guessed"), [("/feed/", True), ("/feeds/news.xml", False)])
def test_a_feed_that_is_looked_for_where_many_are_is_guessed(path: str, guessed: bool) -> None:
    assert observe(due(AddressKind.FEED, path), status=404).guessed is guessed
