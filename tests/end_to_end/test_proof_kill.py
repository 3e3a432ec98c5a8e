"""The closing of days, killed at any moment and by two processes at once: nothing half, nothing
twice, nothing left out."""

import os
import random
import signal
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.fetches import NewFetch, record_fetches
from storage.models import DayRoot, Fetch, Leaf, Unsealed
from storage.proof.checking import check_log
from storage.proof.sealing import seal
from tests.support.archiving import START, Desk
from tests.support.command import Command
from tests.support.proving import recorded_on

KILLS = 2  # on each database
SOAK_KILLS = int(os.environ.get("SOAK_KILLS", "10"))  # the same
FETCHES = 2_000  # of a day

soak = [pytest.mark.soak, pytest.mark.timeout(7200)]
pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("most", [KILLS, pytest.param(SOAK_KILLS, marks=soak)])
def test_killed(archive: Archive, tmp_path: Path, most: int) -> None:
    desk, dice, kills = Desk(archive), random.Random(most), 0
    address_id = desk.address("/a")
    day = datetime.now(UTC).date() - timedelta(days=10_000)
    url = archive.url.render_as_string(hide_password=False)
    half = 0
    while kills < most:
        if not count(archive, Unsealed):
            day += timedelta(days=1)
            fill(archive, address_id, day)
        begun = count(archive, Leaf)
        commands = [Command("timestamp", database=url, cwd=tmp_path) for _ in range(2)]
        with commands[0] as first, commands[1] as second:
            while first.running and count(archive, Leaf) == begun:
                time.sleep(0.01)
            time.sleep(dice.uniform(0, 0.3))
            kills += first.running
            for command in (first, second):
                command.signal_group(signal.SIGKILL)
                command.wait()
        half += 0 < count(archive, Unsealed) < FETCHES
        in_their_places(archive)
    assert half or most < SOAK_KILLS
    seal(archive)
    in_their_places(archive)
    with archive.reading() as session:
        assert list(check_log(session)) == []
        leaves = session.scalars(select(Leaf.fetch_id)).all()
        assert (
            sorted(it or 0 for it in leaves)
            == session.scalars(select(Fetch.id).order_by(Fetch.id)).all()
        )
        days = session.execute(select(DayRoot.day, DayRoot.leaves)).all()
    assert {tuple(it) for it in days} == {(it, FETCHES) for it in Counter(day for day, _ in days)}
    assert count(archive, Unsealed) == 0


def count(archive: Archive, table: type[Leaf] | type[Unsealed]) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def fill(archive: Archive, address_id: int, day: date) -> None:
    """A day's fetches, which wait to be leaves."""
    first = first_id_at(START) + count(archive, Leaf)
    fetches = [NewFetch(first + it, address_id, 1, START, status=304) for it in range(FETCHES)]
    with archive.writing() as session:
        record_fetches(session, fetches)
    recorded_on(archive, day)


def in_their_places(archive: Archive) -> None:
    """No leaf is without its place, none has another's, and none that is one waits."""
    with archive.reading() as session:
        both = select(func.count()).join(Leaf, Leaf.fetch_id == Unsealed.fetch_id)
        assert session.scalar(both.select_from(Unsealed)) == 0
        for day, number, highest in session.execute(
            select(Leaf.day, func.count(), func.max(Leaf.position)).group_by(Leaf.day)
        ):
            assert number == highest + 1, day
