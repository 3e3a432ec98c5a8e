"""How values are written: nothing of the web is taken for markup."""

from datetime import UTC, datetime

import pytest

from reader.formats import BRACKETS, filters


def test_a_snippet_is_marked_and_stays_text() -> None:
    marked = filters("en")["marked"]
    opening, closing = BRACKETS
    assert marked(f"a {opening}b{closing} <i>") == "a <mark>b</mark> &lt;i&gt;"
    # What is not in pairs was in the text itself.
    assert marked(f"{closing}<b>{opening}<c>") == "&lt;b&gt;&lt;c&gt;"


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/", True),
        ("http://example.org/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        (" https://example.org/", False),
    ],
)
def test_only_addresses_of_the_web_are_linked_to(url: str, linked: bool) -> None:
    assert filters("en")["web"](url) == (url if linked else "")


@pytest.mark.parametrize(
    ("said", "kept"), [("fr-CA", "fr-CA"), (None, ""), ('"><script>', ""), ("fr onload", "")]
)
def test_a_language_is_one_or_none(said: str | None, kept: str) -> None:
    assert filters("en")["lang"](said) == kept


def test_times_and_numbers_are_written_as_the_language_does() -> None:
    when = datetime(2026, 11, 25, 18, 5, tzinfo=UTC)
    assert "25 November 2026, 18:05 UTC" in filters("en")["time"](when)
    assert "25 novembre 2026, 18:05 UTC" in filters("fr")["time"](when)
    assert 'datetime="2026-11-25T18:05:00Z"' in filters("en")["time"](when)
    assert filters("en")["number"](1234567) == "1,234,567"
    assert filters("fr")["number"](1234567) == "1\u202f234\u202f567"
    assert filters("fr")["language_name"]("en") == "anglais"
    assert filters("en")["language_name"]("<x>") == "<x>"  # which the template escapes
