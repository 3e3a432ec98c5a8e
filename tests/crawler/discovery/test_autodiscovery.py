import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.autodiscovery import read_announced, well_known
from crawler.discovery.candidates import Candidate, CandidateKind
from crawler.discovery.errors import NotAPage

URL = "https://example.org/news/"


def announced(html: str = "", header: str = "") -> list[Candidate]:
    body = f"<html><head><title>t</title></head><body>{html}</body></html>"
    return read_announced(body.encode(), url=URL, link_header=header)


def urls(html: str = "", header: str = "") -> list[str]:
    return [each.url for each in announced(html, header)]


def test_a_head_announces_feeds_and_sitemaps() -> None:
    head = """
      <base href="/base/">
      <link rel="alternate" type="application/rss+xml" title="All &amp; more" href="rss">
      <link rel="ALTERNATE home" type="application/atom+xml; charset=utf-8" href="/atom">
      <link rel="alternate" type="application/feed+json" href="https://feeds.example/f">
      <link rel="feed" href="/plain">
      <link rel="sitemap" type="application/xml" href="/map.xml">
      <link rel="alternate" hreflang="fr" href="/fr/">
      <link rel="alternate" type="text/html" href="/amp">
      <link rel="stylesheet" type="application/rss+xml" href="/style">
      <link rel="alternate" type="application/rss+xml" href="/storm/comments/feed/">
      <link rel="alternate" type="application/rss+xml">
    """
    body = f"<html><head>{head}</head><body></body></html>".encode()
    assert read_announced(body, url=URL) == [
        Candidate("https://example.org/base/rss", CandidateKind.FEED, title="All & more"),
        Candidate("https://example.org/atom", CandidateKind.FEED),
        Candidate("https://feeds.example/f", CandidateKind.FEED),
        Candidate("https://example.org/plain", CandidateKind.FEED),
        Candidate("https://example.org/map.xml", CandidateKind.SITEMAP),
    ]


@pytest.mark.parametrize(
    "href",
    [
        *("/rss", "/feed/", "/sport/feeds", "/rss.xml", "/a.rss", "/news-feed.json"),
        *("/rss/sport.xml", "/feed/sport", "/sport.rdf#a", "feed.php?id=3"),
    ],
)
def test_links_to_feeds(href: str) -> None:
    assert len(urls(f'<a href="{href}">Subscribe</a>')) == 1


@pytest.mark.parametrize(
    "href", ["/feedback", "/rssinfo", "/a/rss-explained-to-all", "/?feed", "", "javascript:rss"]
)
def test_other_links(href: str) -> None:
    assert urls(f'<a href="{href}">Subscribe</a>') == []


def test_link_headers() -> None:
    header = (
        '<https://example.org/wp-json/>; rel="https://api.w.org/", '
        '</feed,1>; rel=alternate; type="application/rss+xml"; title="News; all, of it", '
        "<atom>;type=application/atom+xml ; rel=alternate, </s.xml>; rel=sitemap"
    )
    assert announced(header=header) == [
        Candidate("https://example.org/feed,1", CandidateKind.FEED, title="News; all, of it"),
        Candidate("https://example.org/news/atom", CandidateKind.FEED),
        Candidate("https://example.org/s.xml", CandidateKind.SITEMAP),
    ]


def test_well_known_places_are_at_the_root() -> None:
    found = well_known("https://example.org/news/today?page=2")
    assert found[0] == Candidate("https://example.org/sitemap.xml", CandidateKind.SITEMAP)
    assert Candidate("https://example.org/feed/", CandidateKind.FEED) in found


@pytest.mark.parametrize(
    "header", ["<" * 10**6, "<a>;" * 10**5, '<a>; rel="' * 10**5, "<a>" + "; a=b" * 10**5]
)
def test_hostile_headers_end_soon(header: str) -> None:
    started = time.process_time()
    announced(header=header)
    assert time.process_time() - started < 1


def test_no_page_announces_nothing() -> None:
    with pytest.raises(NotAPage):
        read_announced(b"", url=URL)


@given(header=st.text('<>;="a, rel/\\\n', max_size=60), html=st.text('<>a href="/rs', max_size=60))
def test_any_text_is_read(header: str, html: str) -> None:
    assert all(each.url.startswith("http") for each in announced(html, header))
