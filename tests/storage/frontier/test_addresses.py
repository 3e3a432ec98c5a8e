import ipaddress
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from w3lib.url import canonicalize_url

from storage.frontier.addresses import (
    MAX_INPUT_LENGTH,
    MAX_LENGTH,
    TRACKING_PARAMETERS,
    TRACKING_PREFIXES,
    InvalidURL,
    address_key,
    belongs,
    host_of,
    is_local,
    is_private_address,
    normalize,
    site_host,
)
from tests.support.properties import examples

# Pieces that mean something to a URL parser, so that joined at random they reach its corners.
PIECES = (
    *("http:", "HTTPS:", "//", "/", "\\", "?", "#", "@", ":", ":80", ":443", "[", "]", "::1"),
    *("example.org", "bücher", "。", "xn--bcher-kva", "127.1", "0x7f", "08", ".", "..", "%2e"),
    *("%", "%4", "%zz", "%c3%A9", "%25", "é", "日", "\x00", "\t", "\n", " ", "\u3000", "\ud800"),
    *("a", "B", "1", "&", "=", "+", ";", "'", '"', "|", "~", "utm_source=x", "fbclid=y", "a=1"),
)
url_like = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
anything = st.one_of(url_like, url_like.map("https://example.org/".__add__), st.text(max_size=60))
bases = st.one_of(st.none(), st.just("https://example.org/news/today?page=2#top"), anything)

names = st.from_regex(r"[a-z]{1,3}[0-9]{0,2}", fullmatch=True)
values = st.from_regex(r"[A-Za-z0-9._~-]{0,6}", fullmatch=True)
parameters = st.dictionaries(names, values, max_size=5).map(
    lambda pairs: [f"{name}={value}" for name, value in pairs.items()]
)
tracking = st.one_of(
    st.sampled_from(sorted(TRACKING_PARAMETERS)),
    st.sampled_from(TRACKING_PREFIXES).map(lambda prefix: f"{prefix}campaign"),
)


def with_query(query: list[str]) -> str:
    return "https://example.org/story" + (f"?{'&'.join(query)}" if query else "")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (" \x01https://exa\tmple.org/a\n\r b ", "https://example.org/a%20b"),
        ("https:\\\\example.org\\a\\b?c\\d", "https://example.org/a/b?c%5Cd"),
        ("https:/example.org/a", "https://example.org/a"),
        ("https:////example.org/a", "https://example.org/a"),
        ("HTTP://WWW.Example.ORG/A", "http://www.example.org/A"),
        ("https://Bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("https://faß.example", "https://xn--fa-hia.example/"),
        ("https://ex%61mple.org./a", "https://example.org/a"),
        ("https://under_score.example.org/", "https://under_score.example.org/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://[0:0::1]:8080/", "http://[::1]:8080/"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:0443/a", "https://example.org/a"),
        ("http://example.org:443/a", "http://example.org:443/a"),
        ("https://example.org:/a", "https://example.org/a"),
        ("https://example.org/a#b?c", "https://example.org/a"),
        ("https://example.org/%7euser/%e9/%2f", "https://example.org/~user/%E9/%2F"),
        ("https://example.org/café/日", "https://example.org/caf%C3%A9/%E6%97%A5"),
        ("https://example.org/100%/%4%31", "https://example.org/100%25/%2541"),
        ("https://example.org/?q='a b'+[c]", "https://example.org/?q=%27a%20b%27+%5Bc%5D"),
        ("https://example.org/a/./b/../c/%2E%2e/", "https://example.org/a/"),
        ("https://example.org/../..", "https://example.org/"),
        ("https://example.org/a//b/", "https://example.org/a//b/"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org?b=2&&a=1&", "https://example.org/?b=2&a=1"),
        ("https://example.org/?", "https://example.org/"),
        ("https://example.org/?UTM_Source=x&id=7&fbclid=y", "https://example.org/?id=7"),
        ("https://example.org/?utm%5fmedium=x", "https://example.org/"),
        ("https://example.org/?ref=a&from=b", "https://example.org/?ref=a&from=b"),
        ("https://example.org/\ud800", "https://example.org/%EF%BF%BD"),
    ],
)
def test_each_rule(url: str, expected: str) -> None:
    assert normalize(url) == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("c", "https://example.org/a/c"),
        ("/c", "https://example.org/c"),
        ("../../c", "https://example.org/c"),
        ("?q", "https://example.org/a/b?q"),
        ("", "https://example.org/a/b?x=1"),
        ("#part", "https://example.org/a/b?x=1"),
        ("//other.example/c", "https://other.example/c"),
        ("\\\\other.example\\c", "https://other.example/c"),
        ("https:c", "https://example.org/a/c"),
        ("http:c", "http://c/"),
        ("c//d;", "https://example.org/a/c//d;"),
        ("1:2", "https://example.org/a/1:2"),
        ("?to=https://other.example/", "https://example.org/a/b?to=https://other.example/"),
    ],
)
def test_references_are_resolved_as_browsers_do(reference: str, expected: str) -> None:
    assert normalize(reference, base="https://example.org/a/b?x=1#y") == expected


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("example.org/a", "has no scheme: write https://"),
        ("", "has no scheme"),
        ("ftp://example.org/", "neither http nor https"),
        ("javascript:alert(1)", "neither http nor https"),
        ("data:text/html,a", "neither http nor https"),
        ("https://user:secret@example.org/", "leave it out"),
        ("https://example.org@evil.example/", "leave it out"),
        ("https://example.org:99999/", "a number from 1 to 65535"),
        ("https://example.org:٣/", "a number from 1 to 65535"),
        ("https://", "no host name"),
        ("https://a..b/", "no host name"),
        ("https://exa mple.org/", "no host name"),
        ("https://example.org%2f@evil.example/", "leave it out"),
        ("https://example.org%00.evil.example/", "no host name"),
        ("https://[fe80::1%25eth0]/", "no host name"),
        ("https://%ff.example/", "no host name: Codepoint U[+]FFFD not allowed"),
        ("https://[::1/", "no port"),
        ("https://[1::2::3]/", "no IPv6 address"),
        ("https://1.2.3.256/", "neither a host name nor an IPv4 address"),
        ("https://1.2.3.4.5/", "neither a host name nor an IPv4 address"),
        ("https://1_0.1/", "neither a host name nor an IPv4 address"),
        ("https://" + "a" * 64 + ".example/", "no host name"),
        ("https://" + "a." * 127 + "example/", "no host name"),
        ("https://example.org/" + "a" * MAX_LENGTH, "longer than 2,048"),
        ("https://example.org/" + "a" * MAX_INPUT_LENGTH, "longer than 8,192"),
    ],
)
def test_what_is_refused_says_what_to_do(url: str, advice: str) -> None:
    with pytest.raises(InvalidURL, match=advice) as raised:
        normalize(url)
    assert len(str(raised.value)) < 300


def test_tracking_may_make_a_url_longer_than_what_is_stored() -> None:
    assert normalize(f"https://example.org/a?fbclid={'x' * 4000}") == "https://example.org/a"


@given(url=anything, base=bases)
@settings(deadline=None, max_examples=examples(300))
def test_normalisation_is_idempotent_and_raises_nothing_else(url: str, base: str | None) -> None:
    try:
        normalized = normalize(url, base=base)
    except InvalidURL:
        return
    assert normalize(normalized) == normalized
    assert normalize(normalized, base="http://other.example/") == normalized
    assert normalized.isascii()
    assert normalized.isprintable()
    assert len(normalized) <= MAX_LENGTH


@given(url=anything)
@settings(deadline=None, max_examples=examples(200))
def test_the_parts_are_those_that_urllib_sees(url: str) -> None:
    try:
        normalized = normalize(url)
    except InvalidURL:
        return
    parts = urlsplit(normalized)
    assert parts.scheme in ("http", "https")
    assert parts.hostname == host_of(url) == host_of(normalized)
    assert parts.username is parts.password is None
    assert parts.port != {"http": 80, "https": 443}[parts.scheme]
    assert parts.path.startswith("/")
    assert not {".", ".."} & set(parts.path.split("/"))
    assert parts.fragment == ""
    assert normalized.startswith(f"{parts.scheme}://{parts.netloc}/")


@given(url=url_like.map("https://example.org/".__add__))
@settings(deadline=None, max_examples=examples(100))
def test_scrapy_sees_the_same_request(url: str) -> None:
    try:
        normalized = normalize(url)
    except InvalidURL:
        return
    canonical = canonicalize_url(normalized)
    assert canonicalize_url(normalize(canonical)) == canonical


@given(kept=parameters, dropped=st.lists(tracking, max_size=4), data=st.data())
@settings(deadline=None)
def test_tracking_parameters_change_nothing_wherever_they_stand(
    kept: list[str], dropped: list[str], data: st.DataObject
) -> None:
    mixed = list(kept)
    for name in dropped:
        mixed.insert(data.draw(st.integers(0, len(mixed))), f"{name}=1")
    assert normalize(with_query(mixed)) == normalize(with_query(kept)) == with_query(kept)


@given(query=parameters, data=st.data())
@settings(deadline=None)
def test_the_key_is_free_of_order_and_scheme(query: list[str], data: st.DataObject) -> None:
    shuffled = with_query(data.draw(st.permutations(query)))
    key = address_key(with_query(query))
    assert address_key(shuffled) == key
    assert address_key(shuffled.replace("https:", "http:")) == key
    assert address_key(normalize(key, base="https://example.org/")) == key


def test_the_key_keeps_what_tells_pages_apart() -> None:
    urls = [
        "https://example.org/a",
        "https://example.org/a/",
        "https://example.org/A",
        "https://www.example.org/a",
        "https://example.org:8443/a",
        "https://example.org/a?id=1",
        "https://example.org/a?id=1&id=2",
        "https://example.org/a?id=2&id=1",
    ]
    assert len(set(map(address_key, urls))) == len(urls)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.example.org", "example.org"),
        ("example.org", "example.org"),
        ("www.com", "www.com"),
        ("news.www.example.org", "news.www.example.org"),
    ],
)
def test_site_host(host: str, expected: str) -> None:
    assert site_host(host) == expected


def test_belongs_takes_the_host_and_its_subdomains_only() -> None:
    assert belongs("example.org", "example.org")
    assert belongs("sport.example.org", "example.org")
    assert not belongs("example.org", "sport.example.org")
    assert not belongs("notexample.org", "example.org")
    assert not belongs("example.org.evil.example", "example.org")


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.0.0.1.", "0"),
        *("127。0。0。1", "１２７.1", "%31%32%37.1", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "192.0.0.8"),
        *("255.255.255.255", "192.0.2.1", "[::1]", "::1", "::", "fe80::1%eth0", "[fe80::1%25en0]"),
        *("fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1"),
        *("::ffff:10.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::127.0.0.1"),
        *("64:ff9b:1::8.8.8.8", "2002:7f00:1::", "2002:a00:1::1"),
        *("localhost", "LocalHost.", "a.localhost", "printer.local", "db.internal"),
        *("localhost.localdomain", "nas.home.arpa", "ip6-loopback", "intranet"),
        *("", " ", "a..b", "1.2.3.256", "example.org:80", "exa mple.org", "user@example.org"),
    ],
)
def test_local_hosts(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize(
    "host",
    [
        *("example.org", "www.example.org.", "localhost.example.org", "local.example", "bücher.de"),
        *("8.8.8.8", "0x08080808", "1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"),
        *("[2606:4700::1111]", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"),
    ],
)
def test_public_hosts(host: str) -> None:
    assert not is_local(host)


@given(value=st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_every_spelling_of_an_ipv4_address_is_judged_alike(value: int) -> None:
    address = ipaddress.IPv4Address(value)
    a, b, c, d = address.packed
    spellings = [
        *(str(value), hex(value), f"0{value:o}", f"0X{value:X}", str(address), f"{address}."),
        *(f"{a}.{value & 0xFFFFFF}", f"{a}.{b}.{value & 0xFFFF}", f"{a:#x}.0{b:o}.{c}.{d:#x}"),
        *(f"::ffff:{address}", f"[::FFFF:{a << 8 | b:x}:{c << 8 | d:x}]"),
        f"64:ff9b::{address}",
    ]
    assert {is_local(spelling) for spelling in spellings} == {is_private_address(str(address))}
    assert {normalize(f"http://{spelling}/") for spelling in spellings[:9]} == {
        f"http://{address}/"
    }


@given(value=st.integers(0, 2**128 - 1))
@settings(deadline=None)
def test_what_python_calls_private_is_private(value: int) -> None:
    address = ipaddress.IPv6Address(value)
    if address.is_private or address.is_link_local or address.is_multicast:
        assert is_private_address(str(address))


@given(text=anything)
@settings(deadline=None)
def test_any_text_is_judged(text: str) -> None:
    assert isinstance(is_local(text), bool)
    assert isinstance(is_private_address(text), bool)


def test_no_address_is_private() -> None:
    assert is_private_address("example.org")
    assert not is_private_address("8.8.8.8")


def test_tracking_parameters_stay_where_that_is_asked_for() -> None:
    listed = "HTTPS://Example.org/a?utm_source=rss&page=2#top"
    assert normalize(listed) == "https://example.org/a?page=2"
    kept = normalize(listed, tracking=True)
    assert kept == "https://example.org/a?utm_source=rss&page=2"
    assert address_key(kept) == address_key(listed)
