"""`permalien health`, of archives whose history is told in counts."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from storage.database import clock
from storage.database.archive import Archive
from storage.database.clock import hold_clock
from storage.ledger.day_counts import Measure, count
from storage.ledger.runs import start_run
from storage.models import Source
from storage.review.alarms import Held, hold, open_alarm, raise_alarm
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented

ONE = timedelta(days=1)
NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which no line is folded."""
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def desk(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """example.org: two days ago good, yesterday an outage, today held back by an alarm."""
    monkeypatch.setattr(clock, "_clock", None)
    hold_clock(NOW)
    desk = Desk(archive, now=NOW)
    source_id, today = desk.source.id, desk.now.date()
    check, _ = desk.check("/a", body=b"a", minutes=0)
    with archive.writing() as session:
        count(
            session,
            {
                (source_id, today - 2 * ONE, Measure.LISTING_FETCHED): 90,
                (source_id, today - 2 * ONE, Measure.LISTED): 30,
                (source_id, today - 2 * ONE, Measure.PAGE_FETCHED): 28,
                (source_id, today - 2 * ONE, Measure.PAGE_NOT_ARTICLE): 4,
                (source_id, today - 2 * ONE, Measure.ARTICLES): 25,
                (source_id, today - 2 * ONE, Measure.EDITS): 3,
                (source_id, today - ONE, Measure.LISTING_FAILED): 12,
                (source_id, today, Measure.LISTING_UNCHANGED): 4,
            },
        )
        run_id = start_run(session, software="1", settings={}, now=desk.now)
        alarm_id = raise_alarm(
            session,
            source_id,
            run_id,
            reason="many edits at once",
            evidence={"edits": 40, "articles": 50},
            now=desk.now,
        )
        hold(
            session,
            alarm_id,
            [Held(check.fetch_id, check.address_id, "3 paragraphs of 9 left")],
        )
    return desk


def test_the_days_of_a_source(console: Console, desk: Desk) -> None:
    lines = console.shows("health", "www.example.org", "--days", "3").splitlines()
    rows = [line.split() for line in lines if line[:2] == "20"]
    days, rest = rows[:3], rows[3:]
    assert [day[1:3] for day in days] == [["good", "30"], ["outage", "0"], ["quiet", "0"]]
    assert days[0][3:] == ["32", "32", "28", "25", "3"]
    assert [row[1:] for row in rest] == [["not-article", "4"], ["held", "1"]]
    assert any(line.startswith("outage on ") for line in lines)


def test_an_alarm_is_shown_with_its_evidence(console: Console, desk: Desk) -> None:
    for arguments in (("health",), ("health", "example.org")):
        shown = console.shows(*arguments)
        assert "Alarm on example.org" in shown
        assert "many edits at once" in shown
        assert "edits 40, articles 50" in shown
        assert "https://example.org/a  fetched: 3 paragraphs of 9 left" in shown
        assert "permalien health example.org --release" in shown


def test_sources_that_stand_out_come_first(console: Console, desk: Desk) -> None:
    Desk(desk.archive, "https://a.example/", now=desk.now)
    Desk(desk.archive, "https://b.example/", now=desk.now)
    shown = console.shows("health", "--limit", "2").splitlines()
    assert [line.split()[0] for line in shown[1:3]] == ["example.org", "a.example"]
    assert "Not shown (--limit): 1, of which 0 stand out" in shown
    assert "outage on" in shown[1]


def test_json(console: Console, desk: Desk) -> None:
    document = console.run("health", "example.org", "--json", "--days", "3").json()
    assert [day["state"] for day in document["days"]] == ["good", "outage", "quiet"]
    good = document["days"][0]
    assert (good["expected"], good["fetched"], good["extracted"]) == (32, 32, 28)
    assert (good["rest"], good["usual"]) == ({"not-article": 4}, None)
    assert good["counts"]["listing-fetched"] == 90
    (alarm,) = document["alarms"]
    assert (alarm["held"], alarm["evidence"]) == (1, {"edits": 40, "articles": 50})
    # What has names of its own is told apart: reasons, measures, evidence.
    days = [{**day, "rest": {}, "counts": {}} for day in document["days"]]
    assert undocumented({**document, "days": days, "alarms": [{**alarm, "evidence": {}}]}) == set()
    everything = console.run("health", "--json").json()
    assert (everything["sources_total"], everything["remarkable_total"]) == (1, 1)
    (row,) = everything["sources"]
    assert row["states"] == {"good": 1, "outage": 1, "quiet": 1}
    assert (row["listed"], row["new_articles"], row["held"]) == (30, 25, 1)
    assert undocumented({**row, "states": {}}) == set()


def test_an_alarm_is_released_by_one_command(console: Console, desk: Desk) -> None:
    shown = console.shows("health", "example.org", "--release")
    assert "is cleared" in shown
    assert "Into the record with the next crawl (permalien crawl): 1" in shown
    with desk.archive.reading() as session:
        assert open_alarm(session, desk.source.id) is None
        due_at = session.scalar(select(Source.next_due_at))
    assert due_at == NOW
    shown = console.shows("health", "example.org")
    assert "Alarm" not in shown
    assert "Released, and into the record with the next crawl: 1" in shown
    assert "no alarm is open on example.org" in console.fails("health", "example.org", "--release")


def test_a_release_in_json(console: Console, desk: Desk) -> None:
    document = console.run("health", "example.org", "--release", "--json").json()
    assert (document["source"], document["released"]) == ("example.org", 1)
    assert undocumented(document) == set()


def test_what_is_asked_wrongly(console: Console, archive: Archive) -> None:
    assert "permalien add URL" in console.shows("health")
    assert "no source example.net" in console.fails("health", "example.net")
    assert "no source example.net" in console.fails("health", "example.net", "--release")
    assert "name the source" in console.fails("health", "--release", code=2)
    assert "--days" in console.fails("health", "--days", "0", code=2)
