"""The log of changes: everything that changed is in it, and whoever follows it misses nothing."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage.database.archive import Archive
from storage.frontier.removal import remove_with_record
from storage.frontier.sources import find_source
from storage.history.identity_decisions import merge
from storage.history.identity_undoing import undo
from storage.ledger.changes import (
    LoggedChange,
    UnknownPosition,
    beginning,
    changes_since,
    count_since,
    parse_position,
)
from storage.models import Address, ArchiveIdentity, Change, Outcome, Source
from tests.support.archiving import START, Desk
from tests.support.databases import query_plan

Seen = list[tuple[str, int | None]]


class Follower:
    """Follows the log, some changes at a time."""

    def __init__(self, archive: Archive, limit: int = 100) -> None:
        self._archive, self._limit = archive, limit
        with archive.reading() as session:
            self.position = beginning(session)
        self.seen: list[LoggedChange] = []

    def follow(self) -> Seen:
        """What is new."""
        new: list[LoggedChange] = []
        while True:
            with self._archive.reading() as session:
                position = parse_position(session, str(self.position))
                some, self.position = changes_since(session, position, limit=self._limit)
            new += some
            if len(some) < self._limit:
                break
        self.seen += new
        return [(it.kind.value, it.article_id) for it in new]


def test_all_that_readers_must_know_is_logged(archive: Archive) -> None:
    follower = Follower(archive)
    desk = Desk(archive)
    assert follower.follow() == [("source", None)]
    desk.read("/a", "Title", "The first wording")
    a = desk.article("/a").id
    assert follower.follow() == [("version", a)]
    desk.read("/a", "Title", "The first wording", advert="another")
    desk.check("/a", Outcome.FAILED)
    assert follower.follow() == []
    desk.read("/a", "Title", "The second wording")
    assert sorted(follower.follow()) == [("article", a), ("version", a)]
    desk.check("/a", Outcome.GONE)
    assert ("presence", a) in follower.follow()
    desk.check("/a", Outcome.UNCHANGED)
    desk.read("/a", "Title", "The second wording", advert="third")
    assert follower.follow() == [("presence", a)]
    desk.extractor = "2"
    desk.reread(desk.history("/a")[0].version_id)
    assert follower.follow() == [("reading", a)]
    desk.extractor = "1"
    desk.read("/b", "Title", "Something else")
    b = desk.article("/b").id
    follower.follow()
    with archive.writing() as session:
        merge(session, str(a), str(b), now=desk.now)
    assert {("history", a), ("history", b), ("article", b)} <= set(follower.follow())
    with archive.writing() as session:
        undo(session, None, now=desk.now)
    assert {("history", a), ("history", b), ("article", b)} <= set(follower.follow())
    with archive.writing() as session:
        session.execute(
            update(Address).where(Address.article_id == a).values(published_at=desk.now)
        )
    assert set(follower.follow()) == {("date", a)}
    with archive.writing() as session:
        session.execute(update(Source).values(name="other.example"))
    assert follower.follow() == [("source", None)]
    with archive.writing() as session:
        remove_with_record(session, find_source(session, "other.example"), START)
    assert {("removed", a), ("removed", b), ("source", None)} <= set(follower.follow())
    assert follower.follow() == []


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_what_is_read_in_parts_is_all_there_is(archive: Archive, limit: int) -> None:
    desk = Desk(archive)
    whole, parts = Follower(archive), Follower(archive, limit)
    for number in range(7):
        desk.read(f"/{number}", "Title", f"The wording {number}")
        if number % 3 == 2:
            assert parts.follow() == whole.follow()
    assert len(parts.follow()) == len(whole.follow()) == 1
    with archive.reading() as session:
        ids = set(session.scalars(select(Change.id)))
    assert [it.position.row for it in parts.seen] == sorted(ids)
    positions = [str(it.position) for it in whole.seen]
    # From every change on, what follows is the rest.
    for place, position in enumerate(positions):
        with archive.reading() as session:
            rest, _ = changes_since(session, parse_position(session, position), limit=100)
        assert [it.position.row for it in rest] == [
            it.position.row for it in whole.seen[place + 1 :]
        ]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_a_late_commit_is_not_missed(postgresql_archive: Archive, limit: int) -> None:
    archive = postgresql_archive
    desk = Desk(archive)
    for number in range(3):
        desk.read(f"/{number}", "Title", f"The wording {number}")
    ids = [desk.article(f"/{number}").id for number in range(3)]
    follower = Follower(archive, limit)
    follower.follow()

    def touch(number: int) -> None:
        with archive.writing() as session:
            session.execute(
                update(Address).where(Address.article_id == ids[number]).values(published_at=START)
            )

    with archive.writing() as late:
        late.execute(update(Address).where(Address.article_id == ids[0]).values(published_at=START))
        touch(1)
        # Later ids are durable while an earlier one is not.
        assert follower.follow() == [("date", ids[1])]
        assert follower.follow() == []
        touch(2)
    assert sorted(follower.follow()) == [("date", ids[0]), ("date", ids[2])]
    assert follower.follow() == []


def test_what_is_rolled_back_is_not_told(archive: Archive) -> None:
    desk = Desk(archive)
    follower = Follower(archive)
    follower.follow()
    with archive.writing() as session:
        session.execute(update(Source).values(name="never.example"))
        session.rollback()
    assert follower.follow() == []
    desk.read("/a", "Title", "The first wording")
    assert len(follower.follow()) == 1


@pytest.mark.soak
def test_many_writers_and_a_follower(postgresql_archive: Archive) -> None:
    _storm(postgresql_archive, writers=8, rounds=200)


def test_some_writers_and_a_follower(postgresql_archive: Archive) -> None:
    _storm(postgresql_archive, writers=4, rounds=10)


def _storm(archive: Archive, *, writers: int, rounds: int) -> None:
    desk = Desk(archive)
    for number in range(writers):
        desk.read(f"/{number}", "Title", f"The wording {number}")
    ids = [desk.article(f"/{number}").id for number in range(writers)]
    follower = Follower(archive, 3)

    def write(article_id: int) -> None:
        for minute in range(rounds):
            with archive.writing() as session:
                session.execute(
                    update(Address)
                    .where(Address.article_id == article_id)
                    .values(published_at=desk.now + timedelta(minutes=minute))
                )

    threads = [threading.Thread(target=write, args=[it]) for it in ids]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        follower.follow()
    follower.follow()
    with archive.reading() as session:
        ids_there = sorted(session.scalars(select(Change.id)))
    assert sorted(it.position.row for it in follower.seen) == ids_there


def test_how_far_behind(archive: Archive) -> None:
    desk = Desk(archive)
    follower = Follower(archive)
    follower.follow()
    for number in range(5):
        desk.read(f"/{number}", "Title", f"The wording {number}")
    with archive.reading() as session:
        assert count_since(session, follower.position, at_most=100) == 5
        assert count_since(session, follower.position, at_most=3) == 3


def test_a_position_of_another_archive_is_refused(archive: Archive) -> None:
    desk = Desk(archive)
    follower = Follower(archive)
    follower.follow()
    with archive.reading() as session:
        whose = session.scalars(select(ArchiveIdentity.id)).one()
    for wrong in ("", "nonsense", "00000000.1.2.3.4.5.6.7", f"{whose}.0", "0.x", "é\0"):
        with archive.reading() as session, pytest.raises(UnknownPosition):
            parse_position(session, wrong)
    # As after the restoration of a backup.
    position = str(follower.position)
    with archive.writing() as session:
        session.execute(Change.__table__.delete())  # type: ignore[attr-defined]
    desk.read("/a", "Title", "The first wording")
    with archive.reading() as session, pytest.raises(UnknownPosition, match="restored"):
        parse_position(session, position)


def test_the_log_is_read_by_its_index(archive: Archive) -> None:
    Desk(archive)
    with archive.reading() as session:
        at = beginning(session)
        _, end = changes_since(session, at, limit=10)
        plan = query_plan(archive, lambda: changes_since(session, end, limit=10))
    assert re.search("ix_change|pk_change|PRIMARY KEY", plan)
