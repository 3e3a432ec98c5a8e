"""`permalien health`, of archives whose history is told in counts."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.database import clock
from storage.database.archive import Archive
from storage.database.clock import hold_clock
from storage.ledger.day_counts import Measure, count
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
    """example.org: two days ago good, yesterday an outage, today quiet."""
    monkeypatch.setattr(clock, "_clock", None)
    hold_clock(NOW)
    desk = Desk(archive, now=NOW)
    source_id, today = desk.source.id, desk.now.date()
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
    return desk


def test_the_days_of_a_source(console: Console, desk: Desk) -> None:
    lines = console.shows("health", "www.example.org", "--days", "3").splitlines()
    rows = [line.split() for line in lines if line[:2] == "20"]
    days, rest = rows[:3], rows[3:]
    assert [day[1:3] for day in days] == [["good", "30"], ["outage", "0"], ["quiet", "0"]]
    assert days[0][3:] == ["32", "32", "28", "25", "3"]
    assert [row[1:] for row in rest] == [["not-article", "4"]]
    assert any(line.startswith("outage on ") for line in lines)


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
    # What has names of its own is told apart: reasons, measures.
    days = [{**day, "rest": {}, "counts": {}} for day in document["days"]]
    assert undocumented({**document, "days": days}) == set()
    everything = console.run("health", "--json").json()
    assert (everything["sources_total"], everything["remarkable_total"]) == (1, 1)
    (row,) = everything["sources"]
    assert row["states"] == {"good": 1, "outage": 1, "quiet": 1}
    assert (row["listed"], row["new_articles"]) == (30, 25)
    assert undocumented({**row, "states": {}}) == set()


def test_what_is_asked_wrongly(console: Console, archive: Archive) -> None:
    assert "permalien add URL" in console.shows("health")
    assert "no source example.net" in console.fails("health", "example.net")
    assert "--days" in console.fails("health", "--days", "0", code=2)
