"""`permalien reextract`, over made-up pages that an extractor of long ago read."""

import json
from pathlib import Path

import pytest

from crawler import settings
from storage.database.archive import Archive
from tests.support.console import Console, undocumented
from tests.support.stale_archive import fill

PAGES = 12


@pytest.fixture
def stale(archive: Archive, console: Console, monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.setattr(settings, "READERS", 1)
    fill(archive, PAGES)
    return console


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    stale: Console, tmp_path: Path
) -> None:
    page, data = tmp_path / "changes.html", tmp_path / "changes.json"
    told = stale.shows("reextract", "--dry-run", "--report", str(page), "--report", str(data))
    assert f"{PAGES} of {PAGES} versions read again" in told
    assert f"{PAGES}  would change" in told
    assert page.read_text().startswith("<!DOCTYPE html>")
    document = json.loads(data.read_text())
    assert undocumented(document) == set()
    assert [it["source"] for it in document["sources"]] == ["paper0.example", "paper1.example"]
    assert document["changed"] == PAGES
    again = stale.run("reextract", "--dry-run", "--json").json()
    assert undocumented(again) == set()
    assert (again["changed"], again["reextraction"]) == (PAGES, None)
    refused = stale.fails("reextract", "--dry-run", "--report", str(page))
    assert "is there already: name another file, or say --force" in refused


def test_a_sample_is_the_same_each_time(stale: Console, tmp_path: Path) -> None:
    found = []
    for number in range(2):
        file = tmp_path / f"{number}.json"
        stale.shows("reextract", "--dry-run", "--sample", "5", "--report", str(file))
        document = json.loads(file.read_text())
        assert (document["versions"], document["read"]) == (5, 5)
        found.append(document["examples"])
    assert found[0] == found[1]
    of_one = ("--source", "paper1.example", "--sample", "9")
    assert stale.run("reextract", "--dry-run", "--json", *of_one).json()["versions"] == 6


def test_the_second_time_there_is_nothing_to_do(stale: Console) -> None:
    first = stale.run("reextract", "--json").json()
    assert (first["read"], first["changed"], first["ended"]) == (PAGES, PAGES, "finished")
    second = stale.run("reextract", "--json").json()
    assert (second["versions"], second["done"], second["read"]) == (PAGES, PAGES, 0)
    assert "finished" in stale.run("status").out


def test_what_can_t_be_asked_for(stale: Console, tmp_path: Path) -> None:
    assert "go with --dry-run" in stale.fails("reextract", "--sample", "3", code=2)
    named = str(tmp_path / "changes.pdf")
    told = stale.fails("reextract", "--dry-run", "--report", named, code=2)
    assert "ends with .html or .json" in told
    nowhere = str(tmp_path / "none" / "changes.html")
    assert "No such file" in stale.fails("reextract", "--dry-run", "--report", nowhere)
