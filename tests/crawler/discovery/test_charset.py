import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.charset import CHUNK, to_utf8

TEXT = "<t>Élève, naïve, œuf</t>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), None),
        (TEXT.encode(), "text/xml; charset=iso-8859-1"),
        (b'<?xml version="1.0" encoding="utf-16"?>' + TEXT.encode(), None),
        (codecs.BOM_UTF8 + TEXT.encode(), "text/xml; charset=iso-8859-1"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), None),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), None),
        (TEXT.encode("cp1252"), None),
        (TEXT.encode("cp1252"), "text/xml; charset=utf-8-nonsense"),
        (b'<?xml version="1.0" encoding="windows-1252"?>' + TEXT.encode("cp1252"), None),
        (TEXT.encode("iso8859-15"), "text/xml; charset=iso-8859-15"),
    ],
)
def test_the_text_whatever_is_declared(body: bytes, content_type: str | None) -> None:
    assert to_utf8(body, content_type).endswith(TEXT.encode())


def test_utf8_with_a_few_bytes_damaged_is_utf8() -> None:
    body = b'<?xml version="1.0" encoding="utf-8"?>' + "é".encode() * 30 + b"\xe9 "
    assert to_utf8(body).endswith("é".encode() * 30 + "\ufffd ".encode())


def test_utf8_by_declaration_alone_is_not() -> None:
    body = b'<?xml version="1.0" encoding="utf-8"?>' + "été à Évian".encode("cp1252")
    assert to_utf8(body).endswith("été à Évian".encode())


def test_seven_bit_encodings_are_believed() -> None:
    body = b'<?xml version="1.0" encoding="ISO-2022-JP"?>' + "東京".encode("iso2022_jp")
    assert to_utf8(body).endswith("東京".encode())


@pytest.mark.parametrize(
    "label", ["zlib", "base64", "idna", "punycode", "undefined", "utf-7", "utf-16"]
)
def test_what_is_no_encoding_of_pages_is_not_used(label: str) -> None:
    body = f'<?xml version="1.0" encoding="{label}"?>'.encode() + "été".encode("cp1252")
    assert to_utf8(body).endswith("été".encode())


def test_a_body_cut_inside_a_character_is_still_utf8() -> None:
    assert to_utf8("naïve é".encode()[:-1]).startswith("naïve ".encode())


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])), pad=st.integers(0, 3))
def test_characters_across_chunks_survive(text: str, pad: int) -> None:
    body = b"a" * (CHUNK - 2 - pad) + text.encode()
    assert to_utf8(codecs.BOM_UTF8 + body) == body


@given(body=st.binary(max_size=200), content_type=st.none() | st.text(max_size=30))
def test_the_result_is_utf8_but_for_a_character_that_was_cut(
    body: bytes, content_type: str | None
) -> None:
    # not the end of it: what was cut inside a character stays as it is
    codecs.getincrementaldecoder("utf-8")("strict").decode(to_utf8(body, content_type))
