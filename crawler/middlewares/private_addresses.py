"""No request to loopback, private and link-local addresses, unless a source allows it.

Two doors: the address in the URL, in whatever spelling, and what a name resolves to. A host that
is allowed is one of `PERMALIEN_PRIVATE_HOSTS` (host, or host:port for that port alone); the proxy
of the environment is reached whatever its address is.
"""

from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred

from storage.addresses import is_local, is_private_address

PRIVATE_HOSTS = "PERMALIEN_PRIVATE_HOSTS"


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
        if parts.netloc not in self._allowed:
            raise PrivateAddress(
                f"{parts.netloc[:100]} is a private address: add the source with --allow-private"
            )
        request.meta.setdefault("proxy", None)


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
        return found if name in self._allowed else found.addCallback(_refuse_private, name)


def _refuse_private(address: str, name: str) -> str:
    if is_private_address(address):
        raise PrivateAddress(f"{name[:100]} resolves to a private address")
    return address
