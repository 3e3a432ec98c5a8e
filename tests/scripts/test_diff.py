import pytest

from tests.support.archiving import Desk
from tests.support.console import Console, undocumented


def test_what_changed_between_the_last_two(console: Console, desk: Desk) -> None:
    shown = console.shows("diff", "example.org/bridge")
    assert "Version 1 to 2" in shown
    assert "[-Monday-]" in shown
    assert "{+Tuesday+}" in shown
    assert "engineers" not in shown
    assert "engineers" in console.shows("diff", "example.org/bridge", "--all")


def test_backwards(console: Console, desk: Desk) -> None:
    shown = console.shows("diff", "example.org/bridge", "2", "1")
    assert "[-Tuesday-]" in shown
    assert "edited between 2026-03-01 08:10Z and 2026-03-01 08:20Z: " in shown


def test_versions_by_their_identifiers(console: Console, desk: Desk) -> None:
    old, new = (it.identifier for it in desk.history("/bridge"))
    assert "Version 1 to 2" in console.shows("diff", new)
    assert "Version 2 to 1" in console.shows("diff", new, old)
    assert "Version 1 to 2" in console.shows("diff", "example.org/bridge", old, "2")
    assert "first version" in console.fails("diff", old)


def test_json(console: Console, desk: Desk) -> None:
    document = console.run("diff", "example.org/bridge", "1", "2", "--json").json()
    assert (document["from"], document["to"]) == (1, 2)
    assert document["not_before"] < document["not_after"]
    new = "".join(it["text"] for it in document["text"] if it["op"] != "delete")
    assert new == "The council met on Tuesday.\nIt heard the engineers.\nThe café stays."
    assert undocumented(document) == set()


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (("example.org/ferry",), "one version", 1),
        (("example.org/bridge", "1", "9"), "no version 9", 1),
        (("example.org/none",), "no article", 1),
        (("example.org/bridge", "1", "2", "2"), "two versions at most", 2),
    ],
)
def test_nothing_to_compare(
    console: Console, desk: Desk, arguments: tuple[str, ...], says: str, code: int
) -> None:
    assert says in console.fails("diff", *arguments, code=code)


def test_two_versions_that_were_seen_side_by_side(console: Console, desk: Desk) -> None:
    desk.read("/b", "Bridges", "It is back.")
    desk.read("/b?page=amp", "Bridge", "It is back.", canonical_url=desk.site + "b")
    desk.read("/b", "Bridges", "It is back.", advert="x")
    assert "both seen at 2026-03-01 09:10Z: headline" in console.shows("diff", "example.org/b")
