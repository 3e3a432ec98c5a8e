from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.xml import (
    MAX_MARKUP,
    MAX_REPAIRS,
    clean,
    elements,
    local_name,
    namespace,
    root_name,
    text_of,
)


def texts(body: bytes, name: str = "item") -> list[str]:
    return [text_of(element) for element in elements(clean(body), name)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"a &amp; b &lt;c&gt; &#233; &#xe9;", "a & b <c> é é"),
        (b"?a=1&b=2&c", "?a=1&b=2&c"),
        (b"caf&eacute;&nbsp;x", "café\xa0x"),
        (b"&unknown; &lang", "&unknown; &lang"),
        (b"<![CDATA[a & b ]] ]> &eacute; <c>]]>", "a & b ]] ]> &eacute; <c>"),
        (b"\x00\x0bvertical", "vertical"),
        (b"<b>bold</b> tail", "bold tail"),
        ("naïve".encode("cp1252"), "naïve"),
    ],
)
def test_text_as_feeds_write_it(written: bytes, read: str) -> None:
    assert texts(b"<rss><item>" + written + b"</item></rss>") == [read]


def test_references_survive_an_error_before_them() -> None:
    assert texts(b"<rss><b></x><item>a &amp; b &lt;c&gt; &#233;</item></rss>") == ["a & b <c> é"]


@pytest.mark.parametrize(
    "before", [b"\n\n ", b"\xef\xbb\xbf", b"<br />\n<b>Warning</b>: in feed.php on line 3\n"]
)
def test_what_stands_before_the_document_is_skipped(before: bytes) -> None:
    document = clean(before + b'<?xml version="1.0"?><rss><item>1</item></rss>')
    assert root_name(document) == "rss"
    assert [text_of(each) for each in elements(document, "item")] == ["1"]


def test_names_are_local_and_namespaces_apart() -> None:
    (item,) = elements(clean(b'<n:RSS xmlns:n="urn:n"><n:item/></n:RSS>'), "item")
    assert (local_name(item), namespace(item)) == ("item", "urn:n")
    assert root_name(b'<n:RSS xmlns:n="urn:n"/>') == "rss"
    assert root_name(b"no markup") == ""


def test_a_document_cut_short_gives_what_was_whole() -> None:
    assert texts(b"<rss><item>1</item><item>2") == ["1"]


def test_no_entity_is_expanded_and_no_file_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">'
        f'<!ENTITY y "expanded"><!ENTITY % z SYSTEM "{secret.as_uri()}"> %z;]>'
        "<rss><item>&x;</item><item>&y;</item></rss>"
    )
    assert texts(body.encode()) == ["&x;", "&y;"]
    broken = body.replace("]>", "it's broken]>", 1)
    assert not {"SECRET", "expanded"} & set(texts(broken.encode()))


def test_a_billion_laughs_stay_one() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    assert texts(f"<!DOCTYPE r [{laughs}]><rss><item>&l9;</item></rss>".encode()) == ["&l9;"]


def test_depth_is_bounded() -> None:
    assert texts(b"<rss><item>1</item>" + b"<a>" * 100_000) == ["1"]


def test_markup_outside_of_elements_is_bounded() -> None:
    junk = b"<a/>" * (MAX_MARKUP + 1)
    assert texts(b"<rss><item>1</item>" + junk + b"<item>2</item></rss>") == ["1"]


def test_markup_inside_of_elements_is_not() -> None:
    count = MAX_MARKUP // 8 + 1
    body = b"<rss>" + b"<item><a/><b/><c/><d/>x</item>" * count + b"</rss>"
    assert len(texts(body)) == count


def test_ampersands_survive_when_there_are_too_many_to_repair() -> None:
    body = (
        b"<rss><item>" + b"&eacute;" * MAX_REPAIRS + b"</item><item>a&amp;b &x; &#233;</item></rss>"
    )
    assert texts(body)[1] == "a&b &x; é"


PIECES = (
    *(b"<rss>", b"<item>", b"</item>", b"<a b='", b"&", b"&x;", b"<![CDATA[", b"]]>", b"<!--"),
    *(b"-->", b"<?xml ", b"?>", b"\xff", b"\x00", b"text", b"<!DOCTYPE r [", b"]>", b">", b"'"),
)


@given(body=st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join) | st.binary(max_size=100))
def test_any_bytes_are_read(body: bytes) -> None:
    assert isinstance(root_name(clean(body)), str)
    assert all(isinstance(text, str) for text in texts(body))
