"""Whether a page that a site answered with is another site's.

A domain that was parked or sold, a captive portal, a server that does not know the host's name: all
answer 200 with a page of their own. A page that says it belongs elsewhere is no proof of that:
papers take over each other's articles and say where they are from. But such a page has its own
site's links around it. So a page is another site's where its every word about itself names one
other registered domain, its links go there, and none comes back.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extraction import ExtractionError
from crawler.extraction.page import decode
from storage.frontier.addresses import InvalidURL, normalize
from storage.frontier.domains import registered_domain

FEWEST_LINKS = 5
"""To the other domain; fewer may be a page's word on where it is from."""

_MOST_LINKS = 2_000  # that are looked at


def foreign_site(body: bytes, url: str, headers: Mapping[str, str]) -> str | None:
    """The registered domain that a page at `url` is of, where that is not the URL's own."""
    try:
        return foreign_site_of(decode.parse(body, headers), url)
    except ExtractionError:
        return None


def foreign_site_of(tree: HtmlElement, url: str) -> str | None:
    """The same of a page that is parsed."""
    base = _absolute(next(iter(tree.xpath("//base/@href")), ""), url) or url
    mine = registered_domain(url)
    claimed = {registered_domain(it) for it in _claims(tree, base)}
    if len(claimed) != 1 or mine in claimed:
        return None
    links = Counter(_domains_of_links(tree, base))
    (other,) = claimed
    return other if links[other] >= FEWEST_LINKS and not links[mine] else None


def _claims(tree: HtmlElement, base: str) -> Iterator[str]:
    """What the page says is its address."""
    said = tree.xpath(
        "//link[translate(@rel, 'CANOIL', 'canoil') = 'canonical']/@href"
        " | //meta[@property = 'og:url']/@content"
    )
    for address in said:
        if (found := _absolute(address, base)) is not None:
            yield found


def _domains_of_links(tree: HtmlElement, base: str) -> Iterator[str]:
    """Of each link that leads to another page; one to a part of the page itself says nothing."""
    for href in tree.xpath("//a/@href")[:_MOST_LINKS]:
        if href.strip().startswith("#"):
            continue
        if (found := _absolute(href, base)) is not None:
            yield registered_domain(found)


def _absolute(address: str, base: str) -> str | None:
    try:
        found = normalize(address, base=base)
    except InvalidURL:
        return None
    return found if urlsplit(found).hostname else None
