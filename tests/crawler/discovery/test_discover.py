import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.candidates import CandidateKind
from crawler.discovery.discover import ResponseKind, read
from crawler.discovery.errors import NotAPage

URL = "https://example.org/x"
RSS = b"<rss><channel><item><link>/a</link></item></channel></rss>"
SITEMAP = b"<urlset><url><loc>/2026/03/02/storm</loc></url></urlset>"
PAGE = (
    b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head>'
    b'<body><a href="/2026/03/02/storm">Storm closes the old bridge</a></body></html>'
)


@pytest.mark.parametrize("content_type", [None, "text/html", "application/octet-stream"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (RSS, ResponseKind.FEED),
        (b'{"items": [{"url": "/a"}]}', ResponseKind.FEED),
        (SITEMAP, ResponseKind.SITEMAP),
        (gzip.compress(SITEMAP, mtime=0), ResponseKind.SITEMAP),
        (b"https://example.org/a\n", ResponseKind.SITEMAP),
        (PAGE, ResponseKind.PAGE),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html>\n' + PAGE, ResponseKind.PAGE),
    ],
)
def test_a_response_is_what_its_content_is(
    body: bytes, kind: ResponseKind, content_type: str | None
) -> None:
    assert read(body, url=URL, content_type=content_type).kind is kind


def test_a_page_gives_what_it_announces_and_what_it_links_to() -> None:
    found = read(PAGE, url=URL, link_header='</atom>; rel="alternate"; type=application/atom+xml')
    assert [(each.kind, each.url) for each in found.candidates] == [
        (CandidateKind.FEED, "https://example.org/atom"),
        (CandidateKind.FEED, "https://example.org/rss"),
        (CandidateKind.ARTICLE, "https://example.org/2026/03/02/storm"),
    ]


def test_robots_txt_is_known_by_its_address() -> None:
    found = read(b"Sitemap: /s.xml", url="https://example.org/robots.txt")
    assert found.kind is ResponseKind.ROBOTS
    assert [each.url for each in found.candidates] == ["https://example.org/s.xml"]


@pytest.mark.parametrize("body", [b"", b"nothing here", b"\x89PNG\r\n\x1a\n\x00", b'{"a": 1}'])
def test_what_leads_nowhere(body: bytes) -> None:
    with pytest.raises(NotAPage):
        read(body, url=URL)


@given(body=st.binary(max_size=300), content_type=st.none() | st.text(max_size=20))
@settings(deadline=None)
def test_any_response_is_read_or_refused(body: bytes, content_type: str | None) -> None:
    try:
        found = read(body, url=URL, content_type=content_type)
    except NotAPage:
        return
    assert found == read(body, url=URL, content_type=content_type)
