from dataclasses import replace

import pytest

from scripts.show import reuse
from storage.database.archive import Archive
from storage.frontier.enqueueing import Found
from storage.models import AddressKind
from tests.scripts.conftest import EDITED, OLD_TITLE, TEXT, TITLE
from tests.support.archiving import START, Desk
from tests.support.console import Console, undocumented


def test_an_article_as_its_readers_see_it(console: Console, desk: Desk) -> None:
    shown = console.shows("show", "https://example.org/bridge")
    assert TITLE in shown
    assert "version 2 of 2" in shown
    assert "live" in shown


@pytest.mark.parametrize(
    "name",
    [
        "1",
        "https://example.org/bridge",
        "example.org/bridge?utm_source=x",
        "HTTP://EXAMPLE.ORG/bridge#a",
    ],
)
def test_by_id_and_by_address_in_any_spelling(console: Console, desk: Desk, name: str) -> None:
    article_id = str(desk.article("/bridge").id)
    assert TITLE in console.shows("show", article_id if name == "1" else name)


def test_an_earlier_version(console: Console, desk: Desk) -> None:
    shown = console.shows("show", "example.org/bridge", "--version", "1")
    assert OLD_TITLE in shown
    assert "version 1 of 2" in shown


def test_a_version_by_its_identifier(console: Console, desk: Desk) -> None:
    first, _ = desk.history("/bridge")
    assert OLD_TITLE in console.shows("show", first.identifier)
    assert OLD_TITLE in console.shows("show", "example.org/bridge", "--version", first.identifier)
    document = console.run("show", first.identifier.upper(), "--json").json()
    assert (document["version"], document["version_id"]) == (1, first.identifier)


def test_json(console: Console, desk: Desk) -> None:
    url = "https://example.org/bridge"
    document = console.run("show", url, "--json", "--removed").json()
    assert {"url", "title", "authors", "published_at", "language", "text", "version"} <= set(
        document
    )
    assert (document["url"], document["title"], document["text"]) == (url, TITLE, EDITED)
    assert (document["version"], document["versions"], document["state"]) == (2, 2, "live")
    assert document["source"] == "example.org"
    assert document["first_seen_at"] < document["last_seen_at"]
    assert document["first_seen_at"].endswith("+00:00")
    assert undocumented(document) == set()
    before = console.run("show", url, "--json", "--version", "1").json()
    assert (before["title"], before["text"]) == (OLD_TITLE, TEXT)
    assert "removed" not in before


def test_what_page_and_listings_state(console: Console, archive: Archive) -> None:
    desk = Desk(archive, "https://stated.example/")
    check, _ = desk.check("/a", body=desk.body("Title", "One two three"))
    page = desk.captured(check)
    details = {"candidates": {"title": [["h1", "Title"]], "published_at": []}}
    desk.record_page(replace(page, reading=replace(page.reading, details=details)))
    at, hints = START, {"title": "The title", "published_at": START.isoformat()}
    for path, more in (("a", {}), ("b", {"published_in": "feed"})):
        found = Found(f"{desk.site}{path}", AddressKind.PAGE, published_at=at, hints=hints | more)
        desk.check("/feed", found=(found,), kind=AddressKind.FEED)
    desk.read("/b", "Title", "One two three", canonical_url=f"{desk.site}a")
    document = console.run("show", "stated.example/a", "--json").json()
    assert document["candidates"] == {
        "title": [
            {"source": "h1", "value": "Title"},
            {"source": "listing", "value": "The title"},
            {"source": "listing", "value": "The title"},
        ],
        "published_at": [
            {"source": "listing", "value": START.isoformat()},
            {"source": "feed", "value": START.isoformat()},
        ],
    }
    assert document["published_at"] == START.isoformat()
    assert undocumented(document) == set()


def test_an_article_that_is_gone_is_still_there(console: Console, desk: Desk) -> None:
    document = console.run("show", "example.org/ferry", "--json").json()
    assert (document["state"], document["title"]) == ("gone", "The ferry returns")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("https://example.org/none",), "no article https://example.org/none"),
        (("999999",), "no article 999999"),
        (("http://[",), "no article id and no URL"),
        (("9" * 40,), "no article"),
        (("https://example.org/bridge", "--version", "7"), "no version 7"),
        (("z" * 15 + "7",), "no version zzzzzzzzzzzzzzz7"),
    ],
)
def test_what_is_not_there(
    console: Console, desk: Desk, arguments: tuple[str, ...], says: str
) -> None:
    assert says in console.fails("show", *arguments)


def test_an_identifier_of_another_article(console: Console, desk: Desk) -> None:
    (ferry,) = desk.history("/ferry")
    told = console.fails("show", "example.org/bridge", "--version", ferry.identifier)
    assert f"version {ferry.identifier} is of article" in told


def test_control_characters_do_not_reach_the_terminal(console: Console, desk: Desk) -> None:
    desk.read("/evil", "A \x1b[2Jheadline", "A text with \x1b]0;title\x07 in it.")
    assert "\x1b" not in console.shows("show", "example.org/evil")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM version_state", "it lacks version "),
        ("UPDATE article SET source_id = 99", "it lacks source 99"),
        ("UPDATE article SET merged_into_id = 99", "it lacks article 99"),
    ],
)
def test_a_row_that_is_missing_is_named(
    sqlite_archive: Archive, capsys: pytest.CaptureFixture[str], statement: str, says: str
) -> None:
    desk = Desk(sqlite_archive)
    desk.read("/bridge", "Title", "One two three")
    with sqlite_archive.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql(statement)
    sqlite_archive.close()
    told = Console(sqlite_archive, capsys).fails("show", "https://example.org/bridge")
    assert says in told
    assert "restore it from a backup" in told


@pytest.mark.parametrize(
    ("rights", "told"),
    [
        ({}, ""),
        ({"reserved": None, "directives": ["noai"]}, "noai"),
        (
            {"reserved": True, "policy": "https://a/p", "by_site": True},
            "mining reserved (the site's tdmrep.json), policy https://a/p",
        ),
        ({"reserved": False, "license": "https://a/l"}, "mining not reserved, licence https://a/l"),
    ],
)
def test_what_is_said_of_reuse(rights: dict[str, object], told: str) -> None:
    assert reuse(rights) == told
