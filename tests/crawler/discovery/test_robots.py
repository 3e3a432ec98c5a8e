import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.candidates import Candidate, CandidateKind
from crawler.discovery.robots import MAX_BYTES, read_robots

URL = "https://example.org/robots.txt"


def test_sitemaps_in_order() -> None:
    body = (
        b"\xef\xbb\xbfSitemap: https://example.org/news.xml # news first\n"
        b"User-agent: *\nDisallow: /private\n"
        b"sitemap:/sitemap.xml\nSITEMAP : https://cdn.example/index.xml.gz\n"
        b"Sitemap: ftp://example.org/a.xml\nSitemap:\nSitemap: /sitemap.xml\n"
    )
    assert read_robots(body, url=URL) == [
        Candidate("https://example.org/news.xml", CandidateKind.SITEMAP),
        Candidate("https://example.org/sitemap.xml", CandidateKind.SITEMAP),
        Candidate("https://cdn.example/index.xml.gz", CandidateKind.SITEMAP),
    ]


@pytest.mark.parametrize("body", [b"", b"<html><body>Not found</body></html>", b"\x00\xff" * 99])
def test_no_robots_txt_names_no_sitemap(body: bytes) -> None:
    assert read_robots(body, url=URL) == []


def test_only_the_front_is_read() -> None:
    assert read_robots(b"#" * MAX_BYTES + b"\nSitemap: /sitemap.xml", url=URL) == []


@given(body=st.binary(max_size=200) | st.text("Sitemap: /*$#\n\x00é", max_size=60).map(str.encode))
def test_any_bytes_are_read(body: bytes) -> None:
    assert all(each.kind is CandidateKind.SITEMAP for each in read_robots(body, url=URL))


def test_ten_thousand_agents_with_ten_thousand_rules_cost_no_more_than_their_length() -> None:
    """A parser that keeps each agent's rules would keep a hundred million here."""
    agents = "".join(f"User-agent: a{n}\n" for n in range(10_000))
    rules = "".join(f"Disallow: /x{n}\n" for n in range(10_000))
    body = f"{agents}{rules}Sitemap: /a.xml\n".encode()
    started = time.process_time()
    assert [it.url for it in read_robots(body, url=URL)] == ["https://example.org/a.xml"]
    assert time.process_time() - started < 2
