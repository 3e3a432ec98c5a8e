from storage.clock import utc_now
from storage.models import AddressKind, Outcome
from storage.runs import start_run
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented


def test_the_archive_at_a_glance(console: Console, desk: Desk) -> None:
    shown = console.shows("status")
    assert "2  articles" in shown
    assert "3  versions" in shown
    assert "5  checks" in shown


def test_json(console: Console, desk: Desk) -> None:
    with desk.archive.writing() as session:
        start_run(session, software="permalien 1", settings={}, now=utc_now())
    document = console.run("status", "--json").json()
    assert (document["sources"], document["articles"], document["versions"]) == (1, 2, 3)
    assert (document["observations"], document["failing"]) == (5, [])
    assert [run["ended"] for run in document["runs"]] == [None]
    assert undocumented(document) == set()


def test_a_feed_that_keeps_failing_needs_a_person(console: Console, desk: Desk) -> None:
    for _ in range(3):
        desk.check("/feed/", Outcome.FAILED, kind=AddressKind.FEED)
    done = console.run("status")
    assert done.code == 1
    assert "https://example.org/feed/" in done.out
    document = console.run("status", "--json").json()
    assert [it["url"] for it in document["failing"]] == ["https://example.org/feed/"]
    assert undocumented(document) == set()
