import gzip
from datetime import UTC, datetime
from io import BytesIO

from crawler.importing.exchanges import Exchange, exchanges
from crawler.importing.warc_file import Damage, WarcFile
from storage.ledger.headers import Headers
from tests.support.warcs import HTML, Shot, warc

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
URL = "https://example.org/ferry"


def read(*shots: Shot, requests: bool = True) -> list[Exchange | Damage]:
    return list(exchanges(WarcFile(BytesIO(warc(shots, requests=requests)))))


def one(shot: Shot) -> Exchange:
    (found,) = read(shot)
    assert isinstance(found, Exchange)
    return found


def test_a_request_and_its_answer() -> None:
    found = one(Shot(URL, START, b"<p>text</p>"))
    assert (found.url, found.fetched_at, found.status, found.method) == (URL, START, 200, "GET")
    assert (found.body, found.media_type) == (b"<p>text</p>", "text/html")
    assert found.request == Headers.of([("User-Agent", "CCBot/2.0")])
    (bare,) = read(Shot(URL, START, b"x"), requests=False)
    assert isinstance(bare, Exchange)
    assert (bare.method, bare.request) == (None, Headers())


def test_encodings_are_undone_and_headers_are_as_received() -> None:
    body = gzip.compress(b"<p>text</p>")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    sent = (HTML, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    found = one(Shot(URL, START, chunked, headers=sent))
    assert (found.body, found.headers) == (b"<p>text</p>", Headers.of(sent))
    for before in ("X-Crawl-", "X-Archive-Orig-"):
        named = (HTML, (f"{before}Content-Encoding", "gzip"), (f"{before}Content-Length", "7"))
        found = one(Shot(URL, START, b"plain", headers=(*named, ("Content-Length", "5"))))
        wire = (HTML, ("Content-Encoding", "gzip"), ("Content-Length", "7"))
        assert (found.body, found.headers) == (b"plain", Headers.of(wire))


def test_what_is_damaged_is_named() -> None:
    wrong = (("WARC-Payload-Digest", "sha1:" + "A" * 32),)
    shots = [
        Shot(URL, START, b"x", fields=wrong),
        Shot(URL, datetime(1, 1, 1, tzinfo=UTC), b"x"),
        Shot(URL, START, b"x", status="abc"),
        Shot(URL, START, b"x", headers=(("Content-Encoding", "snappy"),)),
        Shot(URL, START, b"good"),
    ]
    *damage, good = read(*shots)
    assert isinstance(good, Exchange)
    assert [it.why.partition(":")[0] for it in damage if isinstance(it, Damage)] == [
        "the payload of a record is not what its sha1 digest says",
        "a date that can't be",
        "a response without a status",
        "a body in an encoding that is not known",
    ]


def test_headers_are_bounded() -> None:
    many = tuple((f"X-{n}", "y" * 9_000) for n in range(20))
    assert all(
        len(value or "") == 8_192 for _, value in one(Shot(URL, START, b"x", headers=many)).headers
    )
    (found,) = read(Shot(URL, START, b"x", headers=tuple(("X", "y" * 9_000) for _ in range(40))))
    assert isinstance(found, Damage)


def test_other_schemes_are_none() -> None:
    assert read(Shot("dns:example.org", START, b"x"), requests=False) == []
