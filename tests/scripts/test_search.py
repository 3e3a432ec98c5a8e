import pytest

from tests.scripts.conftest import TITLE
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented


@pytest.mark.parametrize("words", [("bridge",), ("CAFE", "tuesday"), ('"stay open"',)])
def test_finds_what_the_current_version_says(
    console: Console, desk: Desk, words: tuple[str, ...]
) -> None:
    shown = console.shows("search", *words)
    assert TITLE in shown
    assert "https://example.org/bridge" in shown


def test_what_no_version_says_any_more_is_not_found(console: Console, desk: Desk) -> None:
    assert "nothing found" in console.fails("search", "Monday")


def test_json(console: Console, desk: Desk) -> None:
    (hit,) = console.run("search", "engineers", "--json").json()
    assert (hit["url"], hit["title"], hit["version"]) == ("https://example.org/bridge", TITLE, 2)
    assert "[engineers]" in hit["snippet"]
    assert undocumented(hit) == set()


def test_nothing_found_is_an_empty_list(console: Console, desk: Desk) -> None:
    done = console.run("search", "xylophone", "--json")
    assert (done.code, done.json()) == (1, [])


def test_by_source_and_day(console: Console, desk: Desk) -> None:
    assert console.run("search", "bridge", "--source", "example.org", "--limit", "1").code == 0
    assert "no source" in console.fails("search", "bridge", "--source", "none.example")
    assert "--since" in console.fails("search", "bridge", "--since", "yesterday", code=2)
    assert "nothing found" in console.fails("search", "bridge", "--until", "2026-03-01")
    assert console.run("search", "bridge", "--since", "2026-03-01").code == 0
