"""How robots.txt is asked for and obeyed: tests/end_to_end/test_robots_txt.py."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from crawler.discovery.robots import MAX_BYTES
from crawler.fetching.robots import parse_rules
from tests.support.properties import examples

AGENT = "Permalien"


def allowed(rules: str | bytes, path: str) -> bool:
    body = rules.encode() if isinstance(rules, str) else rules
    return parse_rules(body, AGENT).allow(f"https://example.org{path}")


@pytest.mark.parametrize(
    "spelling",
    ["Permalien", "permalien", "PERMALIEN", "Permalien*", "Permalien/1.0", "permalien bot"],
)
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
    began = time.process_time()
    assert allowed(agents + rules, "/x1")
    assert not allowed(agents + "User-agent: *\n" + rules, "/x1")
    assert time.process_time() - began < 5


def test_only_the_front_of_an_endless_file_is_read() -> None:
    filler = "# nothing\n" * (MAX_BYTES // 10)
    assert not allowed("User-agent: *\nDisallow: /a\n" + filler, "/a")
    assert allowed(filler + "User-agent: *\nDisallow: /a\n", "/a")


def test_a_line_that_is_cut_off_is_not_read() -> None:
    """ "Disallow: /archive/" cut short would be "Disallow: /"."""
    rule = "User-agent: *\n" + "#" * (MAX_BYTES - 14 - 12) + "\nDisallow: /archive/\n"
    assert rule.encode()[:MAX_BYTES].endswith(b"\nDisallow: /")
    assert allowed(rule, "/news")


class TestExamplesOfTheRfc:
    """RFC 9309, section by section."""

    def test_groups_of_one_agent_are_one(self) -> None:
        """Section 2.2.1."""
        rules = """\
            user-agent: Permalien
            disallow: /foo
            disallow: /bar

            user-agent: BazBot
            disallow: /foo

            user-agent: permalien
            disallow: /baz
            """
        assert [path for path in ("/foo", "/bar", "/baz", "/qux") if allowed(rules, path)] == [
            "/qux"
        ]

    def test_two_agents_of_one_group_and_a_group_without_rules(self) -> None:
        """Section 5.1."""
        group = "User-agent: {}\nUser-agent: quxbot\nDisallow: *.gif$\nAllow: /b.gif\n"
        assert not allowed(group.format("permalien"), "/a.gif")
        assert allowed(group.format("permalien"), "/b.gif?")
        assert allowed("User-Agent: permalien\n\nUser-Agent: *\nDisallow: /\n", "/a") is False
        assert allowed("User-Agent: *\nDisallow: /\n\nUser-Agent: permalien\n", "/a")

    @pytest.mark.parametrize(
        ("path", "uri", "matches"),
        [
            ("/foo/bar?baz=quz", "/foo/bar?baz=quz", True),
            ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", True),
            ("/foo/bar/\N{KATAKANA LETTER TU}", "/foo/bar/%E3%83%84", True),
            ("/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84", True),
            ("/foo/bar/%62%61%7A", "/foo/bar/baz", True),
        ],
    )
    def test_percent_encoding(self, path: str, uri: str, matches: bool) -> None:
        """Section 2.2.2."""
        assert allowed(f"User-agent: *\nDisallow: {path}\n", uri) is not matches

    def test_special_characters(self) -> None:
        """Section 2.2.3."""
        assert allowed("User-agent: *\nDisallow: / # comment in line", "/a") is False
        assert not allowed("User-agent: *\nDisallow: /this/path/exactly$", "/this/path/exactly")
        assert allowed("User-agent: *\nDisallow: /this/path/exactly$", "/this/path/exactly/not")
        assert not allowed("User-agent: *\nDisallow: /this/*/exactly", "/this/x/y/exactly/z")
        assert not allowed(
            "User-agent: *\nDisallow: /path/file-with-a-%2A.html", "/path/file-with-a-*.html"
        )
        assert not allowed("User-agent: *\nDisallow: /path/foo-%24", "/path/foo-$")

    def test_the_longest_match_counts(self) -> None:
        """Section 5.2."""
        rules = (
            "User-Agent: permalien\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif"
        )
        assert allowed(rules, "/example/page/index.html")
        assert not allowed(rules, "/example/page/disallowed.gif")

    def test_of_equal_matches_the_allowing_one(self) -> None:
        """Section 2.2.2."""
        assert allowed("User-agent: *\nDisallow: /page\nAllow: /page\n", "/page")

    def test_robots_txt_itself_is_allowed(self) -> None:
        """Section 2.2.2."""
        assert allowed("User-agent: *\nDisallow: /\n", "/robots.txt")

    def test_other_records_end_no_group(self) -> None:
        """Section 2.2.4."""
        rules = """\
            User-Agent: *
            Disallow: /
            Sitemap: https://example.com/sitemap.xml

            User-Agent: permalien
            Sitemap: https://example.com/sitemap2.xml
            Allow: /
            """
        assert allowed(rules, "/a")

    @pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
    def test_lines_end_in_three_ways(self, end: str) -> None:
        """Section 2.2."""
        assert not allowed(end.join(["User-agent: *", "Disallow: /a", ""]), "/a")


@pytest.mark.parametrize(
    ("lines", "asked", "kept"),
    [
        ("Crawl-delay: 5", 5, 5),
        ("Crawl-delay: 0.5", 0.5, 0.5),
        ("crawl-delay:300", 300, 60),
        ("Crawl-delay: 1e300", 1e300, 60),
        ("Crawl-delay: -5", 0, 0),
        ("Crawl-delay: nan", 0, 0),
        ("Crawl-delay: soon", 0, 0),
        ("Disallow: /a", 0, 0),
        ("Crawl-delay: 5\n\nUser-agent: permalien\nCrawl-delay: 2", 2, 2),
        ("Crawl-delay: 5\n\nUser-agent: other\nCrawl-delay: 2", 5, 5),
    ],
)
def test_a_crawl_delay_is_kept_up_to_a_minute(lines: str, asked: float, kept: float) -> None:
    rules = parse_rules(f"User-agent: *\n{lines}\n".encode(), AGENT)
    assert (rules.crawl_delay, rules.delay) == (asked, kept)


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


@settings(deadline=None, max_examples=examples(100))
@given(st.lists(LINES, max_size=12), st.sampled_from(["/", "/a", "/a/b", "/c"]))
def test_means_what_it_means_to_a_parser_of_every_group(lines: list[str], path: str) -> None:
    text = "\n".join(lines)
    expected = Protego.parse(text).can_fetch(f"https://example.org{path}", AGENT)
    assert allowed(text, path) is expected
