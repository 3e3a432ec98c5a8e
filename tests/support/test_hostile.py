import re
import ssl
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead

import pytest
from lxml import etree

from tests.support import hostile
from tests.support.fetching import Fetched, exchange, fetch
from tests.support.hostile import PATHS, SPELLINGS, HostileSite
from tests.support.hostile_answers import ARTICLE, DEPTH, HUGE_BYTES


@pytest.fixture
def site() -> Iterator[HostileSite]:
    with HostileSite() as site:
        yield site


def get(site: HostileSite, path: str, **headers: str) -> Fetched:
    return fetch(f"{site.url}{path}", headers=headers)


def read(site: HostileSite, path: str, *, limit: int | None = None, timeout: float = 10) -> bytes:
    """The answer as it is on the wire."""
    sent = f"GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n".encode()
    return exchange(site.url, sent, limit=limit, timeout=timeout)


def test_the_table_names_every_path() -> None:
    for path in PATHS:
        name = re.sub(r"^/redirect-local/.*", "/redirect-local/NAME", path)
        assert re.search(rf"{re.escape(name)}[\s;,]", hostile.__doc__ or ""), path


def test_the_front_page_links_to_every_path(site: HostileSite) -> None:
    links = re.findall(rb'href="([^"]+)"', get(site, "/").body)
    assert [link.decode() for link in links] == list(PATHS)
    assert get(site, "/nowhere").status == 404


def test_requests_are_kept_with_headers_and_times(site: HostileSite) -> None:
    before = time.monotonic()
    get(site, "/article?x=1", Cookie="a=b")
    get(site, "/empty")
    first, second = site.requests
    assert (first.path, first.headers["cookie"], second.path) == ("/article", "a=b", "/empty")
    assert before <= first.at <= second.at <= time.monotonic()
    assert site.count("/article") == 1


def test_empty_and_huge(site: HostileSite) -> None:
    assert (get(site, "/empty").status, get(site, "/empty").body) == (200, b"")
    assert len(get(site, "/huge").body) == HUGE_BYTES


def test_endless(site: HostileSite) -> None:
    assert len(read(site, "/endless", limit=8_000_000)) > 8_000_000


@pytest.mark.parametrize(
    ("path", "encoding", "largest"),
    [
        ("/gzip-bomb", "gzip", 11 * 1024**2),
        ("/gzip-twice-bomb", "gzip, gzip", 64 * 1024),
        ("/brotli-bomb", "br", 64 * 1024),
        ("/zstd-bomb", "zstd", 512 * 1024),
    ],
)
def test_bombs_are_small_on_the_wire(
    site: HostileSite, path: str, encoding: str, largest: int
) -> None:
    answer = get(site, path)
    assert answer.headers["Content-Encoding"] == encoding
    assert 0 < len(answer.body) < largest


def test_gzip_that_is_none_and_gzip_that_ends_early(site: HostileSite) -> None:
    lie = get(site, "/gzip-lie")
    assert lie.headers["Content-Encoding"] == "gzip"
    assert lie.body == ARTICLE.encode()
    cut = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    text = cut.decompress(get(site, "/gzip-cut").body)
    assert text
    assert ARTICLE.encode().startswith(text)
    assert not cut.eof


@pytest.mark.parametrize("path", ["/cut-short", "/chunked-cut"])
def test_bodies_cut_short(site: HostileSite, path: str) -> None:
    with pytest.raises(IncompleteRead) as caught:
        get(site, path)
    assert caught.value.partial == ARTICLE.encode()


def test_documents_that_are_not_what_they_seem(site: HostileSite) -> None:
    assert get(site, "/nested").body.startswith(b"<div>" * DEPTH)
    assert get(site, "/pdf").body.startswith(b"%PDF-")
    assert get(site, "/pdf").headers["Content-Type"].startswith("text/html")
    assert get(site, "/nuls").body.replace(b"\0", b"") == ARTICLE.encode()


def test_charsets_that_lie(site: HostileSite) -> None:
    header = get(site, "/charset-lie")
    assert header.headers.get_content_charset() == "utf-8"
    assert header.body.decode("windows-1252") == ARTICLE
    unknown = get(site, "/charset-unknown")
    assert unknown.headers.get_content_charset() == "klingon"
    assert unknown.body.decode() == ARTICLE
    meta = get(site, "/meta-lie")
    assert meta.headers.get_content_charset() is None
    assert b'<meta charset="utf-8">' in meta.body
    with pytest.raises(UnicodeDecodeError):
        meta.body.decode()


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/redirect/0", "/redirect/1"),
        ("/redirect/99", "/redirect/100"),
        ("/redirect-self", "/redirect-self"),
        ("/redirect-cookie", "/redirect-cookie"),
        ("/redirect-host", "https://elsewhere.example/"),
        ("/redirect-file", "file:///etc/passwd"),
        ("/redirect-script", "javascript:alert(1)"),
        ("/redirect-nowhere", None),
    ],
)
def test_redirects(site: HostileSite, path: str, location: str | None) -> None:
    answer = get(site, path)
    assert (answer.status, answer.headers["Location"]) == (302, location)


@pytest.mark.parametrize("name", SPELLINGS)
def test_redirects_to_this_host_by_another_spelling(site: HostileSite, name: str) -> None:
    port = site.url.rpartition(":")[2]
    location = f"Location: http://{SPELLINGS[name]}:{port}/article\r\n"
    assert location.encode() in read(site, f"/redirect-local/{name}")


def test_the_cookie_ends_the_loop(site: HostileSite) -> None:
    cookie = get(site, "/redirect-cookie").headers["Set-Cookie"].partition(";")[0]
    assert get(site, "/redirect-cookie", Cookie=cookie).body == ARTICLE.encode()


def test_feeds_and_sitemaps(site: HostileSite) -> None:
    assert get(site, "/feed-html").headers["Content-Type"] == "application/rss+xml"
    assert get(site, "/feed-html").body == ARTICLE.encode()
    with pytest.raises(etree.XMLSyntaxError, match=r"amplification|loop|Maximum entity"):
        etree.fromstring(get(site, "/feed-bomb").body)
    entity = get(site, "/feed-entity").body
    assert b'SYSTEM "file:///etc/passwd"' in entity
    safe = etree.fromstring(entity, etree.XMLParser(resolve_entities=False))
    assert safe.findtext("channel/link") == f"{site.url}/"
    sitemap = etree.fromstring(get(site, "/sitemap-foreign").body)
    locations = [str(node.text) for node in sitemap.iter("{*}loc")]
    assert sum(location.startswith(site.url) for location in locations) == 1
    assert len(locations) == 3


def test_slow_drips_one_byte_a_second(site: HostileSite) -> None:
    with pytest.raises(TimeoutError):
        read(site, "/slow", timeout=0.6)
    start = time.monotonic()
    received = read(site, "/slow", timeout=60, limit=len(read_head(site, "/slow")) + 101)
    assert time.monotonic() - start >= 1
    assert received.endswith(ARTICLE.encode()[:102])


def read_head(site: HostileSite, path: str) -> bytes:
    return read(site, path, limit=100).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def test_never_says_nothing(site: HostileSite) -> None:
    with pytest.raises(TimeoutError):
        read(site, "/never", timeout=0.3)
    assert site.count("/never") == 1


def test_reset(site: HostileSite) -> None:
    with pytest.raises(ConnectionResetError):
        read(site, "/reset")


def test_heads_that_are_not_to_be_trusted(site: HostileSite) -> None:
    assert read(site, "/not-http") == b"SSH-2.0-OpenSSH_9.2\r\n"
    huge = read(site, "/headers-huge")
    assert huge.index(b"\r\n\r\n") > 900_000
    assert huge.endswith(ARTICLE.encode())
    bad = read(site, "/headers-bad")
    for line in (b"no colon", b": this one", b"X-Nul: a\0b", b"caf\xe9", b"\r\n two", b"X Space:"):
        assert line in bad.partition(b"\r\n\r\n")[0]
    assert bad.endswith(ARTICLE.encode())
    assert read(site, "/length-twice").count(b"Content-Length: ") == 2


def test_retry_after_in_seconds_and_as_a_date(site: HostileSite) -> None:
    for path, status in (("/429-seconds", 429), ("/503-seconds", 503)):
        answer = get(site, path)
        assert (answer.status, answer.headers["Retry-After"]) == (status, "1")
        assert get(site, path).body == ARTICLE.encode()
    before = datetime.now(UTC)
    answer = get(site, "/429-date")
    until = parsedate_to_datetime(answer.headers["Retry-After"])
    assert answer.status == 429
    assert before < until <= datetime.now(UTC) + timedelta(seconds=2)
    assert get(site, "/429-date").status == 200


def test_500_twice_then_200(site: HostileSite) -> None:
    assert [get(site, "/500-twice").status for _ in range(4)] == [500, 500, 200, 200]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/304-unasked", 304),
        ("/404", 404),
        ("/410", 410),
        ("/451", 451),
        ("/403-challenge", 403),
    ],
)
def test_statuses(site: HostileSite, path: str, status: int) -> None:
    answer = get(site, path)
    assert answer.status == status
    assert (answer.body == b"") == (status == 304)


def test_tls_is_self_signed(site: HostileSite) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
        fetch(f"{site.tls_url}/article", tls=ssl.create_default_context())
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    assert fetch(f"{site.tls_url}/article", tls=trusting).body == ARTICLE.encode()


def test_the_site_ends_while_answers_are_under_way() -> None:
    with HostileSite() as site, pytest.raises(TimeoutError):
        read(site, "/never", timeout=0.1)
    with pytest.raises(ConnectionRefusedError):
        get(site, "/article")
