"""What a page says of its reuse: the reservation of text and data mining, directives, a licence.

- TDM Reservation Protocol, https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/,
  sections 6.1 (headers) and 6.3 (meta tags); where neither says anything, what the site's file
  says of the page (6.2, tdm_file), which they supersede (6.4);
- `robots` meta tags and X-Robots-Tag headers, of all robots, as far as they tell of keeping,
  showing and learning;
- `<link rel="license">` and schema.org's `license`.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urljoin

from crawler.extraction.article import Rights
from crawler.extraction.metadata.tdm_file import TdmRule
from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import StructuredData

_VALUED: Final = ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")
_DIRECTIVES: Final = ("noindex", "noarchive", "nosnippet", "noai", "noimageai")
_MEANS: Final = {"none": "noindex", "nocache": "noarchive"}
_LONGEST: Final = 500  # characters of a policy's or a licence's address


def read_rights(
    structured: StructuredData,
    meta: MetaTags,
    headers: Mapping[str, str],
    url: str | None,
    rule: TdmRule | None = None,
) -> Rights:
    """By the answer's headers and the page itself; where they differ, what allows less. A header
    that was given more than once has a line a value. `rule` is what the site's file says of it."""
    given = {name.lower(): value.strip() for name, value in headers.items()}
    reservations = [*_lines(given.get("tdm-reservation")), meta.first("tdm-reservation")]
    said = [it for it in reservations if it in ("0", "1")]
    policy = given.get("tdm-policy") or meta.first("tdm-policy")
    by_site = not said and rule is not None
    if rule is not None and by_site:
        said, policy = ["1" if rule.reserved else "0"], policy or rule.policy
    named = {it for line in _lines(given.get("x-robots-tag")) for it in _directives(line)}
    for _, content in meta.all(("robots",)):
        named |= {*_directives(content)}
    return Rights(
        reserved="1" in said if said else None,
        policy=_address(policy, url),
        directives=tuple(it for it in _DIRECTIVES if it in named),
        license=_address(next(_licenses(structured, meta), None), url),
        by_site=by_site,
    )


def _lines(value: str | None) -> list[str]:
    return [line.strip() for line in (value or "").splitlines()]


def _directives(value: str) -> Iterator[str]:
    """Of a list for all robots; one that begins with a robot's name is for that robot."""
    name, colon, _ = value.split(",")[0].partition(":")
    if colon and name.strip().lower() not in _VALUED:
        return
    for directive in value.lower().split(","):
        plain = directive.strip()
        yield _MEANS.get(plain, plain)


def _licenses(structured: StructuredData, meta: MetaTags) -> Iterator[str]:
    yield from (link for link in meta.links.get("license", ()) if link)
    for node in (*structured.articles, *structured.pages):
        for value in structured.values(node, "license"):
            named = value if isinstance(value, str) else value.get("url") or value.get("@id")
            if isinstance(named, str) and named.strip():
                yield named.strip()


def _address(value: str | None, url: str | None) -> str | None:
    if not value:
        return None
    try:
        return urljoin(url or "", value)[:_LONGEST] if " " not in value else value[:_LONGEST]
    except ValueError:
        return value[:_LONGEST]
