"""The sitemaps that robots.txt names (RFC 9309; the Sitemap line is sitemaps.org's)."""

from typing import Final

from protego import Protego

from crawler.discovery.candidates import Candidate, CandidateKind, candidate, distinct
from crawler.discovery.charset import to_utf8

MAX_BYTES: Final = 512 * 1024
"""Of a longer file the front is read: RFC 9309, section 2.5, asks for at least 500 KiB."""


def read_robots(body: bytes, *, url: str) -> list[Candidate]:
    """The sitemaps named in a robots.txt, in its order. Anything else gives an empty list."""
    lines = to_utf8(body[:MAX_BYTES]).decode("utf-8", "replace").splitlines()
    # Rules are kept once for each agent they are for: as many as the square of a hostile file.
    robots = Protego.parse("\n".join(line for line in lines if "map" in line.lower()))
    return distinct(candidate(href, CandidateKind.SITEMAP, base=url) for href in robots.sitemaps)
