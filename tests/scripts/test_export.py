import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.query.export import exporting
from storage.query.version_rows import version_rows
from tests.scripts.conftest import EDITED, OLD_TITLE, TITLE
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented
from tests.support.environment import environment

pytestmark = pytest.mark.usefixtures("folder")

PROGRAM = "from scripts.main import main; main()"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_current_versions(console: Console, desk: Desk, folder: Path) -> None:
    assert "articles.jsonl: 2 articles" in console.shows("export", "articles.jsonl")
    bridge, ferry = lines(folder / "articles.jsonl")
    assert (bridge["title"], bridge["text"], bridge["version"]) == (TITLE, EDITED, 2)
    assert (ferry["state"], ferry["authors"]) == ("gone", [])


def test_what_is_asked_for(console: Console, desk: Desk, folder: Path) -> None:
    assert "3 versions of 2 articles" in console.shows("export", "a.csv", "--all-versions")
    for name, options in {
        "b.jsonl": ("--state", "gone"),
        "c.jsonl": ("--as-of", "2026-03-01T08:10Z"),
        "d.jsonl": ("--as-of", "2026-02-28"),
        "e.jsonl": ("--language", "de"),
        "f.jsonl": ("--until", "2026-03-01"),
        "h.jsonl": ("--search", "bridge OR zeppelin", "--all-versions"),
        "g.jsonl": ("--source", "https://example.org/any", "--since", "2026-03-01"),
    }.items():
        console.shows("export", name, *options)
    titles = {it.stem: [row["title"] for row in lines(it)] for it in folder.glob("?.jsonl")}
    assert titles == {
        "b": ["The ferry returns"],
        "c": [OLD_TITLE],
        "d": [],
        "e": [],
        "f": [],
        "g": [TITLE, "The ferry returns"],
        "h": [OLD_TITLE, TITLE],
    }


def test_nothing_is_replaced_unasked(console: Console, desk: Desk, folder: Path) -> None:
    (folder / "a.jsonl").write_text("mine", encoding="utf-8")
    assert "is there already: --force replaces it" in console.fails("export", "a.jsonl")
    assert (folder / "a.jsonl").read_text(encoding="utf-8") == "mine"
    console.shows("export", "a.jsonl", "--force")
    assert len(lines(folder / "a.jsonl")) == 2


def test_verify(console: Console, desk: Desk, folder: Path) -> None:
    console.shows("export", "a.csv")
    assert "is what its manifest says" in console.shows("export", "--verify", "a.csv.manifest.json")
    with (folder / "a.csv").open("a", encoding="utf-8") as file:
        file.write("more")
    assert "is not what" in console.fails("export", "--verify", "a.csv.manifest.json")
    done = console.run("export", "--verify", "a.csv.manifest.json", "--json")
    assert (done.code, len(done.json()["problems"])) == (1, 2)
    (folder / "a.csv").unlink()
    assert "No such file" in console.fails("export", "--verify", "a.csv.manifest.json")
    (folder / "no.json").write_text("{}", encoding="utf-8")
    assert "is no manifest" in console.fails("export", "--verify", "no.json")


def test_the_same_file_is_made_again(console: Console, desk: Desk, folder: Path) -> None:
    console.shows("export", "a.csv", "--known-by", "2099-01-01", "--all-versions")
    console.shows("export", "b.csv", "--from", "a.csv.manifest.json")
    assert (folder / "b.csv").read_bytes() == (folder / "a.csv").read_bytes()
    console.shows("export", "now.csv")
    desk.read("/school", "The school", "It opens.")
    later = console.run("export", "later.csv", "--from", "now.csv.manifest.json")
    assert "has grown, which --known-by would leave out, or something was redacted" in later.err
    done = console.run("export", "c.csv", "--from", "a.csv.manifest.json")
    assert done.code == 1
    assert "c.csv is not the same: the archive does not hold what it held" in done.err
    assert "leave the other options out" in console.fails(
        "export", "d.csv", "--from", "a.csv.manifest.json", "--language", "fr", code=2
    )


def test_what_is_withheld_is_said(console: Console, desk: Desk, folder: Path) -> None:
    assert "withheld" not in console.shows("export", "all.jsonl")
    console.shows("sources", "edit", "example.org", "--may-export", "metadata")
    said = console.shows("export", "some.jsonl")
    assert "; 2 withheld for their rights, all or their texts (--may-export)" in said
    assert console.run("export", "none.jsonl", "--json").json()["withheld"] == 2
    assert "; 2 withheld" in console.run("export", "-").err
    # Standard output has the rows.
    told = json.loads(console.run("export", "-", "--json").err)
    assert (told["name"], told["format"], told["rows"], told["withheld"]) == ("-", "jsonl", 2, 2)


def test_json(console: Console, desk: Desk) -> None:
    report = console.run("export", "a.parquet", "--json").json()
    assert (report["rows"], report["format"], report["same"]) == (2, "parquet", None)
    assert undocumented(report) == set()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "name a FILE"),
        (("a.doc",), "name a --format"),
        (("a.csv", "--as-of", "yesterday"), "neither a day"),
        (("a.csv", "--as-of", "2026-03-01T10:00"), "has no time zone"),
        (("a.csv", "--state", "dead"), "'dead' is not one of"),
    ],
)
def test_what_was_put_wrongly(
    console: Console, desk: Desk, arguments: tuple[str, ...], says: str
) -> None:
    assert says in console.fails("export", *arguments, code=2)


def test_where_a_query_is_wrong_is_marked(console: Console, desk: Desk) -> None:
    done = console.run("export", "a.csv", "--search", 'x "y')
    query, place, why = done.err.splitlines()
    assert (done.code, query[place.index("^")], "never closed" in why) == (2, '"', True)


def test_what_can_not_be_done(console: Console, desk: Desk) -> None:
    assert "no source none.org" in console.fails("export", "a.csv", "--source", "none.org")
    assert "none/a.csv: No such file" in console.fails("export", "none/a.csv")


def test_parquet_without_its_library(
    console: Console, desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    said = console.fails("export", "a.parquet")
    assert "pyarrow is not installed" in said
    assert "permalien[data]" in said
    assert not list(folder.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing(
    console: Console,
    desk: Desk,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    rows = version_rows

    def interrupted(session: Any, *wanted: Any) -> Iterator[Any]:
        yield from rows(session, *wanted)
        os.kill(os.getpid(), number)

    monkeypatch.setattr(exporting, "version_rows", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & ignores it
    try:
        said = console.fails("export", "a.jsonl", code=130)
    finally:
        signal.signal(signal.SIGINT, before)
    assert "interrupted; nothing of a.jsonl is kept" in said
    assert not list(folder.iterdir())
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def run(desk: Desk, *arguments: str, limit: int = 0, **options: Any) -> "subprocess.Popen[bytes]":
    program = PROGRAM
    if limit:
        program = f"import resource; resource.setrlimit(1, ({limit}, {limit})); {program}"
    url = desk.archive.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-c", program, "export", *arguments],
        env=environment(url), stderr=subprocess.PIPE, **options,
    )  # fmt: skip


def test_a_full_disk_leaves_nothing(desk: Desk, folder: Path) -> None:
    desk.read("/long", "Long", "A word. " * 50_000)
    with run(desk, "a.jsonl", limit=200_000, stdout=subprocess.PIPE) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert b"a.jsonl: File too large; nothing of a.jsonl is kept" in err
    assert not list(folder.iterdir())


def test_a_closed_pipe_is_said(desk: Desk) -> None:
    desk.read("/long", "Long", "A word. " * 50_000)
    reader, writer = os.pipe()
    os.close(reader)
    with run(desk, "-", stdout=writer) as process:
        os.close(writer)
        _, err = process.communicate()
    assert process.returncode == 1
    assert err == b"permalien: the pipe was closed before all was written\n"


def test_standard_output(desk: Desk) -> None:
    with run(desk, "-", "--format", "csv", stdout=subprocess.PIPE) as process:
        out, err = process.communicate()
    assert (process.returncode, out.count(b"\r\n")) == (0, 3)
    assert err == b"permalien: wrote 2 articles\n"
