"""What a URL is, told by what it answers."""

import pytest

from crawler.probing.fetch import Host
from crawler.probing.looking import Kind, look_at, what_is
from scripts.demo.loopback import Response
from tests.scripts.test_extract import ARTICLE, LISTING
from tests.support.newsroom import FEED, SITEMAP, Newsroom

SITE = "https://example.org"
HTML = {"Content-Type": "text/html"}
FEED_OF = '<rss version="2.0"><channel><item><link>{}</link></item></channel></rss>'
SITEMAP_OF = "<urlset><url><loc>{}</loc></url></urlset>"


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/2026/11/the-bridge", ARTICLE, Kind.ARTICLE),
        ("/", ARTICLE, Kind.FRONT),
        ("/", LISTING, Kind.FRONT),
        ("/news/", LISTING, Kind.SECTION),
        ("/any", FEED_OF.format(f"{SITE}/a"), Kind.FEED),
        ("/", FEED_OF.format("https://www.example.org/a"), Kind.FEED),
        ("/feed", '{"version": "https://jsonfeed.org/version/1.1", "items": []}', Kind.FEED),
        ("/any", SITEMAP_OF.format(f"{SITE}/a"), Kind.SITEMAP),
        ("/list.txt", f"{SITE}/a\n{SITE}/b\n", Kind.SITEMAP),
        ("/robots.txt", "User-agent: *", Kind.FRONT),
    ],
)
def test_what_it_is(path: str, body: str, kind: Kind) -> None:
    look = what_is("given", f"{SITE}{path}", body.encode(), HTML)
    assert (look.kind, look.given) == (kind, "given")
    if kind is Kind.FRONT:
        assert look.url == f"{SITE}/"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("%PDF-1.7\0\1", "no page, feed or sitemap"),
        (FEED_OF.format("https://elsewhere.example/a"), "elsewhere.example"),
        (SITEMAP_OF.format("https://elsewhere.example/a"), "a sitemap of other sites' pages alone"),
        (
            "<html><head><title>Page not found</title></head><body><h1>404</h1>"
            "<p>Page not found</p></body></html>",
            "a page that says there is none",
        ),
    ],
)
def test_what_it_is_not(body: str, says: str) -> None:
    look = what_is("given", f"{SITE}/any", body.encode(), HTML)
    assert look.kind is None
    assert says in (look.detail or "")


def test_it_is_looked_at_in_a_process_of_its_own() -> None:
    with Newsroom() as newsroom:
        (path,) = newsroom.publish_generated(1)
        newsroom.redirect("/old", to=path)
        newsroom.serve("/gone", Response(410))
        urls = [f"{newsroom.url}{it}" for it in ("/old", FEED, SITEMAP, "/gone", "/")]
        netloc = newsroom.url.partition("//")[2].rstrip("/")
        looks = look_at(urls, {netloc: Host(delay=0, private=True)})
        assert [look.kind for look in looks] == [
            Kind.ARTICLE,
            Kind.FEED,
            Kind.SITEMAP,
            None,
            Kind.FRONT,
        ]
        assert looks[0].url == f"{newsroom.url}{path}"
        assert looks[3].detail == "HTTP 410"
        (refused,) = look_at([f"{newsroom.url}/"], {})
    assert "private address" in (refused.detail or "")
