from datetime import timedelta

from sqlalchemy import update

from storage.database.clock import utc_now
from storage.history.reextractions import Place, Progress, advance, begin, finish
from storage.ledger.runs import end_run, start_run
from storage.models import AddressKind, Outcome, RunEnd, Source
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented


def change(desk: Desk, **values: object) -> None:
    with desk.archive.writing() as session:
        session.execute(update(Source).values(**values))


def test_the_archive_at_a_glance(console: Console, desk: Desk) -> None:
    change(desk, next_due_at=utc_now())
    shown = console.shows("status")
    assert "2  articles" in shown
    assert "3  versions" in shown
    assert "5  checks" in shown


def test_json(console: Console, desk: Desk) -> None:
    change(desk, next_due_at=utc_now())
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


def test_a_late_source_needs_a_person(console: Console, desk: Desk) -> None:
    change(desk, next_due_at=utc_now() - timedelta(days=2), good_at=utc_now() - timedelta(days=3))
    done = console.run("status")
    assert done.code == 1
    assert "Late" in done.out
    document = console.run("status", "--json").json()
    assert [it["source"] for it in document["late"]] == ["example.org"]
    assert undocumented(document) == set()


def test_a_run_that_died_is_told_of_and_needs_nobody(console: Console, desk: Desk) -> None:
    change(desk, next_due_at=None)
    with desk.archive.writing() as session:
        run_id = start_run(session, software="1", settings={}, now=utc_now())
        end_run(session, run_id, RunEnd.LOST, {}, utc_now())
    assert f"Runs that died in the last day: 1, the latest {run_id}" in console.shows("status")
    assert console.run("status", "--json").json()["lost_total"] == 1


def test_a_run_that_was_killed_is_not_under_way(console: Console, desk: Desk) -> None:
    change(desk, next_due_at=None)
    with desk.archive.writing() as session:
        start_run(session, software="1", settings={}, now=utc_now() - timedelta(hours=1))
        run_id = start_run(session, software="1", settings={}, now=utc_now())
        end_run(session, run_id, RunEnd.FAILED, {"error": "the disk is full"}, utc_now())
    told = console.shows("status")
    assert "died" in told
    assert "under way" not in told
    assert f"Run {run_id} failed: the disk is full" in told
    document = console.run("status", "--json").json()
    assert [run["ended"] for run in document["runs"]] == ["failed", "lost"]
    assert document["runs"][0]["error"] == "the disk is full"
    assert undocumented(document) == set()


def test_what_there_is_much_of_is_cut_short(console: Console, desk: Desk) -> None:
    with desk.archive.writing() as session:
        session.add_all(
            Source(
                name=f"{number}.example",
                url=f"https://{number}.example/",
                added_at=utc_now(),
                next_due_at=utc_now() - timedelta(days=2),
            )
            for number in range(30)
        )
    done = console.run("status")
    # example.org, which is late since it was made, comes first.
    assert done.out.count(".example") == 19
    assert done.out.splitlines()[-1] == "and 11 more"


def test_a_re_extraction_is_told_of(console: Console, desk: Desk) -> None:
    change(desk, next_due_at=None)
    assert "Re-extraction" not in console.shows("status")
    with desk.archive.writing() as session:
        run_id = start_run(session, software="1", settings={}, now=utc_now())
        number, _ = begin(session, run_id, extractor="11", asked={"sources": []}, total=3)
        advance(session, number, Progress(3, 2, 2, 1, place=Place(1, 7, "")))
    assert f"Re-extraction {number}: 2 of 3 versions, under way in run {run_id}." in console.shows(
        "status"
    )
    with desk.archive.writing() as session:
        end_run(session, run_id, RunEnd.LOST, {}, utc_now())
    assert "with the same options goes on" in console.shows("status")
    document = console.run("status", "--json").json()
    assert undocumented(document) == set()
    assert (document["reextraction"]["done"], document["reextraction"]["under_way"]) == (2, False)
    with desk.archive.writing() as session:
        finish(session, number, Progress(3, 3, 3, 1))
    assert "3 of 3 versions, finished" in console.shows("status")
