"""The addresses a page gives: of itself, of its pictures. Only http and https leave this module."""

from urllib.parse import urljoin, urlsplit

from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import StructuredData

MAX_LENGTH = 2_000


def absolute(address: str | None, base: str | None) -> str | None:
    """`address` seen from `base`, without its fragment; None unless it is http or https."""
    if not address or len(address) > MAX_LENGTH:
        return None
    try:
        joined = urljoin(base or "", address.strip())
        parts = urlsplit(joined)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
    except ValueError:
        return None
    return parts._replace(fragment="").geturl()


def path_of(url: str | None) -> str:
    """The path of an address, empty where there is none to read."""
    try:
        return urlsplit(url or "").path
    except ValueError:
        return ""


def query_of(url: str | None) -> str:
    """The query of an address, empty where there is none to read."""
    try:
        return urlsplit(url or "").query
    except ValueError:
        return ""


def host_of(url: str | None) -> str:
    """The host of an address in lower case, empty where there is none to read."""
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def is_front_page(url: str | None) -> bool:
    """Whether an address is that of a host, with nothing after it."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return False
    return bool(parts.hostname) and parts.path in ("", "/") and not parts.query


def canonical_url(structured: StructuredData, meta: MetaTags, url: str | None) -> str | None:
    """The address the page wants to go by.

    One that names the site's front page, on a page that isn't it, is a template's mistake.
    """
    given = [*meta.links.get("canonical", ()), meta.first("og:url")]
    for node in structured.articles:
        for name in ("mainEntityOfPage", "url"):
            for value in structured.values(node, name):
                named = value if isinstance(value, str) else value.get("@id")
                given.append(named if isinstance(named, str) else None)
    for address in given:
        found = absolute(address, url)
        if found and not (is_front_page(found) and path_of(url).strip("/")):
            return found
    return None
