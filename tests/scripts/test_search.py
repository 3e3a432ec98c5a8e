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
    assert hit["version_id"] == hit["identifier"] == desk.history("/bridge")[-1].identifier


def test_nothing_found_is_an_empty_list(console: Console, desk: Desk) -> None:
    done = console.run("search", "xylophone", "--json")
    assert (done.code, done.json()) == (1, [])


def test_by_source_and_day(console: Console, desk: Desk) -> None:
    assert console.run("search", "bridge", "--source", "example.org", "--limit", "1").code == 0
    assert "no source" in console.fails("search", "bridge", "--source", "none.example")
    assert "--since" in console.fails("search", "bridge", "--since", "yesterday", code=2)
    assert "nothing found" in console.fails("search", "bridge", "--until", "2026-03-01")
    assert console.run("search", "bridge", "--since", "2026-03-01").code == 0


def test_a_word_that_is_not_to_be_there(console: Console, desk: Desk) -> None:
    assert "ferry" in console.shows("search", "away", "-bridge")
    assert "nothing found" in console.fails("search", "away", "-month")
    assert "nothing found" in console.fails("search", "away -month")
    assert "No such option" in console.fails("search", "away", "--mont", code=2)


def test_where_a_query_is_wrong(console: Console, desk: Desk) -> None:
    done = console.run("search", "bridge", "(ferry")
    assert (done.code, done.out) == (2, "")
    query, mark, message = done.err.splitlines()
    assert query[mark.index("^")] == "("
    assert "never closed" in message


def test_counts(console: Console, desk: Desk) -> None:
    assert console.run("search", "ferry", "--counts", "month", "--json").json() == [
        {"start": "2026-03-01", "count": 1}
    ]
    told = console.shows("search", "bridge OR ferry", "--counts", "day", "--by", "source", "--csv")
    assert told.splitlines() == ["start,source,count", "2026-03-01,example.org,2"]
    assert console.run("search", "xylophone", "--counts", "year").code == 1


def test_the_past(console: Console, desk: Desk) -> None:
    at = "2026-03-01T08:15:00Z"
    (hit,) = console.run("search", "Monday", "--as-of", at, "--json").json()
    assert (hit["version"], hit["identifier"] != "") == (1, True)
    assert "nothing found" in console.fails("search", "Monday", "--as-of", "2026-03-01")
    assert "nothing found" in console.fails("search", "Monday", "--known-by", "2026-03-02")
    (hit,) = console.run("search", "Monday", "--versions", "all", "--json").json()
    assert hit["version"] == 1
    assert "nothing found" in console.fails("search", "change:headline change:declared")
    assert "/bridge" in console.shows("search", "change:headline change:silent")


def test_pages(console: Console, desk: Desk) -> None:
    first = console.shows("search", "bridge OR ferry", "--limit", "1")
    cursor = first.split()[-1]
    assert "1 of 2 found" in first
    rest = console.shows("search", "bridge OR ferry", "--cursor", cursor)
    assert "1 of 2 found" in rest
    (hit,) = console.run("search", "bridge OR ferry", "--limit", "1", "--json").json()
    assert hit["cursor"] == cursor


def test_into_a_pipe_nothing_drives_a_terminal(console: Console, desk: Desk) -> None:
    desk.read("/evil", "Evil \x1b[2J title", "Evil \x1b]0;x\x07 words \u202e end")
    for form in ([], ["--json"], ["--csv"]):
        told = console.shows("search", "evil", *form)
        assert not set("\x1b\x07\u202e") & set(told)


def test_the_index(console: Console, desk: Desk) -> None:
    assert "documents" in console.shows("index")
    state = console.run("index", "--rebuild", "--json").json()
    assert (state["behind"], state["documents"]) == (0, 3)
    assert undocumented(state) == set()


def test_an_index_that_is_behind_says_so(
    console: Console, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.shows("index")
    desk.read("/new", "A bridge", "Of today.")
    monkeypatch.setattr("storage.search.search.PATIENCE", -1)
    monkeypatch.setattr("storage.search.follower.count_since", lambda *_, **__: 3)
    monkeypatch.setattr("storage.search.index.SearchIndex.writing", _busy)
    done = console.run("search", "bridge", "--json")
    assert (done.code, len(done.json())) == (0, 1)
    assert "3 changes behind" in done.err


def _busy(*_: object, **__: object) -> object:
    raise TimeoutError
