"""What a response is, and what it leads to."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from crawler.discovery.autodiscovery import announced_by
from crawler.discovery.candidates import Candidate
from crawler.discovery.errors import NotAFeed, NotASitemap
from crawler.discovery.feeds import read_feed
from crawler.discovery.links import links_of
from crawler.discovery.pages import read_page
from crawler.discovery.robots import read_robots
from crawler.discovery.sitemaps import read_sitemap


class ResponseKind(StrEnum):
    FEED = "feed"
    SITEMAP = "sitemap"
    ROBOTS = "robots"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Discovered:
    """A response's kind, by its content, and the candidates in it.

    A page's candidates are the feeds and sitemaps it announces, then its links.
    """

    kind: ResponseKind
    candidates: tuple[Candidate, ...]


def read(
    body: bytes, *, url: str, content_type: str | None = None, link_header: str = ""
) -> Discovered:
    """A response read as what it is, whatever its `Content-Type` claims.

    Only a robots.txt is known by its address (RFC 9309). Raises NotAPage for what is none of a
    feed, a sitemap, a list of URLs and a page.
    """
    if urlsplit(url).path == "/robots.txt":
        return Discovered(ResponseKind.ROBOTS, tuple(read_robots(body, url=url)))
    for kind, reader in ((ResponseKind.FEED, read_feed), (ResponseKind.SITEMAP, read_sitemap)):
        try:
            return Discovered(kind, tuple(reader(body, url=url, content_type=content_type)))
        except (NotAFeed, NotASitemap):
            continue
    document = read_page(body, url=url, content_type=content_type)
    announced = announced_by(document, url=url, link_header=link_header)
    return Discovered(ResponseKind.PAGE, (*announced, *links_of(document, url=url)))
