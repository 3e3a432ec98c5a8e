"""No request to loopback, private and link-local addresses, unless a source allows it.

Two doors: the address in the URL, in whatever spelling, and what a name resolves to. Allowed are
the sources of `PERMALIEN_PRIVATE_HOSTS` (names as frontier.sources.source_name gives them), with
their subdomains, each at its own port; the proxy of the environment is reached whatever its
address is.
"""

from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.resolver import CachingThreadedResolver, dnscache
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from storage.frontier.addresses import belongs, is_local, is_private_address, site_host

PRIVATE_HOSTS = "PERMALIEN_PRIVATE_HOSTS"
_ADVICE = "allowed with --allow-private"


class PrivateAddress(IgnoreRequest):
    """The request would reach a local address that no source allows."""


class PrivateAddressMiddleware:
    """Refuses URLs whose host is a local address or name; sends allowed ones past any proxy."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PrivateAddressMiddleware":
        return cls(frozenset(crawler.settings.getlist(PRIVATE_HOSTS)))

    def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"http", "https"}:
            raise PrivateAddress(f"{parts.scheme}: is no scheme of the web")
        if not is_local(parts.hostname or ""):
            return
        if not _is_one_of(self._allowed, parts.netloc):
            raise PrivateAddress(f"private address: {parts.netloc[:100]} ({_ADVICE})")
        request.meta.setdefault("proxy", None)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raises PrivateAddress where that is why a name has no address."""
        name = urlsplit(request.url).hostname or ""
        address = dnscache.get(name)
        unresolved = isinstance(exception, CannotResolveHostError)
        if unresolved and address is not None and is_private_address(address):
            raise PrivateAddress(f"private address: {name[:100]} is {address} ({_ADVICE})")


class PublicResolver(CachingThreadedResolver):
    """Resolves names to public addresses only, and allowed ones to any."""

    def __init__(
        self, reactor: ReactorBase, cache_size: int, timeout: float, allowed: frozenset[str]
    ) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> "PublicResolver":
        hosts = {urlsplit(f"//{host}").hostname for host in crawler.settings[PRIVATE_HOSTS] or ()}
        proxies = {urlsplit(proxy).hostname for proxy in getproxies().values()}
        return cls(
            reactor,
            crawler.settings.getint("DNSCACHE_SIZE"),
            crawler.settings.getfloat("DNS_TIMEOUT"),
            frozenset(host for host in hosts | proxies if host),
        )

    def getHostByName(self, name: str, timeout: Any = ()) -> "Deferred[str]":  # noqa: N802
        found: Deferred[str] = super().getHostByName(name, timeout)
        allowed = _is_one_of(self._allowed, name)
        return found if allowed else found.addCallback(_refuse_private, name)


def _refuse_private(address: str, name: str) -> str:
    # Twisted passes on no other error of a resolver.
    if is_private_address(address):
        raise DNSLookupError(f"{name[:100]} resolves to a private address")
    return address


def _is_one_of(sources: frozenset[str], host: str) -> bool:
    return any(belongs(site_host(host), source) for source in sources)
