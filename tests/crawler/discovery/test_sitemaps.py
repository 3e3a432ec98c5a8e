import gzip
import re
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.candidates import MAX_CANDIDATES, Candidate, CandidateKind
from crawler.discovery.errors import NotASitemap
from crawler.discovery.sitemaps import MAX_BYTES, read_sitemap
from tests.support.properties import examples

URL = "https://example.org/sitemap.xml"
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url>
  <image:image><image:loc>https://example.org/bridge.jpg</image:loc></image:image>
  <loc> https://example.org/storm?id=7&amp;utm_medium=x </loc>
  <lastmod>2026-03-02T11:00:00Z</lastmod>
  <news:news>
    <news:publication><news:name>Harbour Gazette</news:name></news:publication>
    <news:publication_date>2026-03-02</news:publication_date>
    <news:title>Storm closes bridge &amp; road</news:title>
  </news:news>
</url>
</urlset>"""
STORM = Candidate(
    "https://example.org/storm?id=7",
    CandidateKind.ARTICLE,
    title="Storm closes bridge & road",
    published_at=datetime(2026, 3, 2, tzinfo=UTC),
    modified_at=datetime(2026, 3, 2, 11, tzinfo=UTC),
    listed_url="https://example.org/storm?id=7&utm_medium=x",
)


def urlset(*locations: str) -> bytes:
    entries = "".join(f"<url><loc>{location}</loc></url>" for location in locations)
    return f"<urlset>{entries}</urlset>".encode()


@pytest.mark.parametrize(
    "body",
    [
        NEWS,
        gzip.compress(NEWS, mtime=0),
        gzip.compress(NEWS[:300], mtime=0) + gzip.compress(NEWS[300:], mtime=0),
        re.sub(
            rb"<(/?)(urlset|url|loc|lastmod)\b", rb"<\1s:\2", NEWS.replace(b"xmlns=", b"xmlns:s=")
        ),
        NEWS.replace(b"?xml", b"?xml-stylesheet href='a.xsl'?><?xml"),
    ],
    ids=["plain", "gzip", "two gzip members", "prefixed", "stylesheet"],
)
def test_a_news_sitemap(body: bytes) -> None:
    assert read_sitemap(body, url=URL) == [STORM]


def test_an_index_lists_sitemaps() -> None:
    body = (
        b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        b"<sitemap><loc>/news.xml.gz</loc><lastmod>2026-03-02</lastmod></sitemap></sitemapindex>"
    )
    assert read_sitemap(body, url=URL) == [
        Candidate(
            "https://example.org/news.xml.gz",
            CandidateKind.SITEMAP,
            modified_at=datetime(2026, 3, 2, tzinfo=UTC),
        )
    ]


def test_pages_are_what_their_address_looks_like() -> None:
    found = read_sitemap(
        urlset("/", "/sport/", "/2026/03/02/storm-closes-bridge", "/bridge.jpg"), url=URL
    )
    assert [(each.url, each.kind) for each in found] == [
        ("https://example.org/", CandidateKind.SECTION),
        ("https://example.org/sport/", CandidateKind.SECTION),
        ("https://example.org/2026/03/02/storm-closes-bridge", CandidateKind.ARTICLE),
    ]


def test_a_text_sitemap() -> None:
    body = b"\xef\xbb\xbfhttps://example.org/a\r\nhttps://example.org/b\r\n"
    assert [each.url for each in read_sitemap(body, url=URL)] == [
        "https://example.org/a",
        "https://example.org/b",
    ]


def test_other_hosts_are_as_listed() -> None:
    (found,) = read_sitemap(urlset("https://other.example/a"), url=URL)
    assert found.url == "https://other.example/a"


def test_damaged_gzip_gives_what_comes_before_the_damage() -> None:
    whole = gzip.compress(urlset(*(f"/story-number-{n}-of-many" for n in range(3000))))
    found = read_sitemap(whole[: len(whole) // 2], url=URL)
    assert 500 < len(found) < 3000
    assert len(read_sitemap(whole + b"trailing garbage", url=URL)) == 3000


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "neither XML nor a list"),
        (b"Not found", "neither XML nor a list"),
        (b"<html><body>Not found</body></html>", "the document element is <html>"),
        (b"<rss/>", "the document element is <rss>"),
        (b"\x1f\x8b", "neither XML nor a list"),
        (b"\x1f\x8b" + b"x" * 100, "neither XML nor a list"),
        (gzip.compress(b"\x00" * 10_000, mtime=0), "neither XML nor a list"),
    ],
)
def test_what_is_no_sitemap(body: bytes, reason: str) -> None:
    with pytest.raises(NotASitemap, match=reason):
        read_sitemap(body, url=URL)


HOSTILE = {
    "one address": gzip.compress(b"<urlset>" + b"<url><loc>/a</loc></url>" * 3_000_000, 1),
    "spaces": gzip.compress(b"<urlset>" + b" " * (4 * MAX_BYTES), 1),
    "depth": b"<urlset>" + b"<url>" * 100_000,
    "children": b"<urlset><url>" + b"<a/>" * 400_000 + b"</url>",
    "laughs": b'<!DOCTYPE a [<!ENTITY a "' + b"a" * 10**5 + b'">]><urlset>' + b"&a;" * 10**6,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_sitemaps_end_soon(body: bytes) -> None:
    started = time.process_time()
    assert len(read_sitemap(body, url=URL)) <= 1
    assert time.process_time() - started < 4


def test_candidates_are_bounded() -> None:
    body = urlset(*(f"/{number}" for number in range(MAX_CANDIDATES + 10)))
    assert len(read_sitemap(body, url=URL)) == MAX_CANDIDATES


@given(
    body=st.binary(max_size=200)
    | st.tuples(st.integers(0, len(NEWS)), st.binary(max_size=9)).map(
        lambda cut: NEWS[: cut[0]] + cut[1] + NEWS[cut[0] + len(cut[1]) :]
    )
    | st.integers(0, 300).map(lambda end: gzip.compress(NEWS, mtime=0)[:end])
)
@settings(deadline=None, max_examples=examples(100))
def test_any_bytes_are_a_sitemap_or_not_one(body: bytes) -> None:
    try:
        found = read_sitemap(body, url=URL)
    except NotASitemap:
        return
    assert all(each.url.startswith(("http://", "https://")) for each in found)
