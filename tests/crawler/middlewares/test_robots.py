"""How robots.txt is asked for and obeyed: tests/end_to_end/test_hostile_web.py."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from crawler.discovery.robots import MAX_BYTES
from crawler.middlewares.robots import parse_rules

AGENT = "Permalien"


def allowed(rules: str | bytes, path: str) -> bool:
    body = rules.encode() if isinstance(rules, str) else rules
    return parse_rules(body, AGENT).can_fetch(f"https://example.org{path}", AGENT)


@pytest.mark.parametrize("spelling", ["Permalien", "permalien", "PERMALIEN", "Permalien*"])
def test_our_own_group_counts_and_no_other(spelling: str) -> None:
    rules = f"User-agent: *\nDisallow: /\n\nuser-agent: {spelling}\nDisallow: /private\n"
    assert allowed(rules, "/news")
    assert not allowed(rules, "/private/1")


def test_the_group_for_all_counts_where_none_is_ours() -> None:
    rules = "User-agent: other\nAllow: /\n\nUser-agent: *\nDisallow: /\nAllow: /news/\n"
    assert allowed(rules, "/news/1")
    assert not allowed(rules, "/archive")


def test_what_others_may_not_is_no_matter() -> None:
    assert allowed("User-agent: other\nUser-agent: third\nDisallow: /\n", "/news")
    assert allowed("User-agent: PermalienX\nDisallow: /\n", "/news")


def test_a_group_of_several_agents_is_ours_too() -> None:
    assert not allowed("User-agent: other\nUser-agent: permalien # us\nDisallow: /\n", "/news")


def test_a_byte_order_mark_and_bad_utf_8_hide_nothing() -> None:
    assert not allowed(b"\xef\xbb\xbfUser-agent: *\nDisallow: /a\n\xff\xfe", "/a")


@pytest.mark.parametrize("body", ["", "\0", "<!DOCTYPE html><h1>Hello", "Disallow: /"])
def test_what_says_nothing_allows_everything(body: str) -> None:
    assert allowed(body, "/news")


def test_a_file_that_names_ten_thousand_agents_costs_no_more_than_its_length() -> None:
    """A parser that keeps each agent's rules would keep a hundred million here."""
    agents = "".join(f"User-agent: a{n}\n" for n in range(10_000))
    rules = "".join(f"Disallow: /x{n}\n" for n in range(10_000))
    began = time.perf_counter()
    assert allowed(agents + rules, "/x1")
    assert not allowed(agents + "User-agent: *\n" + rules, "/x1")
    assert time.perf_counter() - began < 5


def test_only_the_front_of_an_endless_file_is_read() -> None:
    filler = "# nothing\n" * (MAX_BYTES // 10)
    assert not allowed("User-agent: *\nDisallow: /a\n" + filler, "/a")
    assert allowed(filler + "User-agent: *\nDisallow: /a\n", "/a")


LINES = st.sampled_from(
    [
        "User-agent: *",
        "User-agent: permalien",
        "user agent other",
        "User-Agent : other",
        "Disallow: /a",
        "Disallow: /",
        "Allow: /a/b",
        "Sitemap: https://example.org/s.xml",
        "# a comment",
        "",
    ]
)


@settings(deadline=None, max_examples=200)
@given(st.lists(LINES, max_size=12), st.sampled_from(["/", "/a", "/a/b", "/c"]))
def test_means_what_it_means_to_a_parser_of_every_group(lines: list[str], path: str) -> None:
    text = "\n".join(lines)
    expected = Protego.parse(text).can_fetch(f"https://example.org{path}", AGENT)
    assert allowed(text, path) is expected
