"""What reaches whom over real connections: tests/end_to_end/test_hostile_web.py."""

import pytest
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError
from scrapy.resolver import dnscache
from twisted.internet.error import DNSLookupError

from crawler.middlewares.private_addresses import (
    PrivateAddress,
    PrivateAddressMiddleware,
    PublicResolver,
)

ALLOWED = frozenset({"intranet", "news.corp.internal:8080", "127.0.0.1:9000"})


def passes(url: str, allowed: frozenset[str] = ALLOWED) -> Request:
    request = Request(url)
    PrivateAddressMiddleware(allowed).process_request(request)
    return request


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:9001/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.1.2.3/",
        "http://localhost/",
        "http://printer/",
        "http://router.local/",
        "http://intranet:81/",
        "http://news.corp.internal/",
        "http://notnews.corp.internal:8080/",
        "ftp://example.org/",
    ],
)
def test_what_no_source_allows_is_refused(url: str) -> None:
    with pytest.raises(PrivateAddress):
        passes(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/a",
        "http://intranet/a",
        "https://news.corp.internal:8080/",
        "http://www.news.corp.internal:8080/",
        "http://sport.news.corp.internal:8080/",
    ],
)
def test_what_a_source_allows_is_reached_past_any_proxy(url: str) -> None:
    assert passes(url).meta["proxy"] is None


@pytest.mark.parametrize(
    "url", ["https://example.org/", "http://8.8.8.8/", "http://[2606:4700::1]/"]
)
def test_public_addresses_are_let_through_as_they_are(url: str) -> None:
    assert "proxy" not in passes(url).meta


def test_the_advice_is_in_the_message() -> None:
    with pytest.raises(
        PrivateAddress, match=r"^private address: localhost \(allowed with --allow-pri"
    ):
        passes("http://localhost/")


def test_a_name_without_address_is_private_only_if_it_was_resolved_to_a_private_one() -> None:
    middleware = PrivateAddressMiddleware(frozenset())
    error = CannotResolveHostError("no")
    dnscache["inside.example"] = "10.0.0.1"
    try:
        with pytest.raises(PrivateAddress, match=r"inside\.example is 10\.0\.0\.1"):
            middleware.process_exception(Request("http://inside.example/"), error)
        middleware.process_exception(Request("http://other.example/"), error)
        middleware.process_exception(Request("http://inside.example/"), ValueError("other"))
    finally:
        dnscache.clear()


class TestResolver:
    """Names whose address is known already, so that nothing is asked of a real resolver."""

    @pytest.fixture(autouse=True)
    def _names(self) -> object:
        dnscache.update({"inside.example": "10.0.0.1", "outside.example": "8.8.8.8"})
        yield
        dnscache.clear()

    def resolve(self, name: str, *allowed: str) -> str | Exception:
        from twisted.internet import reactor

        resolver = PublicResolver(reactor, 100, 1.0, frozenset(allowed))
        results: list[str | Exception] = []
        resolver.getHostByName(name).addCallbacks(
            results.append, lambda failure: results.append(failure.value)
        )
        return results[0]

    def test_a_public_name(self) -> None:
        assert self.resolve("outside.example") == "8.8.8.8"

    def test_a_name_of_a_private_address_is_not_found(self) -> None:
        assert isinstance(self.resolve("inside.example"), DNSLookupError)

    def test_a_name_that_is_allowed(self) -> None:
        assert self.resolve("inside.example", "inside.example") == "10.0.0.1"
        assert self.resolve("inside.example", "example") == "10.0.0.1"
