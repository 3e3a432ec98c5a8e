from tests.support.archiving import Desk
from tests.support.console import Console, undocumented


def test_an_archive_without_sources_says_how_to_add_one(console: Console) -> None:
    assert "permalien add URL" in console.shows("sources")
    assert console.run("sources", "--json").json() == []


def test_what_the_archive_holds_of_each(console: Console, desk: Desk) -> None:
    line = console.shows("sources").splitlines()[1]
    assert line.split()[:3] == ["example.org", "2", "2"]


def test_json(console: Console, desk: Desk) -> None:
    (source,) = console.run("sources", "--json").json()
    assert (source["name"], source["url"]) == ("example.org", "https://example.org/")
    assert (source["articles"], source["pages"], source["feeds"]) == (2, 2, 0)
    assert (source["delay"], source["allow_private"], source["enabled"]) == (1.0, False, True)
    assert undocumented(source) == set()
