import pytest

from crawler.discovery.errors import NotAPage
from crawler.discovery.pages import base_of, read_page, short_text

URL = "https://example.org/news/"


@pytest.mark.parametrize(
    "body", [b"", b"plain words", b"\x89PNG\r\n\x1a\n\x00", b"<div>" * 100_000]
)
def test_what_is_no_page(body: bytes) -> None:
    with pytest.raises(NotAPage, match="can't be read as a page"):
        read_page(body, url=URL)


def test_the_header_names_the_encoding() -> None:
    body = "<html><body><h1>Élu à Évian</h1></body></html>".encode("cp1252")
    document = read_page(body, url=URL, content_type="text/html; charset=windows-1252")
    assert document.findtext(".//h1") == "Élu à Évian"


@pytest.mark.parametrize(
    ("head", "base"),
    [
        ("", URL),
        ('<base target="_blank">', URL),
        ('<base href="/a/"><base href="/b/">', "https://example.org/a/"),
        ('<base href="https://cdn.example/x/">', "https://cdn.example/x/"),
        ('<base href="javascript:alert(1)"><base href="/b/">', URL),
    ],
)
def test_the_first_base_counts(head: str, base: str) -> None:
    document = read_page(f"<html><head>{head}</head><body></body></html>".encode(), url=URL)
    assert base_of(document, URL) == base


def test_short_text_is_one_bounded_line() -> None:
    body = b"<html><body><h1> Storm <b>closes</b>\n bridge</h1><p>" + b"<i>a</i>" * 1000 + b"</p>"
    document = read_page(body, url=URL)
    (heading,), (paragraph,) = document.iter("h1"), document.iter("p")
    assert short_text(heading) == "Storm closes bridge"
    assert len(short_text(paragraph)) < 250
