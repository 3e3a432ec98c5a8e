import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.page.charset import decode_text

RUSSIAN = "Президент подписал закон о бюджете на следующий год, сообщает пресс-служба."
JAPANESE = "首相は記者会見で新しい政策を発表した。国会は来週開かれる。"
FRENCH = "Le maire a été réélu à la majorité, « c’est une victoire », a-t-il déclaré."


def page(text: str, head: str = "", lang: str = "") -> str:
    return f"<html{lang}><head>{head}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("encoding", "content_type", "head"),
    [
        ("utf-8", None, ""),
        ("utf-8", "text/html; charset=ISO-8859-1", ""),  # the header lies
        ("utf-8", None, '<meta charset="iso-8859-1">'),  # the page lies
        ("utf-8-sig", "text/html; charset=windows-1252", ""),
        ("cp1252", "text/html; charset=ISO-8859-1", ""),  # the Encoding Standard's reading of it
        ("cp1252", "text/html; charset=utf-8", '<meta charset="windows-1252">'),
        ("cp1252", None, ""),
        ("utf-16", None, ""),
        ("utf-16-le", "text/html", ""),
    ],
)
def test_text_is_read_whatever_the_labels(
    encoding: str, content_type: str | None, head: str
) -> None:
    written = page(FRENCH, head)
    assert decode_text(written.encode(encoding), content_type) == written


@pytest.mark.parametrize(
    ("text", "encoding", "lang"),
    [
        (RUSSIAN, "cp1251", ' lang="ru"'),
        (RUSSIAN, "cp1251", ""),
        (JAPANESE, "cp932", ' lang="ja-JP"'),
        (JAPANESE, "cp932", ""),
    ],
)
def test_undeclared_encodings_are_guessed(text: str, encoding: str, lang: str) -> None:
    written = page(text * 3, lang=lang)
    assert decode_text(written.encode(encoding)) == written


def test_seven_bit_encodings_are_not_taken_for_utf_8() -> None:
    written = page(JAPANESE, '<meta charset="iso-2022-jp">')
    assert decode_text(written.encode("iso2022_jp")) == written


def test_a_declaration_nobody_knows_is_no_declaration() -> None:
    written = page(FRENCH)
    assert decode_text(written.encode("cp1252"), "text/html; charset=x-klingon") == written


@pytest.mark.parametrize(
    "label", ["zlib", "base64", "rot13", "idna", "punycode", "undefined", "unicode_escape", "cp037"]
)
@pytest.mark.parametrize("in_header", [True, False])
def test_what_python_alone_calls_an_encoding_is_no_declaration(label: str, in_header: bool) -> None:
    written = page(FRENCH + r"\d", "" if in_header else f'<meta charset="{label}">')
    content_type = f"text/html; charset={label}" if in_header else None
    assert decode_text(written.encode("cp1252"), content_type) == written


def test_a_body_cut_inside_a_character_keeps_its_encoding() -> None:
    written = page(FRENCH, '<meta charset="windows-1252">').encode()
    cut = written.index("é".encode()) + 1
    assert decode_text(written[:cut]).endswith("a ")


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    body = page(RUSSIAN).encode().replace("закон".encode(), b"\xff", 1)
    text = decode_text(body, "text/html; charset=windows-1251")
    assert "Президент" in text
    assert text.count("\ufffd") == 1


def test_a_replacement_character_the_page_shows_is_no_damage() -> None:
    written = page("\ufffd" * 50 + "é")
    assert decode_text(written.encode() + b"\xff", "text/html; charset=cp1252").startswith(written)


@settings(deadline=None)
@given(st.binary(max_size=3000), st.none() | st.text(max_size=60))
def test_any_bytes_give_the_same_text_twice(body: bytes, content_type: str | None) -> None:
    assert decode_text(body, content_type) == decode_text(body, content_type)


@settings(deadline=None)
@given(
    st.binary(max_size=3000)
    | st.text(max_size=300).map(lambda text: text.encode("cp037", "replace"))
)
def test_no_encoding_is_guessed_in_which_markup_is_none(body: bytes) -> None:
    assert decode_text(b"<p>" + body).startswith("<p>")
