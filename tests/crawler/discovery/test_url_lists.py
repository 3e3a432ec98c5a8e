import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.candidates import MAX_CANDIDATES
from crawler.discovery.url_lists import MAX_ERRORS, MAX_LINES, read_url_list


def test_a_list_with_all_that_people_write() -> None:
    body = (
        b"\xef\xbb\xbf# Our sources\r\n"
        b"\r\n"
        b"https://example.org/a  # the first\r\n"
        b"  https://example.org/b#part\r\n"
        b"example.org/c\r\n"
        b"https://example.org/a?utm_source=x\r\n"
        b"ftp://example.org/d"
    )
    found = read_url_list(body)
    assert [each.url for each in found.candidates] == [
        "https://example.org/a",
        "https://example.org/b",
    ]
    assert [each.line for each in found.errors] == [5, 7]
    assert "write https://" in found.errors[0].message
    assert "neither http nor https" in found.errors[1].message


def test_a_list_in_another_encoding() -> None:
    body = "https://example.org/été".encode("utf-16")
    assert read_url_list(body).candidates[0].url == "https://example.org/%C3%A9t%C3%A9"


@pytest.mark.parametrize(
    "body",
    [
        b"\n" * 5_000_000,
        b"x\n" * 1_000_000,
        b"https://example.org/a\n" * 500_000,
        b"https://example.org/" + b"a" * 5_000_000,
        b"#" * 5_000_000,
        b" " * 5_000_000,
    ],
    ids=["blank", "no URLs", "one URL", "long URL", "comment", "spaces"],
)
def test_reading_is_bounded(body: bytes) -> None:
    started = time.process_time()
    found = read_url_list(body)
    assert len(found.candidates) <= 1
    assert len(found.errors) <= MAX_ERRORS
    assert time.process_time() - started < 4


def test_bounds_on_lines() -> None:
    many = b"".join(b"https://example.org/%d\n" % n for n in range(MAX_CANDIDATES + 1))
    assert len(read_url_list(many).candidates) == MAX_CANDIDATES
    assert read_url_list(b"\n" * MAX_LINES + b"https://example.org/").candidates == ()


@given(body=st.binary(max_size=200))
def test_any_bytes_are_a_list(body: bytes) -> None:
    found = read_url_list(body)
    assert all(each.line >= 1 for each in found.errors)
