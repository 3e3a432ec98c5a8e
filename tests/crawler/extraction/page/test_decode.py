import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.errors import ExtractionError, TooLarge, UnreadableBody
from crawler.extraction.page.decode import MAX_ATTRIBUTES, MAX_BYTES, MAX_TAGS, parse


def test_the_root_is_html_even_of_a_fragment() -> None:
    tree = parse(b"<p>One<p>Two")
    assert tree.tag == "html"
    assert [p.text for p in tree.iter("p")] == ["One", "Two"]


def test_comments_and_processing_instructions_are_gone() -> None:
    tree = parse(b"<p>a<!-- b --><?php c ?>d</p>")
    assert tree.text_content() == "ad"
    assert {type(e.tag) for e in tree.iter()} == {str}


def test_the_headers_names_are_read_in_any_case() -> None:
    tree = parse(
        "<p>Привет, читатель</p>".encode("cp1251"), {"CONTENT-type": "text/html; charset=cp1251"}
    )
    assert tree.text_content() == "Привет, читатель"


def test_a_body_cut_short_gives_what_is_there() -> None:
    assert parse(b"<html><body><p>All of it</p><p>Half of").text_content() == "All of itHalf of"
    assert parse(b"<html><body><p>All of it</p><a href='/x").text_content() == "All of it"


def test_nuls_are_dropped() -> None:
    assert parse(b"<p>a\0b</p><p>c</p>").text_content() == "abc"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n\t",
        b"Just words.",
        b'{"title": "no page"}',
        b"<!-- nothing but a comment -->",
        b"%PDF-1.7\n<</Type /Catalog>>\n<rdf:RDF>",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR<svg>",
        b"GIF89a\x01\0\x01\0<a>",
        b"PK\x03\x04\x14\0<a>",
        b"\x1f\x8b\x08\0\0\0<p>",
        b"{\\rtf1 <p>}",
        b'<?xml version="1.0"?><rss version="2.0"><channel><title>A feed</title></channel></rss>',
        b'<?xml version="1.0"?>\n<urlset><url><loc>https://example.org/</loc></url></urlset>',
        b"\xff\xfe",
    ],
)
def test_what_is_not_html_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        parse(body)


def test_xhtml_is_html() -> None:
    tree = parse(
        b'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html><html><body><p>x</p></body></html>'
    )
    assert tree.text_content() == "x"


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    address = (tmp_path / "secret").as_uri()
    tree = parse(f'<!DOCTYPE html [<!ENTITY s SYSTEM "{address}">]><p>&s;</p>'.encode())
    assert "the secret" not in tree.text_content()


@pytest.mark.parametrize(
    "body",
    [
        b"<p>" + b" " * MAX_BYTES,
        b"<b></b>" * MAX_TAGS,
        b"<div>" * 100_000 + b"deep",
        b"<span>" * 300 + b"deep",
        b"<p " + b" ".join(b"a%d" % i for i in range(MAX_ATTRIBUTES + 1)) + b">x",
        b"<p " + b" ".join(b"a%d='>'" % i for i in range(MAX_ATTRIBUTES + 1)) + b">x",
        b"<!-- <p --><p" + b" x" * 999 + b">",
    ],
)
def test_a_page_past_a_bound_is_too_large(body: bytes) -> None:
    with pytest.raises(TooLarge):
        parse(body)


def test_scripts_full_of_less_than_signs_are_no_tags() -> None:
    script = b"for(i=0;i<n;i++)" + b" a b c d e f g h" * 200 + b"</textarea>" + b" x" * 2000
    assert parse(b"<script>" + script + b"</script><p>text</p>").find(".//p") is not None


def test_many_attributes_are_refused_before_they_cost_anything() -> None:
    body = b"<a " + b" ".join(b"%x" % i for i in range(500_000)) + b">x</a>"
    start = time.process_time()
    with pytest.raises(TooLarge):
        parse(body)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "piece",
    [
        b"<",
        b"< ",
        b"&amp;",
        b"<!--",
        b"</scrip",
        b"\0",
        b"<a x='",
        b'<a x="',
        b"<a/x=<",
        b"\xff\x80a",
    ],
)
def test_repetition_costs_no_more_than_its_length(piece: bytes) -> None:
    body = b"<script>" + piece * ((MAX_BYTES - 100) // len(piece))
    start = time.process_time()
    with suppress(ExtractionError):
        parse(body)
    assert time.process_time() - start < 2


_MARKUP = st.lists(
    st.sampled_from(
        ["<", ">", "</", "<!--", "-->", "<script>", "</script>", "<p ", '="', "'", "&#0;", "&amp;",
         "<![CDATA[", "]]>", "<?xml ", "?>", "<!doctype html>", "<table>", "<html", "\0", "é", " x"]
    ),
    max_size=60,
)  # fmt: skip


@settings(deadline=None)
@given(st.binary(max_size=2000) | _MARKUP.map("".join).map(str.encode))
def test_any_bytes_give_a_document_or_a_typed_error(body: bytes) -> None:
    with suppress(ExtractionError):
        assert parse(body).tag == "html"


def test_signs_that_lead_to_their_heading_are_no_part_of_it() -> None:
    marks = ("<a href='#rain'>¶</a>", "<a class=anchor href='#rain'>#</a>", "<a href='#r'></a>")
    for mark in marks:
        assert parse(f"<h2>Rain{mark}</h2>".encode()).text_content().strip() == "Rain"
    for kept in ("<a href='#rain'>Rain</a>", "<a href='/rain'>¶</a>", "<a href='#r'>1</a>"):
        assert parse(f"<h2>{kept} falls</h2>".encode()).text_content().strip() != "falls"
