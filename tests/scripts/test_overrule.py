"""`permalien overrule`, of an archive whose history is put in by hand. What a crawl judged is
overruled in tests/end_to_end/test_judging.py."""

import pytest

from storage.database.archive import Archive
from storage.templates.layouts import record_site_change, save_layouts
from tests.scripts.test_site_changes import DAY, block, learned
from tests.support.archiving import START, Desk
from tests.support.console import Console, undocumented


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """A layout that was new, and a change on many pages that no stored page shows."""
    desk = Desk(archive)
    with archive.writing() as session:
        save_layouts(session, desk.source.id, [learned("old", block("m", "Home"))], START)
        both = [learned("old", block("m", "Home")), learned("new", block("n", "Top"))]
        save_layouts(session, desk.source.id, both, START + DAY)
        record_site_change(session, desk.source.id, ("old", "old"), [("+", "k")], 8, 6, START)
    return desk


def numbers(console: Console) -> dict[str, str]:
    """The numbers of the changes, by kind."""
    shown = console.run("boilerplate", "example.org", "--changes", "--json").json()["changes"]
    return {it["kind"]: it["number"] for it in shown}


def test_what_is_said_is_listed_and_shown_beside_the_change(console: Console, desk: Desk) -> None:
    assert "Nothing" in console.shows("overrule", "example.org")
    change = numbers(console)["pages"]
    told = console.shows("overrule", "example.org", change, "--why", "Edits\x1b", "--by", "Ada")
    assert "no change of the site's, but edits" in told
    assert "Edits\ufffd  (Ada)" in told
    assert "0 versions" in told
    document = console.run("overrule", "example.org", "--json").json()
    assert undocumented(document) == set()
    (said,) = document["overrulings"]
    assert said["undone"] is None
    assert "overruled" in console.shows("boilerplate", "example.org", "--changes")
    changes = console.run("boilerplate", "example.org", "--changes", "--json").json()["changes"]
    assert [it["overruled_by"] for it in changes] == [None, said["number"]]
    undone = ("--undo", str(said["number"]), "--why", "no", "--by", "Bo")
    assert "taken back on" in console.shows("overrule", "example.org", *undone)
    assert "overruled" not in console.shows("boilerplate", "example.org", "--changes")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["pages"], 2, "say --why"),
        (["pages", "--why", " "], 2, "say --why"),
        (["--by", "Ada"], 2, "name a CHANGE"),
        (["pages", "--undo", "1", "--why", "x"], 2, "--undo goes without"),
        (["pages", "c2", "--why", "x"], 2, "name one CHANGE"),
        (["z" * 16, "c2", "--why", "x"], 2, "name one CHANGE"),
        (["c999", "--why", "x"], 1, "no site-wide change c999"),
        (["layout", "--why", "x"], 1, "is a new layout: say with --block"),
        (["pages", "--block", "z", "--why", "x"], 1, "no block z in change c"),
        (["z" * 15 + "7", "--why", "x"], 1, "no version"),
        (["what", "--why", "x"], 1, "neither the number of a change nor a version"),
    ],
)
def test_what_can_t_be_said(
    console: Console, desk: Desk, arguments: list[str], code: int, says: str
) -> None:
    given = numbers(console)
    wanted = [given.get(it, it) for it in arguments]
    assert says in console.fails("overrule", "example.org", *wanted, code=code)
