from datetime import timedelta

from sqlalchemy import update

from storage.database.clock import utc_now
from storage.frontier.sources import lease_sources
from storage.models import AddressKind, Frontier, Outcome
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
    assert "disabled" in console.shows("sources")
    assert "example.org" not in console.run("status").out.partition("Failing")[2]
    with desk.archive.writing() as session:
        wide = timedelta(days=9_999)
        assert lease_sources(session, 1, now=utc_now() + wide, limit=9, only=None) == []
    assert "permalien sources enable example.org" in console.fails("crawl", "example.org", code=1)
    assert "crawled again" in console.shows("sources", "enable", "example.org")
    assert "disabled" not in console.shows("sources")


def test_a_source_that_is_not_there_is_neither(console: Console, desk: Desk) -> None:
    for command in ("disable", "enable"):
        assert "no source elsewhere.org" in console.fails(
            "sources", command, "example.org", "elsewhere.org", code=1
        )
    (source,) = console.run("sources", "--json").json()
    assert source["enabled"]
