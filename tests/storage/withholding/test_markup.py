"""Words go from a stored page however it writes them, and all other bytes stay."""

import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.withholding.markup import has_words, is_text, redacted_body
from storage.withholding.phrases import MARK, Phrase, spellings

NAME = "Jean-Élie Müller"
PHRASES = [Phrase.of(it) for it in spellings(NAME)]


@pytest.mark.parametrize(
    ("page", "after"),
    [
        ("<p>So {} said</p>", "<p>So [redacted] said</p>"),
        ('<img alt="{}">', '<img alt="[redacted]">'),
        ("<!-- {} -->", "<!-- [redacted] -->"),
    ],
)
@pytest.mark.parametrize(
    "written",
    [
        NAME,
        NAME.upper(),
        "Jean-&Eacute;lie M&uuml;ller",
        "Jean-&#201;lie&nbsp;M&#xFC;ller",
        html.escape("Jean-&Eacute;lie M&uuml;ller"),
        json.dumps(NAME)[1:-1],
        json.dumps(json.dumps(NAME))[3:-3],
        quote(NAME),
        "jean-elie-mueller",
    ],
)
def test_words_go_however_they_are_written(page: str, after: str, written: str) -> None:
    assert redacted_body(page.format(written).encode(), PHRASES).decode() == after


def test_tags_within_and_between_words_stay() -> None:
    page = b"<b>Jean</b>-<i>\xc3\x89l<u>ie</u></i> <a href='/x'>M\xc3\xbcller</a> said"
    after = b"<b>[redacted]</b>-<i><u></u></i> <a href='/x'></a> said"
    assert redacted_body(page, PHRASES) == after


@pytest.mark.parametrize("charset", ["latin-1", "windows-1252", "utf-16", "utf-8-sig"])
def test_the_charset_stays(charset: str) -> None:
    page = f"<p>Ä {NAME} ö</p>".encode(charset)
    assert redacted_body(page, PHRASES).decode(charset) == f"<p>Ä {MARK} ö</p>"


def test_a_charset_that_headers_name() -> None:
    phrases = [Phrase.of(it) for it in spellings("Иван Петров")]
    page = "<p>Это Иван Петров сказал</p>".encode("koi8-r")
    assert redacted_body(page, phrases, "koi8-r").decode("koi8-r") == f"<p>Это {MARK} сказал</p>"


def test_bytes_in_no_charset_stay() -> None:
    page = b"<p>\xff\xfe\x80 " + NAME.encode() + b" \x81</p>"
    assert redacted_body(page, PHRASES) == b"<p>\xff\xfe\x80 [redacted] \x81</p>"


def test_a_page_without_the_words_is_the_same_bytes() -> None:
    page = "<p>Jean Müller, Élie &amp; %C3%89 \\u00e9</p>".encode()
    assert redacted_body(page, PHRASES) is page


def test_what_is_no_text_is_told() -> None:
    assert is_text(b"<p>")
    assert is_text("<p>".encode("utf-16"))
    assert not is_text(b"%PDF-1.7")
    assert not is_text(b"\x00\x01\x02")


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_whatever_is_around_it_the_words_go_and_once_is_enough(before: bytes, after: bytes) -> None:
    page = before + b" jean elie muller " + after
    try:
        redacted = redacted_body(page, PHRASES)
    except ValueError:
        return
    assert not has_words(redacted, PHRASES)
    assert redacted_body(redacted, PHRASES) == redacted
