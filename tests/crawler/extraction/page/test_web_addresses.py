import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from crawler.extraction.page.meta_tags import read_meta_tags
from crawler.extraction.page.structured import read_structured
from crawler.extraction.page.web_addresses import (
    absolute,
    canonical_url,
    host_of,
    is_front_page,
    path_of,
)

BASE = "https://example.org/news/bridge?page=2"


_ADDRESSES = st.sampled_from(["http://[", "//", "https://"]) | st.text(max_size=50)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://example.org/a#b", "https://example.org/a"),
        ("//cdn.example/a", "https://cdn.example/a"),
        (" ../a ", "https://example.org/a"),
        ("?page=3", "https://example.org/news/bridge?page=3"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("ftp://example.org/a", None),
        ("http://[", None),
        ("", None),
        (None, None),
        ("/" + "a" * 5000, None),
    ],
)
def test_only_web_addresses_are_made_absolute(address: str | None, expected: str | None) -> None:
    assert absolute(address, BASE) == expected


def test_without_a_base_only_absolute_addresses_count() -> None:
    assert absolute("/a", None) is None
    assert absolute("http://example.org", None) == "http://example.org"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel="canonical" href="/news/bridge">', "https://example.org/news/bridge"),
        ('<link rel="canonical" href="https://example.org/"><meta property="og:url" content="/b">',
         "https://example.org/b"),
        ('<link rel="canonical" href="javascript:x"><meta property="og:url" content="/b">',
         "https://example.org/b"),
        ('<script type="application/ld+json">{"@type": "Article", "mainEntityOfPage": "/c"}'
         "</script>",
         "https://example.org/c"),
        ("", None),
    ],
)  # fmt: skip
def test_the_address_a_page_wants_to_go_by(head: str, expected: str | None) -> None:
    tree = document_fromstring(f"<head>{head}</head><p>x</p>")
    assert canonical_url(read_structured(tree), read_meta_tags(tree), BASE) == expected


@given(_ADDRESSES, _ADDRESSES)
def test_anything_is_read_without_complaint(address: str, base: str) -> None:
    found = absolute(address, base)
    assert found is None or found.startswith(("http://", "https://"))
    assert isinstance(host_of(address) + path_of(address), str)
    assert is_front_page(address) in (True, False)


def test_a_front_page_has_nothing_after_its_host() -> None:
    assert is_front_page("https://example.org")
    assert is_front_page("http://example.org/#top")
    for other in ("https://example.org/a", "https://example.org/?p=5", "/", "http://[", None):
        assert not is_front_page(other)
