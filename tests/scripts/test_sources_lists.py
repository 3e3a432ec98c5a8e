"""`permalien sources import` and `export`: sites in and out, and what may be wrong with a list."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from scripts.sources.lists import COLUMNS, ListFormat, read_sites
from storage.database.archive import Archive
from storage.models import AddressKind
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented

OPML = b"""<opml version="2.0"><body><outline text="Folder">
<outline text="A" htmlUrl="https://a.example/" xmlUrl="https://a.example/rss.xml"/>
<outline text="A's sport" htmlUrl="https://a.example/" xmlUrl="https://a.example/sport.xml"/>
<outline text="B" xmlUrl="https://b.example/feed"/>
<outline text="C" htmlUrl="https://c.example/" xmlUrl="https://proxy.example/c"/>
</outline></body></opml>"""
CSV = b"""url;name;delay;cadence;feeds;enabled;terms
https://a.example/;A;2,5;;https://a.example/rss.xml;true;"by letter; 2026"
b.example;B;3;7200;;false;
;;;;;;
https://c.example/news/;C;-1;;;;
ftp://d.example/;D;;;;;
"""
LIST = b"# ours\nhttps://a.example/\n\nhttps://b.example/news/\nnonsense//\n d.example # bare\n"


def listed(console: Console) -> dict[str, dict[str, Any]]:
    return {it["name"]: it for it in console.run("sources", "list", "--json").json()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sites"


def test_opml(console: Console, file: Path) -> None:
    file.write_bytes(OPML)
    done = console.run("sources", "import", str(file), "--json")
    assert done.code == 1
    document = done.json()
    assert undocumented(document) == set()
    assert document["added"] == ["a.example", "b.example", "c.example"]
    assert "https://proxy.example/c is at a host of no source" in done.err
    assert [it["feeds"] for it in listed(console).values()] == [2, 1, 0]


def test_csv(console: Console, file: Path) -> None:
    file.write_bytes(CSV.replace(b"2,5", b"2.5"))
    done = console.run("sources", "import", str(file))
    assert done.code == 1
    assert f"{file}:5: delay -1 is not between 0 and 3600" in done.err
    assert f"{file}:6: " in done.err
    found = listed(console)
    assert set(found) == {"a.example", "b.example"}
    first, second = found["a.example"], found["b.example"]
    assert (first["delay"], first["terms"], first["feeds"]) == (2.5, "by letter; 2026", 1)
    assert (second["cadence"], second["enabled"]) == (7200, False)
    # Once more changes nothing, and wakes nobody who is paused.
    console.shows("sources", "pause", "a.example")
    done = console.run("sources", "import", str(file))
    assert "New sources: 0; there already: 2" in done.out
    assert [it["enabled"] for it in listed(console).values()] == [False, False]


def test_a_plain_list(console: Console, file: Path) -> None:
    file.write_bytes(LIST)
    done = console.run("sources", "import", str(file))
    assert (done.code, f"{file}:5: " in done.err) == (1, True)
    assert "New sources: 3" in done.out
    assert {it["url"] for it in listed(console).values()} == {
        "https://a.example/",
        "https://b.example/",
        "https://d.example/",
    }


@pytest.mark.parametrize("form", ["csv", "opml"])
def test_what_is_exported_is_imported(
    console: Console,
    sqlite_archive: Archive,
    form: str,
    tmp_path: Path,
    file: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    desk = Desk(sqlite_archive)
    console = Console(sqlite_archive, capsys)
    desk.check("/rss", kind=AddressKind.FEED, body=b"a feed")
    console.shows("sources", "edit", "example.org", "--delay", "7", "--notes", 'a "b", c\nd')
    console.shows("sources", "pause", "example.org", "--until", "2999-01-01")
    file.write_text(console.shows("sources", "export", "--format", form), encoding="utf-8")
    other = Console(Archive(f"sqlite:///{tmp_path / 'other.db'}"), capsys)
    other.shows("sources", "import", str(file))
    before, after = (listed(it)["example.org"] for it in (console, other))
    kept = ["url", "feeds"]
    if form == "csv":
        kept += ["delay", "cadence", "enabled", "resume_at", "notes", "terms"]
        (row,) = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))
        assert tuple(row) == COLUMNS
    assert {name: before[name] for name in kept} == {name: after[name] for name in kept}


@pytest.mark.parametrize(
    ("body", "form", "says"),
    [
        (b"<rss/>", None, "no OPML"),
        (b"a,b\n1,2\n", ListFormat.CSV, "no column `url`"),
        (b"url\n" + b"https://a.example/\n" * 60_000, None, "after 50,000 lines is left out"),
        (b'url\n"' + b"a" * 200_000 + b'"\n', None, "field larger than"),
        (b"url,delay\nhttps://a.example/,soon\n", None, "could not convert"),
        (b"url,resume_at\nhttps://a.example/,soon\n", None, "Invalid isoformat"),
    ],
)
def test_what_is_wrong_with_a_list(body: bytes, form: ListFormat | None, says: str) -> None:
    assert says in read_sites(body, form).errors[-1][1]


def test_a_list_that_is_not_there(console: Console) -> None:
    assert "No such file" in console.fails("sources", "import", "none.opml", code=2)
