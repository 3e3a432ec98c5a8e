from tests.scripts.conftest import OLD_TITLE, TITLE
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented


def test_versions_and_checks(console: Console, desk: Desk) -> None:
    shown = console.shows("history", "example.org/bridge")
    assert OLD_TITLE in shown
    assert TITLE in shown
    assert "unchanged" in shown
    assert f"{TITLE} · after 2026-03-01 08:10Z: headline" in " ".join(shown.split())


def test_json(console: Console, desk: Desk) -> None:
    document = console.run("history", "example.org/bridge", "--json").json()
    one, two = document["versions"]
    assert {"version", "title", "text", "first_seen_at", "last_seen_at"} <= set(one)
    assert [(it["version"], it["title"]) for it in (one, two)] == [(1, OLD_TITLE), (2, TITLE)]
    assert one["first_seen_at"] <= one["last_seen_at"] < two["first_seen_at"] < two["last_seen_at"]
    keys = ("edit", "declared", "alternating", "not_before", "not_after")
    assert [one[key] for key in keys] == [[], False, False, None, None]
    assert [two[key] for key in keys] == [
        ["headline", "body", "rewording", "names"],
        False,
        False,
        one["last_seen_at"],
        two["first_seen_at"],
    ]
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


def test_two_wordings_in_turn_and_two_at_once(console: Console, desk: Desk) -> None:
    for number in range(4):
        desk.read("/ferry", f"Ferry {number % 2}", "It is back.")
    shown = " ".join(console.shows("history", "example.org/ferry").split())
    assert shown.count("alternating") == 1
    desk.read("/ferry?page=amp", "Ferries", "It is back.", canonical_url=desk.site + "ferry")
    desk.read("/ferry", "Ferry 1", "It is back.", advert="x")
    assert "beside the one before: headline" in console.shows("history", "example.org/ferry")
