"""What a tdmrep.json says of a page, whatever is in it."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.metadata.tdm_file import MAX_BYTES, TdmRule, rule_of

SITE = "https://example.org"
# The example of the specification, section 6.2.
EXAMPLE = [
    {"location": "/directory-a/", "tdm-reservation": 1},
    {
        "location": "/directory-b/html/",
        "tdm-reservation": 1,
        "tdm-policy": "https://provider.com/policies/policy.json",
    },
    {"location": "/directory-b/images/*.jpg", "tdm-reservation": 0},
]


def rule(rules: object, path: str) -> TdmRule | None:
    return rule_of(json.dumps(rules).encode(), f"{SITE}{path}")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/directory-a/x", TdmRule(True)),
        ("/directory-a", None),
        ("/Directory-a/x", None),
        ("/directory-b/html/1", TdmRule(True, "https://provider.com/policies/policy.json")),
        ("/directory-b/images/2/3.jpg?large", TdmRule(False)),
        ("/directory-b/images/3.png", None),
        ("", None),
    ],
)
def test_the_specifications_example(path: str, expected: TdmRule | None) -> None:
    assert rule(EXAMPLE, path) == expected


@pytest.mark.parametrize(
    ("location", "path", "matches"),
    [
        ("/", "", True),
        ("*", "/a", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/*/c$", "/a/b/c", True),
        ("/*/c$", "/a/c/d", False),
        ("/a*a$", "/a", False),
        ("/a*", "/a", True),
        ("/*.html$", "/x.html.html", True),
        ("/path/foo-%24", "/path/foo-$", False),
        ("/%7Ejoe/", "/~joe/x", True),
        ("/~joe/", "/%7ejoe/x", True),
        ("/é", "/%C3%A9", True),
        ("/%c3%a9", "/é", True),
        ("/a%2Fb", "/a/b", False),
        ("/a?b=*&c", "/a?b=1&c=2", True),
        ("a", "/a", False),
        ("", "/a", False),
        ("https://example.org/", "/", False),
    ],
)
def test_a_location_is_a_path_as_in_robots_txt(location: str, path: str, matches: bool) -> None:
    found = rule([{"location": location, "tdm-reservation": 1}], path)
    assert found == (TdmRule(True) if matches else None)


def test_the_first_that_matches_counts() -> None:
    rules = [{"location": "/", "tdm-reservation": it} for it in (0, 1)]
    assert rule(rules, "/a") == TdmRule(False)


@pytest.mark.parametrize(
    "broken",
    [
        5,
        [],
        {},
        {"tdm-reservation": 1},
        {"location": "/"},
        {"location": 1, "tdm-reservation": 1},
        {"location": "/", "tdm-reservation": True},
        {"location": "/", "tdm-reservation": 2},
        {"location": "/", "tdm-reservation": [1]},
        {"location": "/" * 2001, "tdm-reservation": 1},
    ],
)
def test_a_rule_that_is_put_wrongly_is_passed_over(broken: object) -> None:
    assert rule([broken, {"location": "/", "tdm-reservation": "1"}], "/") == TdmRule(True)


def test_a_policy_that_is_none_leaves_the_reservation() -> None:
    for policy in (1, "", " ", None, {"a": 1}, "x" * 2001):
        rules = [{"location": "/", "tdm-reservation": 1, "tdm-policy": policy}]
        assert rule(rules, "/") == TdmRule(True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<h1>Not here</h1>",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'[{"location": "/", "tdm-reservation": ' + b"9" * 5000 + b"}]",
        b'{"location": "/", "tdm-reservation": 1}',
        b'[{"location": "/", "tdm-reservation": 1}]' + b" " * MAX_BYTES,
    ],
)
def test_a_file_that_is_none_says_nothing(body: bytes) -> None:
    assert rule_of(body, f"{SITE}/") is None


def test_with_a_byte_order_mark_it_is_read() -> None:
    body = b'\xef\xbb\xbf[{"location": "/", "tdm-reservation": 1}]'
    assert rule_of(body, f"{SITE}/") == TdmRule(True)
    assert rule_of(body, "https://[") is rule_of(body, None) is None


def test_no_pattern_takes_long() -> None:
    rules = [{"location": "/*a*a*a*a*a*a*a*a*a*a*a*b$", "tdm-reservation": 1}] * 1000
    began = time.process_time()
    assert rule(rules, "/" + "a" * 2000) is None
    assert time.process_time() - began < 1


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists), st.text())
def test_whatever_it_holds_nothing_is_raised(rules: object, path: str) -> None:
    rule([{"location": path, "tdm-reservation": rules}, rules], path)
