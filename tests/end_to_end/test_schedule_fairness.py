"""A schedule of healthy sites and bad ones: how late the healthy ones are looked at."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import schema
from storage.database.archive import Archive
from storage.database.settings import REHEARSAL_VARIABLE
from storage.frontier.enrolment import enrol
from storage.models import Address, AddressKind, Fetch, Run
from tests.support.databases import PostgreSQLServer, fresh_database
from tests.support.environment import environment
from tests.support.many_sites import ManySites, Site

BEGINS = datetime(2027, 1, 4, tzinfo=UTC)
CADENCE = 900  # seconds
FIRST_CRAWLS = timedelta(minutes=45)
"""In which the sites are new, and everything of them is due."""
BAD = (Site.ENDLESS, Site.TARPIT, Site.LARGE, Site.AWAY, Site.LOOP, Site.BUSY)

pytestmark = pytest.mark.timeout(7200)


@pytest.mark.soak
def test_a_day_of_three_hundred_sites(database_url: str, tmp_path: Path) -> None:
    """SOAK_SECONDS of it, SOAK_SPEED times as fast."""
    seconds = float(os.environ.get("SOAK_SECONDS", "5760"))
    speed = float(os.environ.get("SOAK_SPEED", "15"))
    late = rehearse(database_url, tmp_path, healthy=294, seconds=seconds, speed=speed)
    assert share(late, 0.95) < CADENCE / 4


def test_three_quarters_of_an_hour_of_good_sites_and_bad_ones(
    postgresql: PostgreSQLServer, tmp_path: Path
) -> None:
    """The short form: no site waits for the bad ones, however busy this machine is."""
    with fresh_database(postgresql) as url:
        late = rehearse(url, tmp_path, healthy=6, seconds=30, speed=90, first=timedelta(0))
    assert late
    assert share(late, 0.5) < 2 * CADENCE


def rehearse(
    url: str,
    folder: Path,
    *,
    healthy: int,
    seconds: float,
    speed: float,
    first: timedelta = FIRST_CRAWLS,
) -> list[float]:
    """Run the schedule for so many seconds; returns how many seconds late, by the archive's clock,
    each look at a healthy site's feed was, once all were crawled for the `first` time."""
    archive = Archive(url)
    schema.upgrade(archive)
    with ManySites(healthy, BAD) as sites:
        names = {}
        with archive.writing() as session:
            for address, kind in sites.urls.items():
                names[
                    enrol(session, address, now=BEGINS, allow_private=True, cadence=CADENCE).id
                ] = kind
        clock = f"{BEGINS.isoformat()} at {datetime.now(UTC).isoformat()} x{speed}"
        schedule = subprocess.Popen(
            [sys.executable, "-m", "scripts.main", "schedule"],
            cwd=folder,
            env=environment(url) | {REHEARSAL_VARIABLE: clock, "PYTHONPATH": str(Path.cwd())},
            stderr=subprocess.PIPE,
        )
        try:
            schedule.communicate(timeout=seconds)
            raise AssertionError("the schedule ended")
        except subprocess.TimeoutExpired:
            schedule.send_signal(signal.SIGTERM)
            stopped = time.monotonic()
            _, told = schedule.communicate(timeout=60)
        took = time.monotonic() - stopped
        assert schedule.returncode == 0, told.decode()[-3000:]
        requests = dict(sites.requests)
    looks = feed_looks(archive)
    healthy_looks = [times for it, times in looks.items() if names[it] is Site.HEALTHY]
    gaps = [pair for times in healthy_looks for pair in pairwise(times)]
    late = [(later - at).total_seconds() - CADENCE for at, later in gaps]
    steady = [(later - at).total_seconds() - CADENCE for at, later in gaps if at > BEGINS + first]
    unseen = [it for it, kind in names.items() if kind is Site.HEALTHY and it not in looks]
    with archive.reading() as session:
        runs = session.scalar(select(func.count()).select_from(Run))
        known = session.scalar(select(func.count()).select_from(Address))
    print(
        f"{url.partition(':')[0]}: {timedelta(seconds=seconds * speed)} at {speed:g} times the "
        f"clock, {healthy} healthy sites and {len(BAD)} bad ones: {len(late):,} looks, late by "
        f"{share(late, 0.5):.0f} s (median), {share(late, 0.95):.0f} s (p95), "
        f"{max(late, default=0):.0f} s (most), p95 after the first {first} "
        f"{share(steady, 0.95):.0f} s of {len(steady):,}; never looked at: {len(unseen)}; "
        f"{runs} runs, {known:,} addresses; requests {requests}; stop took {took:.1f} s; "
        f"load {os.getloadavg()[0]:.0f}"
    )
    assert not unseen
    archive.close()
    return steady


def feed_looks(archive: Archive) -> dict[int, list[datetime]]:
    looks: dict[int, list[datetime]] = {}
    with archive.reading() as session:
        rows = session.execute(
            select(Address.source_id, Fetch.fetched_at)
            .join(Fetch, Fetch.address_id == Address.id)
            .where(Address.kind == AddressKind.FEED, Address.url.like("%/feed.xml"))
            .order_by(Address.source_id, Fetch.id)
        )
        for source_id, at in rows:
            looks.setdefault(source_id, []).append(at)
    return looks


def share(late: list[float], part: float) -> float:
    """What so large a part of them stays within."""
    return sorted(late)[int(part * (len(late) - 1))] if late else float("inf")
