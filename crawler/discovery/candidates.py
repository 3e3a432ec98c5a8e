"""What discovery gives: addresses worth a visit, and what the source said about them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Final

from storage.frontier.addresses import InvalidURL, belongs, host_of, normalize, site_host

MAX_CANDIDATES: Final = 50_000
"""Candidates of one response: as many URLs as one sitemap may hold (sitemaps.org)."""

MAX_CHARACTERS: Final = 25_000_000
"""Of all candidates' URLs together: 500 for each of as many as there may be."""

MAX_GUID_LENGTH: Final = 2048
"""Characters. A longer GUID is no hint but ballast, and is left out; so is an unprintable one."""


class CandidateKind(StrEnum):
    """What the source makes of an address. The response decides; this decides what to ask first."""

    ARTICLE = "article"
    SECTION = "section"
    FEED = "feed"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address as `frontier.addresses.normalize` spells it, and the source's hints about it.

    Times are aware, in the zone the source gave. A GUID is the source's own name for the article,
    which outlives its address. `listed_url` is the address with the tracking parameters that the
    source lists it with, None without any.
    """

    url: str
    kind: CandidateKind
    title: str | None = None
    published_at: datetime | None = None
    modified_at: datetime | None = None
    guid: str | None = None
    listed_url: str | None = None


def candidate(
    href: str,
    kind: CandidateKind,
    *,
    base: str,
    title: str | None = None,
    published_at: datetime | None = None,
    modified_at: datetime | None = None,
    guid: str | None = None,
) -> Candidate | None:
    """The candidate that `href`, found at `base`, makes; None when it is no address to crawl."""
    try:
        url = normalize(href, base=base)
        listed_url = normalize(href, base=base, tracking=True)
    except InvalidURL:
        return None
    if guid is not None and (len(guid) > MAX_GUID_LENGTH or not guid.isprintable()):
        guid = None
    return Candidate(
        url,
        kind,
        title or None,
        published_at,
        modified_at,
        guid or None,
        listed_url if listed_url != url else None,
    )


def distinct(candidates: Iterable[Candidate | None]) -> list[Candidate]:
    """The first candidate of each address, in order, of the first `MAX_CANDIDATES` entries.

    Reads no further, so that neither repeats nor entries without address keep a source going;
    nor past `MAX_CHARACTERS`.
    """
    found: dict[str, Candidate] = {}
    characters = 0
    for each in islice(candidates, MAX_CANDIDATES):
        if each is not None:
            found.setdefault(each.url, each)
            characters += len(each.url)
            if characters > MAX_CHARACTERS:
                break
    return list(found.values())


def own(candidates: Iterable[Candidate], base_host: str) -> Iterator[Candidate]:
    """The candidates on `base_host`, with or without its `www.`, and on its subdomains."""
    site = site_host(base_host)
    return (each for each in candidates if belongs(host_of(each.url), site))
