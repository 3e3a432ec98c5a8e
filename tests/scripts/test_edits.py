import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from storage.database.archive import Archive
from storage.models import Outcome
from tests.scripts.conftest import OLD_TITLE, TITLE
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented
from tests.support.environment import environment

PROGRAM = "from scripts.main import main; main()"


def test_an_edit_and_a_removal(console: Console, desk: Desk) -> None:
    shown = console.shows("edits")
    assert "The bridge will [-close-]{+stay open+}" in shown
    assert (
        "2026-03-01 08:10Z to 2026-03-01 08:20Z: edit · headline, body, rewording, names" in shown
    )
    assert "silent" in shown
    assert "2026-03-01 08:40Z to 2026-03-01 08:50Z: removal" in shown


def test_word_by_word_sentence_by_sentence(console: Console, desk: Desk) -> None:
    shown = console.shows("edits", "example.org/bridge", "--words")
    assert "The council met on [-Monday-]{+Tuesday+}." in shown
    assert "engineers" not in shown


@pytest.mark.parametrize(
    ("arguments", "events"),
    [
        ((), ["edit", "removal"]),
        (("--event", "removal"), ["removal"]),
        (("--source", "example.org", "--kind", "headline", "--silent"), ["edit"]),
        (("--kind", "headline", "--kind", "body", "--since", "2026-03-01"), ["edit"]),
        (("--since", "2026-03-01", "--until", "2026-03-02"), ["edit", "removal"]),
        (("--limit", "1"), ["removal"]),
        (("example.org/bridge",), ["edit"]),
    ],
)
def test_which(console: Console, desk: Desk, arguments: tuple[str, ...], events: list[str]) -> None:
    document = console.run("edits", *arguments, "--json").json()
    assert [event["event"] for event in document] == events


@pytest.mark.parametrize(
    "arguments",
    [
        ("--declared",),
        ("--kind", "standfirst"),
        ("--since", "2026-03-02"),
        ("--until", "2026-03-01"),
        ("--event", "return"),
    ],
)
def test_none(console: Console, desk: Desk, arguments: tuple[str, ...]) -> None:
    assert "no edit, removal or return" in console.fails("edits", *arguments)
    done = console.run("edits", *arguments, "--json")
    assert (done.code, done.json()) == (1, [])


def test_json(console: Console, desk: Desk) -> None:
    edit, removal = console.run("edits", "--words", "--json").json()
    assert undocumented([edit, removal]) == set()
    old, new = desk.history("/bridge")
    assert (edit["title_before"], edit["title_after"]) == (OLD_TITLE, TITLE)
    assert (edit["from_version_id"], edit["to_version_id"]) == (old.identifier, new.identifier)
    assert (edit["not_before"], edit["not_after"]) == (
        "2026-03-01T08:10:00+00:00",
        "2026-03-01T08:20:00+00:00",
    )
    assert (edit["declared"], edit["alternating"], edit["words_deleted"]) == (False, False, 2)
    assert [it["part"] for it in edit["sentences"]] == ["headline", "body"]
    assert (removal["to_version"], removal["declared"], removal["kinds"]) == (None, None, [])
    assert removal["title_before"] == "The ferry returns"


def test_csv(console: Console, desk: Desk) -> None:
    desk.read("/ferry", "=HYPERLINK(1)", "It was \x1b[2J away for a month.")
    rows = list(csv.DictReader(io.StringIO(console.shows("edits", "--csv"))))
    assert [row["event"] for row in rows] == ["edit", "removal", "edit", "return"]
    assert rows[0]["kinds"].split() == ["headline", "body", "rewording", "names"]
    assert rows[2]["title_after"] == "'=HYPERLINK(1)"
    assert rows[1]["to_version"] == ""


def test_what_comes_from_the_web_does_not_drive_the_terminal(console: Console, desk: Desk) -> None:
    desk.read("/bridge", "A \x1b[2J\u202etitle", "Other \x9b2J words.")
    for how in ((), ("--words",), ("--json", "--words"), ("--csv",)):
        assert not {"\x1b", "\u202e", "\x9b"} & set(console.shows("edits", *how))


def test_what_came_back_with_other_words_is_an_edit_and_a_return(
    console: Console, desk: Desk
) -> None:
    desk.check("/ferry", Outcome.NOT_FOUND)
    desk.read("/ferry", "The ferry is back", "It was away for a month.")
    *_, edit, back = console.run("edits", "example.org/ferry", "--json").json()
    assert {edit["event"], back["event"]} == {"edit", "return"}


def test_a_pipe_that_is_closed_ends_it_without_a_traceback(
    sqlite_archive: Archive, tmp_path: Path
) -> None:
    desk = Desk(sqlite_archive)
    for number in range(40):
        desk.read("/bridge", f"The bridge {number}", "Words of it. " * 50)
    sqlite_archive.close()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "edits", "--words"],
        env=environment(sqlite_archive.url.render_as_string()),
        cwd=tmp_path, stdout=-1, stderr=-1,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1
