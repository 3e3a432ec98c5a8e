"""`permalien sources`: what an operator does with the sites of the archive."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from scripts.sources.command import COMMANDS
from storage.database.clock import utc_now
from storage.database.errors import Refused
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.sources import add_source, lease_sources
from storage.ledger.runs import start_run
from storage.models import Address, AddressKind, Frontier, Outcome, Run, Source
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


def test_a_source_that_is_disabled_is_left_alone_until_it_is_enabled(
    console: Console, desk: Desk
) -> None:
    desk.check("/rss", Outcome.FAILED, kind=AddressKind.FEED)
    with desk.archive.writing() as session:
        session.execute(update(Frontier).values(attempts=9))
    assert console.run("status").code == 1
    assert "not crawled any more" in console.shows("sources", "disable", "example.org")
    assert "paused" in console.shows("sources")
    assert "example.org" not in console.run("status").out.partition("Failing")[2]
    with desk.archive.writing() as session:
        wide = timedelta(days=9_999)
        assert lease_sources(session, 1, now=utc_now() + wide, limit=9, only=None) == []
    assert "permalien sources resume example.org" in console.fails("crawl", "example.org", code=1)
    assert "crawled again" in console.shows("sources", "enable", "example.org")
    assert "paused" not in console.shows("sources")


def test_a_source_that_is_not_there_is_neither(console: Console, desk: Desk) -> None:
    for command in ("disable", "enable"):
        assert "no source elsewhere.org" in console.fails(
            "sources", command, "example.org", "elsewhere.org", code=1
        )
    (source,) = console.run("sources", "--json").json()
    assert source["enabled"]


def record(console: Console, *more: str) -> dict[str, Any]:
    (source,) = console.run("sources", "list", "--json", *more).json()
    assert isinstance(source, dict)
    return source


def test_every_command_that_changes_a_source_tells_of_it_in_json(
    console: Console, desk: Desk
) -> None:
    for arguments in (
        ("disable", "example.org"),
        ("enable", "example.org"),
        ("pause", "example.org"),
        ("resume", "example.org"),
        ("edit", "example.org", "--delay", "2"),
        ("rename", "example.org", "example.com"),
    ):
        (told,) = console.run("sources", *arguments, "--json").json()
        assert told == record(console)
        assert undocumented(told) == set()


def test_a_source_is_paused_until_a_day(console: Console, desk: Desk) -> None:
    day = (utc_now() + timedelta(days=3)).date()
    told = console.shows("sources", "pause", "example.org", "--until", str(day))
    assert f"example.org is not crawled before {day} 00:00Z" in told
    shown = " ".join(console.shows("sources", "show", "example.org").split())
    assert f"state paused until {day} 00:00Z" in shown
    assert record(console)["enabled"] is False

    def leased(days: int) -> list[str]:
        now = utc_now() + timedelta(days=days)
        with desk.archive.writing() as session:
            run_id = start_run(session, software="1", settings={}, now=now)
            found = lease_sources(session, run_id, now=now, limit=9, only=None)
            names = [source.name for source in found]
            session.rollback()
        return names

    assert (leased(1), leased(4)) == ([], ["example.org"])
    assert "is past" in console.fails(
        "sources", "pause", "example.org", "--until", "2020-01-01", code=2
    )
    assert "crawled again" in console.shows("sources", "resume", "example.org")
    assert (leased(1), record(console)["resume_at"]) == (["example.org"], None)


def test_a_source_is_edited(console: Console, desk: Desk) -> None:
    desk.check("/old.rss", kind=AddressKind.FEED, body=b"a feed")
    feed, old = "https://example.org/new.rss", "https://example.org/old.rss"
    told = console.shows(
        *("sources", "edit", "example.org", "--delay", "5", "--cadence", "3600"),
        *("--add-feed", feed, "--drop", old, "--terms", "by licence", "--notes", "call Ann"),
        *("--url", "https://example.org/news/", "--no-allow-private"),
    )
    assert feed in told
    changed = record(console)
    assert (changed["delay"], changed["cadence"], changed["feeds"]) == (5, 3600, 1)
    assert (changed["terms"], changed["notes"]) == ("by licence", "call Ann")
    assert changed["url"] == "https://example.org/news/"
    shown = console.run("sources", "show", "example.org", "--json").json()
    assert undocumented(shown) == set()
    listings = {it["url"]: (it["kind"], it["excluded"]) for it in shown["listings"]}
    assert listings[feed] == ("feed", False)
    assert listings[old] == ("feed", True)
    assert listings["https://example.org/news/"] == ("front", False)
    page = console.shows("sources", "show", "example.org")
    assert "by licence" in page
    assert "not read" in page
    # What lists it once more brings it back no more.
    desk.check("/", kind=AddressKind.FRONT, found=(Found(old, AddressKind.FEED),))
    with desk.archive.reading() as session:
        due = session.scalars(select(Address.url).join(Frontier)).all()
    assert old not in due
    console.shows("sources", "edit", "example.org", "--terms", "", "--add-feed", old)
    assert (record(console)["terms"], record(console)["feeds"]) == (None, 2)


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ((), 2, "say what to change"),
        (("--add-feed", "https://elsewhere.org/rss"), 1, "at a host of no source"),
        (("--add-feed", "https://example.org/bridge"), 1, "is an article"),
        (("--add-feed", "ftp://example.org/rss"), 2, "neither http nor https"),
        (("--drop", "https://example.org/bridge"), 1, "no feed, sitemap or section"),
        (("--url", "https://example.com/"), 1, "permalien sources rename example.org"),
        (("--delay", "nan"), 2, "--delay"),
        (("--cadence", "1"), 2, "--cadence"),
    ],
)
def test_an_edit_that_is_wrong(
    console: Console, desk: Desk, options: tuple[str, ...], code: int, says: str
) -> None:
    before = record(console)
    assert says in console.fails("sources", "edit", "example.org", *options, code=code)
    assert record(console) == before


def test_nothing_is_taken_from_a_crawl_that_is_under_way(console: Console, desk: Desk) -> None:
    desk.check("/old.rss", kind=AddressKind.FEED, body=b"a feed")
    with desk.archive.writing() as session:
        run_id = start_run(session, software="1", settings={}, now=utc_now())
        session.execute(update(Source).values(lease_run_id=run_id))
    drop = ("sources", "edit", "example.org", "--drop", "https://example.org/old.rss")
    for arguments in (
        drop,
        ("sources", "rename", "example.org", "example.com"),
        ("sources", "remove", "example.org", "--yes", "--with-record"),
    ):
        assert f"is being crawled by run {run_id}" in console.run(*arguments).err
    with desk.archive.writing() as session:
        session.execute(update(Run).values(heartbeat_at=utc_now() - timedelta(hours=1)))
    assert "not read any more" in console.shows(*drop)


def test_a_site_that_has_moved_keeps_its_record(console: Console, desk: Desk) -> None:
    desk.check("/old.rss", kind=AddressKind.FEED, body=b"a feed")
    told = console.shows("sources", "rename", "example.org", "https://news.example.com/")
    assert "example.org is news.example.com now" in told
    assert "permalien add https://news.example.com/" in told
    moved = record(console)
    assert (moved["name"], moved["articles"], moved["feeds"]) == ("news.example.com", 2, 0)
    assert "stay open" in console.shows("show", "https://example.org/bridge")
    with desk.archive.reading() as session:
        due = dict(session.execute(select(Address.url, Address.kind).join(Frontier)).all())
    assert due["https://news.example.com/"] is AddressKind.FRONT
    assert due["https://example.org/bridge"] is AddressKind.PAGE
    assert "https://example.org/old.rss" not in due
    assert "has that name" in console.fails(
        "sources", "rename", "news.example.com", "news.example.com"
    )
    with desk.archive.writing() as session:
        add_source(session, "https://example.net/", now=utc_now())
    assert "a source of its own already" in console.fails(
        "sources", "rename", "news.example.com", "example.net"
    )


def test_a_source_is_removed_and_its_record_kept(
    console: Console, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = console.run("sources", "remove", "example.org")
    assert (asked.code, "say --yes" in asked.err) == (2, True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    asked = console.run("sources", "remove", "example.org")
    assert (asked.code, "nothing is removed" in asked.err) == (1, True)
    assert "2 articles in 3 versions" in asked.err
    done = console.run("sources", "remove", "example.org", "--yes")
    assert (done.code, done.out) == (0, "example.org is removed: its record is kept\n")
    assert "No source yet" in console.shows("sources")
    assert record(console, "--removed")["name"] == "example.org"
    assert console.run("status", "--json").json()["sources"] == 0
    assert "stay open" in console.shows("search", "bridge")
    assert "is not crawled" in console.fails("crawl", "example.org")
    console.shows("sources", "resume", "example.org")
    assert record(console)["removed_at"] is None


def test_a_source_is_removed_with_its_record(console: Console, desk: Desk) -> None:
    done = console.run("sources", "remove", "example.org", "--with-record", "--yes", "--json")
    assert "all of it goes, for good" in done.err
    assert done.json() == [{"source": "example.org", "record_kept": False}]
    assert undocumented(done.json()) == set()
    assert "no article" in console.fails("show", "https://example.org/bridge")
    assert console.run("sources", "--json").json() == []
    (gone,) = console.run("sources", "list", "--gone", "--json").json()
    assert (gone["source"], gone["articles"], gone["versions"]) == ("example.org", 2, 3)
    assert undocumented(gone) == set()
    assert "example.org" in console.shows("sources", "list", "--gone")
    assert "one of them" in console.fails("sources", "list", "--gone", "--removed", code=2)


def test_a_list_of_what_a_group_can_do(console: Console) -> None:
    told = console.shows("sources", "--help")
    for name, lazy in COMMANDS.items():
        assert name in told
        assert lazy.help.split(":")[0][:30] in told
    assert "put --json at the end" in console.fails("sources", "--json", "list", code=2)


def test_another_site_s_host_is_a_source_s_and_no_other_s(console: Console, desk: Desk) -> None:
    with desk.archive.writing() as session:
        add_source(session, "https://taken.example/", now=utc_now())
    edit = ("sources", "edit", "example.org")
    out = console.shows(*edit, "--add-host", "https://www.News.example/any?x=1")
    assert "host: news.example" in out
    assert "news.example" in console.shows("sources", "show", "example.org")
    sources = {it["name"]: it for it in console.run("sources", "--json").json()}
    assert sources["example.org"]["hosts"] == ["news.example"]
    for host, why in (
        ("news.example", "is a host of example.org already"),
        ("sport.example.org", "is a host of example.org already"),
        ("taken.example", "is a host of taken.example already"),
        ("com", "everybody's names end so"),
        ("co.uk", "everybody's names end so"),
        ("notaurl", "is no host of the public web"),
    ):
        assert why in console.fails(*edit, "--add-host", host, code=1)
    assert "--add-host" in console.run(*edit, "--help").out
    with desk.archive.writing() as session:
        add_source(session, "https://news.apart.example/", now=utc_now())
    # Two sources would ask one domain, each at a pace of its own.
    assert "as news.apart.example is" in console.fails(
        *edit, "--add-host", "cdn.apart.example", code=1
    )
    for url in ("https://news.example/", "https://sport.news.example/"):
        with pytest.raises(Refused, match="--drop-host"), desk.archive.writing() as session:
            add_source(session, url, now=utc_now())
    with desk.archive.writing() as session:
        found = [
            Found("https://m.news.example/1", AddressKind.PAGE),
            Found("https://else.example/1", AddressKind.PAGE),
        ]
        assert enqueue(session, found, now=utc_now()).total() == 1
    assert "was given no host" in console.fails(*edit, "--drop-host", "taken.example", code=1)
    assert "not its host any more" in console.shows(*edit, "--drop-host", "news.example")
    with desk.archive.writing() as session:
        assert add_source(session, "https://news.example/", now=utc_now())[1]


def test_a_source_moves_to_a_host_that_it_was_given(console: Console, desk: Desk) -> None:
    with desk.archive.writing() as session:
        add_source(session, "https://other.example/", now=utc_now())
    console.shows("sources", "edit", "example.org", "--add-host", "news.example")
    assert "--drop-host" in console.fails(
        "sources", "rename", "other.example", "sport.news.example", code=1
    )
    console.shows("sources", "rename", "example.org", "news.example")
    sources = {it["name"]: it for it in console.run("sources", "--json").json()}
    assert sources["news.example"]["hosts"] == []
