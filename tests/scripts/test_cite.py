import hashlib
import json

import pytest
from pybtex.database import parse_string

from storage.history.identity_decisions import merge
from tests.scripts.conftest import OLD_TITLE, TITLE
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented


def test_the_current_version_and_the_one_of_an_identifier(console: Console, desk: Desk) -> None:
    old, new = desk.history("/bridge")
    told = console.shows("cite", "example.org/bridge")
    assert told.startswith(f"“{TITLE}”, example.org, https://example.org/bridge. Version 2")
    assert new.identifier in told
    assert OLD_TITLE in console.shows("cite", old.identifier)
    assert OLD_TITLE in console.shows("cite", "example.org/bridge", "--version", "1")
    assert "vue du 1er mars 2026" in console.shows("cite", new.identifier, "--lang", "fr")


def test_the_digest_is_that_of_the_page(console: Console, desk: Desk) -> None:
    document = console.run("cite", "example.org/bridge", "--json").json()
    assert undocumented(document) == set()
    body = console.run("page", document["version_id"]).out.encode()
    assert hashlib.sha256(body).hexdigest() == document["page_sha256"]


@pytest.mark.parametrize("style", ["bibtex", "biblatex", "ris", "csl-json"])
def test_formats(console: Console, desk: Desk, style: str) -> None:
    desk.read("/bridge", "An } evil \x1b[2J {title", "Words of another kind.")
    told = console.shows("cite", "example.org/bridge", "--format", style)
    assert "\x1b" not in told
    if style == "csl-json":
        assert json.loads(told)[0]["title"].startswith("An } evil")
    elif style != "ris":
        assert len(parse_string(told, "bibtex").entries) == 1


def test_a_citation_stays_when_its_text_is_read_better_and_its_article_merged(
    console: Console, desk: Desk
) -> None:
    version = desk.history("/bridge")[0]
    before = console.run("cite", version.identifier, "--json").json()
    desk.extractor = "2"
    desk.reread(version.version_id)
    with desk.archive.writing() as session:
        merge(session, f"{desk.site}ferry", f"{desk.site}bridge", now=desk.now)
    after = console.run("cite", version.identifier, "--json").json()
    assert after["url"] != before["url"]
    del after["url"], before["url"]
    assert after == before


@pytest.mark.parametrize("name", ["https://example.org/none", "999", "z" * 15 + "7"])
def test_what_is_not_there(console: Console, desk: Desk, name: str) -> None:
    assert "in the archive" in console.fails("cite", name)
