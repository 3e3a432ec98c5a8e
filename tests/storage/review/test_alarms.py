"""Alarms: raised, holding checks back, cleared, and what they held taken into the record."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.ledger.day_counts import Measure
from storage.ledger.runs import start_run
from storage.models import Alarm, Frontier, HeldCheck, Outcome, Source, SourceDay
from storage.review.alarms import (
    Held,
    clear_alarm,
    hold,
    open_alarm,
    raise_alarm,
    released_checks,
    settle,
)
from tests.support.archiving import START, Desk
from tests.support.databases import query_plan

HOUR = timedelta(hours=1)


def held_addresses(session: Session, among: Iterable[int]) -> set[int]:
    """Those of these addresses that the crawl knows to be held."""
    wanted = Frontier.address_id.in_(list(among))
    return set(session.scalars(select(Frontier.address_id).where(Frontier.held, wanted)))


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """A source with a run of its own."""
    return crawled(archive, "https://example.org/")


def crawled(archive: Archive, site: str) -> Desk:
    with archive.writing() as session:
        run_id = start_run(session, software="1", settings={}, now=START)
    return Desk(archive, site, run_id=run_id)


def alarmed(desk: Desk, *paths: str) -> list[Held]:
    """An alarm that holds a check of each of these pages, each captured and in the record."""
    held = []
    for path in paths:
        check, _ = desk.check(path, body=path.encode())
        held.append(Held(check.fetch_id, check.address_id, "3 paragraphs of 9 are left"))
    with desk.archive.writing() as session:
        alarm_id = raise_alarm(
            session,
            desk.source.id,
            desk.run_id,
            reason="many edits at once",
            evidence={"edits": len(paths), "share": 0.9},
            now=desk.now,
        )
        hold(session, alarm_id, held)
    return held


def alarm_of(desk: Desk) -> Alarm:
    with desk.archive.reading() as session:
        alarm = open_alarm(session, desk.source.id)
    assert alarm is not None
    return alarm


def clear(desk: Desk) -> Alarm | None:
    with desk.archive.writing() as session:
        return clear_alarm(session, desk.source.id, desk.now)


def test_an_alarm_is_open_until_it_is_cleared(desk: Desk) -> None:
    other = Desk(desk.archive, "https://example.net/")
    alarmed(desk, "/a", "/b")
    alarm = alarm_of(desk)
    assert (alarm.reason, alarm.evidence) == ("many edits at once", {"edits": 2, "share": 0.9})
    assert (alarm.run_id, alarm.raised_at, alarm.cleared_at) == (desk.run_id, desk.now, None)
    with desk.archive.reading() as session:
        assert open_alarm(session, other.source.id) is None
    cleared = clear(desk)
    assert cleared is not None
    assert (cleared.id, cleared.cleared_at) == (alarm.id, desk.now)
    with desk.archive.reading() as session:
        assert open_alarm(session, desk.source.id) is None
    assert clear(desk) is None


def test_a_source_has_one_open_alarm(desk: Desk) -> None:
    alarmed(desk, "/a", "/b")
    first = alarm_of(desk)
    with desk.archive.writing() as session:
        again = [
            raise_alarm(
                session,
                desk.source.id,
                desk.run_id,
                reason=reason,
                evidence=evidence,
                now=desk.now + HOUR,
            )
            for reason, evidence in (
                ("many removals at once", {"edits": 1, "share": 0.5, "removals": 4, "new": True}),
                ("many edits at once", {"removals": 1, "new": False}),
            )
        ]
    second = alarm_of(desk)
    assert again == [first.id, first.id]
    assert second.raised_at == first.raised_at
    assert second.reason == "many edits at once; many removals at once"
    assert second.evidence == {"edits": 3, "share": 0.5, "removals": 5, "new": False}
    clear(desk)
    alarmed(desk, "/c")
    assert alarm_of(desk).id != first.id


def test_checks_are_held_once(desk: Desk) -> None:
    held = alarmed(desk, "/a", "/b")
    free, _ = desk.check("/c", body=b"c")
    with desk.archive.writing() as session:
        hold(session, alarm_of(desk).id, [held[0], *held])
        hold(session, alarm_of(desk).id, [])
    addresses = [one.address_id for one in held]
    with desk.archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(HeldCheck)) == 2
        assert held_addresses(session, [*addresses, free.address_id]) == set(addresses)


def test_nothing_is_released_before_the_alarm_is_cleared(desk: Desk) -> None:
    alarmed(desk, "/a")
    with desk.archive.reading() as session:
        assert released_checks(session, desk.source.id) == []


def test_what_is_released_comes_in_the_order_it_was_checked(desk: Desk) -> None:
    other = crawled(desk.archive, "https://example.net/")
    alarmed(other, "/x")
    clear(other)
    first, second, third = alarmed(desk, "/c", "/a", "/b")
    clear(desk)
    still_held = alarmed(desk, "/d")[0]
    with desk.archive.reading() as session:
        released = released_checks(session, desk.source.id)
    assert [one.fetch_id for one in released] == [one.fetch_id for one in (first, second, third)]
    assert (released[0].address_id, released[0].outcome, released[0].reason) == (
        first.address_id,
        Outcome.FETCHED,
        "3 paragraphs of 9 are left",
    )
    assert released[0].fetched_at < released[1].fetched_at
    with desk.archive.reading() as session:
        waiting = {one.address_id for one in (first, second, third, still_held)}
        assert held_addresses(session, waiting) == waiting


def test_what_is_settled_is_released_no_more(desk: Desk) -> None:
    first, second = alarmed(desk, "/a", "/b")
    clear(desk)
    for hours in (1, 2):
        with desk.archive.writing() as session:
            settle(session, [first.fetch_id], START + hours * HOUR)
            settle(session, [], START)
    with desk.archive.reading() as session:
        (left,) = released_checks(session, desk.source.id)
        assert left.fetch_id == second.fetch_id
        row = session.get_one(HeldCheck, first.fetch_id)
        assert row.settled_at == START + HOUR
        assert held_addresses(session, [first.address_id, second.address_id]) == {second.address_id}


@pytest.mark.parametrize("due_in", [timedelta(days=1), -HOUR, None])
def test_a_source_whose_alarm_is_cleared_is_due(desk: Desk, due_in: timedelta | None) -> None:
    alarmed(desk, "/a")
    due_at = None if due_in is None else desk.now + due_in
    with desk.archive.writing() as session:
        session.execute(update(Source).values(next_due_at=due_at))
    clear(desk)
    with desk.archive.reading() as session:
        source = session.get_one(Source, desk.source.id)
    assert source.next_due_at == min(due_at or desk.now, desk.now)


def test_a_held_check_is_counted_as_held_and_then_by_its_outcome(desk: Desk) -> None:
    edit, _ = desk.check("/a", body=b"a")
    wall, _ = desk.check("/b", body=b"b")
    removal, _ = desk.check("/c", Outcome.GONE)
    held = [
        Held(edit.fetch_id, edit.address_id, "why"),
        Held(wall.fetch_id, wall.address_id, "why", Outcome.PAYWALL, "paywall"),
        Held(removal.fetch_id, removal.address_id, "why"),
    ]
    for _ in range(2):
        with desk.archive.writing() as session:
            alarm_id = raise_alarm(
                session, desk.source.id, desk.run_id, reason="why", evidence={}, now=desk.now
            )
            hold(session, alarm_id, held)
        assert counted(desk) == {Measure.HELD: 2, Measure.PAGE_GONE: 1}
    for _ in range(2):
        with desk.archive.writing() as session:
            settle(session, [one.fetch_id for one in held], desk.now)
        # The edit is counted where it is recorded: storage.history.versioning.
        assert counted(desk) == {Measure.PAGE_PAYWALL: 1, Measure.PAGE_GONE: 1}


def counted(desk: Desk) -> dict[str, int]:
    """What was counted of the source's pages."""
    with desk.archive.reading() as session:
        rows = session.execute(select(SourceDay.measure, SourceDay.count)).all()
    return {measure: number for measure, number in rows if number}


def test_no_turn_looks_through_what_was_settled_long_ago(new_archive: Archive) -> None:
    desk = crawled(new_archive, "https://example.org/")
    source_id = desk.source.id
    held = alarmed(desk, "/a")[0]
    clear(desk)
    with new_archive.writing() as session:
        session.execute(
            insert(HeldCheck),
            [
                {
                    "fetch_id": number,
                    "address_id": held.address_id,
                    "alarm_id": 1,
                    "reason": "why",
                    "settled_at": START,
                }
                for number in range(1, 2000)
            ],
        )
        session.execute(text("ANALYZE"))
    with new_archive.reading() as session:
        plan = query_plan(new_archive, lambda: released_checks(session, source_id))
    assert "ix_held_check_unsettled" in plan


def test_an_alarm_that_is_raised_again_for_the_same_checks_counts_once(archive: Archive) -> None:
    desk = crawled(archive, "https://example.org/")
    held = alarmed(desk, "/a", "/b")
    before = alarm_of(desk)
    with archive.writing() as session:
        again = raise_alarm(
            session,
            desk.source.id,
            desk.run_id,
            reason="many edits at once",
            evidence={"edits": 2, "share": 0.9},
            now=desk.now,
            held=held,
        )
        hold(session, again, held)
    after = alarm_of(desk)
    assert (again, after.evidence) == (before.id, {"edits": 2, "share": 0.9})
