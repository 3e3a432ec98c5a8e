import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.database.archive import Archive
from tests.support.archiving import START, Desk
from tests.support.console import Console, undocumented
from tests.support.environment import environment
from tests.support.generated_news import generate_articles
from tests.support.warcs import Shot, page, write

pytestmark = pytest.mark.usefixtures("folder")

PROGRAM = "from scripts.main import main; main()"


def test_an_export(console: Console, desk: Desk, folder: Path) -> None:
    said = console.shows("warc", "export", "a.warc.gz")
    assert "a.warc.gz: 5 captures, 1 of them revisits" in said
    made = {it.name for it in folder.iterdir()}
    assert made == {"a.warc.gz", "a.cdxj"}
    again = console.run("warc", "export", "a.warc.gz")
    assert (again.code, "is there already: --force replaces it" in again.err) == (1, True)
    env = environment(desk.archive.url.render_as_string(hide_password=False))
    command = [sys.executable, "-c", PROGRAM, "warc", "export", "-", "--json"]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, check=True)
    stream = json.loads(done.stderr)
    assert done.stdout.startswith(b"\x1f\x8b")
    assert (stream["files"], stream["captures"]) == (["-"], 5)
    document = console.run("warc", "export", "b.wacz", "--sidecar", "--json").json()
    assert document["files"] == ["b.wacz", "b.sidecar.jsonl.gz"]
    assert undocumented(document) == set()
    for selected, count in (
        (("--article", "https://example.org/bridge"), 3),
        (("--search", "ferry"), 2),
        (("--source", "example.org", "--until", "2026-03-01"), 0),
    ):
        document = console.run("warc", "export", "c.warc.gz", "--force", *selected, "--json").json()
        assert document["captures"] == count


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("a.txt",), "end it with .warc.gz or .wacz"),
        (("a.warc",), "WARC files are written compressed"),
        (("-", "--wacz"), "can't be written to standard output"),
        (("a.warc.gz", "--source", "x.example", "--search", "y"), "name one of"),
        (("a.warc.gz", "--search", '"y'), "never closed"),
        (("a.warc.gz", "--sidecar", "--source", "x.example"), "is of the whole archive"),
    ],
)
def test_an_export_that_is_put_wrongly(
    console: Console, desk: Desk, arguments: tuple[str, ...], why: str
) -> None:
    done = console.run("warc", "export", *arguments)
    assert (done.code, why in done.err) == (2, True)


def test_a_full_disk_and_a_closed_pipe(sqlite_archive: Archive, folder: Path) -> None:
    desk = Desk(sqlite_archive)
    for number in range(30):
        desk.check(f"/{number}", body=os.urandom(100_000))
    sqlite_archive.close()
    env = environment(sqlite_archive.url.render_as_string())
    command = [sys.executable, "-c", PROGRAM, "warc", "export"]
    # What a full disk says, of a file that may not grow.
    bounded = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6)); {PROGRAM}"
    )
    full = subprocess.run(
        [sys.executable, "-c", bounded, "warc", "export", "a.warc.gz"],
        env=env, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (full.returncode, "nothing of a.warc.gz is kept" in full.stderr) == (1, True)
    assert list(folder.iterdir()) == []
    with subprocess.Popen([*command, "-"], env=env, cwd=folder, stdout=-1, stderr=-1) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1_000)
        process.stdout.close()
        assert b"the pipe was closed before all was written" in process.stderr.read()
    assert process.returncode == 1


def test_an_import(console: Console, archive: Archive, folder: Path) -> None:
    articles = list(generate_articles(3))
    shots = [Shot(f"https://wharf.example{it.path}", START, page(it)) for it in articles]
    path = write(folder / "a.warc.gz", shots)
    path.write_bytes(path.read_bytes()[:-20])
    failed = console.run("warc", "import", "a.warc.gz", "--json")
    assert failed.code == 1
    document = failed.json()
    assert (document["new_articles"], document["new_sources"]) == (2, ["wharf.example"])
    assert document["damage"][0]["why"] == "the file ends in the middle of a record"
    assert undocumented(document) - {"wharf.example", "not-article"} == set()
    write(folder / "a.warc.gz", shots)
    said = console.shows("warc", "import", "a.warc.gz")
    assert "2  known already" in said
    with path.open("rb") as stream:
        env = environment(archive.url.render_as_string(hide_password=False))
        command = [sys.executable, "-c", PROGRAM, "warc", "import", "-", "--json"]
        done = subprocess.run(command, env=env, stdin=stream, capture_output=True, check=True)
    assert json.loads(done.stdout)["captured"]["known"] == 3
    assert console.run("warc", "import", "-", "-").code == 2
    assert console.run("warc", "import", "none.warc.gz").code == 2
    (folder / "b.warc.gz").write_bytes(b"<html>")
    wrong = console.run("warc", "import", "b.warc.gz")
    assert (wrong.code, "b.warc.gz: it is neither a WARC file nor a WACZ" in wrong.err) == (1, True)
