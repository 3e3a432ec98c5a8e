import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.candidates import MAX_CANDIDATES
from crawler.discovery.errors import NotOPML
from crawler.discovery.opml import Subscription, read_opml, write_opml

A = Subscription("https://a.example/", "https://a.example/rss", "A & B")
B = Subscription("https://b.example/", None, "B")


def opml(inside: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><body>{inside}</body></opml>'.encode()


def test_what_is_written_is_read() -> None:
    assert read_opml(write_opml([A, B, A], "Ours")) == ([A, B], 0)


def test_folders_and_other_programs_names() -> None:
    document = opml(
        '<outline text="News &lt;b&gt;"><outline title="A &amp; B" XMLURL="https://a.example/rss" '
        'htmlurl="https://a.example"/><outline text="mail" xmlUrl="mailto:a@b.example"/></outline>'
        '<outline text="Only a feed" xmlUrl=" HTTPS://C.example/feed "/>'
    )
    only_a_feed = Subscription(None, "https://c.example/feed", "Only a feed")
    assert read_opml(document) == ([A, only_a_feed], 1)


@pytest.mark.parametrize("body", [b"", b"<rss/>", b"https://example.org/", b"\x00\xff", b"<html>"])
def test_what_is_no_opml(body: bytes) -> None:
    with pytest.raises(NotOPML):
        read_opml(body)


BOMB = (
    '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {n} "{f"&{p};" * 10}">' for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize(
    "document",
    [
        opml('<outline xmlUrl="https://a.example/rss"/>' * 200_000),
        opml("<outline>" * 100_000),
        b"<opml><body>" + b"<outline xmlUrl='https://a.example/" * 100_000,
        BOMB.encode() + opml('<outline text="&i;" xmlUrl="https://a.example/rss"/>')[21:],
        b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        + opml('<outline text="&x;" xmlUrl="https://a.example/rss"/>')[21:],
        opml(f'<outline xmlUrl="https://a.example/{"a" * 1_000_000}"/>'),
        opml("".join(f'<outline a{n}="" xmlUrl="https://a.example/{n}"/>' for n in range(90_000))),
    ],
)
def test_hostile_documents_are_bounded(document: bytes) -> None:
    began = time.process_time()
    found, _ = read_opml(document)
    assert len(found) <= MAX_CANDIDATES
    assert all("root:" not in it.title and len(it.title) < 1_000 for it in found)
    assert time.process_time() - began < 5


@given(st.binary())
def test_any_bytes(body: bytes) -> None:
    for given_ in (body, b"<opml><body><outline xmlUrl='" + body):
        try:
            read_opml(given_)
        except NotOPML:
            continue
