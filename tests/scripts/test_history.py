from tests.scripts.conftest import OLD_TITLE, TITLE
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented


def test_versions_and_checks(console: Console, desk: Desk) -> None:
    shown = console.shows("history", "example.org/bridge")
    assert OLD_TITLE in shown
    assert TITLE in shown
    assert "unchanged" in shown


def test_json(console: Console, desk: Desk) -> None:
    document = console.run("history", "example.org/bridge", "--json").json()
    one, two = document["versions"]
    assert {"version", "title", "text", "first_seen_at", "last_seen_at"} <= set(one)
    assert [(it["version"], it["title"]) for it in (one, two)] == [(1, OLD_TITLE), (2, TITLE)]
    assert one["first_seen_at"] <= one["last_seen_at"] < two["first_seen_at"] < two["last_seen_at"]
    assert [it["outcome"] for it in document["checks"]] == ["unchanged", "fetched", "fetched"]
    assert [it["version"] for it in document["checks"]] == [2, 2, 1]
    assert undocumented(document) == set()


def test_as_many_checks_as_are_asked_for(console: Console, desk: Desk) -> None:
    for count in (0, 1):
        document = console.run("history", "example.org/bridge", "--checks", str(count), "--json")
        assert len(document.json()["checks"]) == count


def test_a_removal_is_in_the_history(console: Console, desk: Desk) -> None:
    document = console.run("history", "example.org/ferry", "--json").json()
    assert document["state"] == "gone"
    assert document["checks"][0]["outcome"] == "gone"


def test_what_is_not_there(console: Console, desk: Desk) -> None:
    assert "no article" in console.fails("history", "example.org/none")
