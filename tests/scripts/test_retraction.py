"""What commands say of a version that turned out to be no edit."""

import json

import pytest

from storage.database.archive import Archive
from storage.history.version_records import history
from tests.support.console import Console, undocumented
from tests.support.learning import BANNER, Learning


@pytest.fixture
def desk(archive: Archive) -> Learning:
    """An article in two versions, and one between them that is retracted."""
    desk = Learning(archive)
    for words in ("One two three.", "One two three." + BANNER, "One two four." + BANNER):
        desk.read("/a", "Title", words)
    desk.template = "banner"
    desk.reread_all("/a")
    return desk


def identifier_of_retracted(desk: Learning) -> str:
    with desk.archive.reading() as session:
        (found,) = (
            it
            for it in history(session, desk.article("/a").id, retracted=True)
            if it.retracted_at is not None
        )
        return found.identifier


def test_lists_leave_it_out_unless_it_is_asked_for(console: Console, desk: Learning) -> None:
    gone = identifier_of_retracted(desk)
    assert gone not in console.shows("history", "example.org/a")
    told = console.shows("history", "example.org/a", "--retracted")
    assert gone in told
    assert "retracted on" in " ".join(told.split())
    document = console.run("history", "example.org/a", "--retracted", "--json").json()
    assert [bool(it["retracted_at"]) for it in document["versions"]] == [False, True, False]
    assert [it["edit"] != [] for it in document["versions"]] == [False, False, True]
    assert undocumented(document) == set()
    assert "Version 1 to 3" in console.shows("diff", "example.org/a")
    assert console.run("edits", "example.org/a", "--json").json()[0]["from_version"] == 1
    for more, numbers in (((), [1, 3]), (("--retracted",), [1, 2, 3])):
        lines = console.run("export", "-", "--all-versions", *more).out.splitlines()
        assert [json.loads(line)["version"] for line in lines] == numbers


def test_its_identifier_resolves_and_says_why(console: Console, desk: Learning) -> None:
    gone = identifier_of_retracted(desk)
    stands = desk.history("/a")[0].identifier
    why = "reads as version 1 before it"
    shown = " ".join(console.shows("show", gone).split())
    assert "this version was retracted on" in shown
    assert f"({why}): version 1 ({stands}) counts in its stead" in shown
    document = console.run("show", gone, "--json").json()
    assert document["retracted"]["version_id"] == stands
    assert (document["version"], document["versions"]) == (2, 2)
    assert undocumented(document) == set()
    assert f"({why}): version 1 ({stands}) counts" in console.shows("cite", gone)
    cited = console.run("cite", gone, "--json").json()
    assert cited["retracted"]["reason"] == why
    assert undocumented(cited) == set()
    assert "Retirée le" in console.shows("cite", gone, "--lang", "fr")
    page = console.run("page", gone)
    assert BANNER.strip() in page.out
    assert why in page.err
    assert "Version 1 to 2" in console.shows("diff", gone)
    assert console.run("show", stands, "--json").json()["retracted"] is None
