"""SIGTERM at any moment: a crawl ends within seconds, whatever it is doing, and loses nothing."""

import os
import random
import signal
import statistics
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from storage.models import Frontier, Run, RunEnd, Source
from tests.support.command import Command
from tests.support.large_site import LargeSite

INTERRUPTED = 130
LONGEST = 10.0  # seconds
P95 = 3.0

pytestmark = pytest.mark.timeout(7200)


def test_it_ends_while_large_sitemaps_are_taken_in(database_url: str, tmp_path: Path) -> None:
    """And pages do not answer."""
    archive = Archive(database_url)
    schema.upgrade(archive)
    with LargeSite(4, addresses=20_000) as site:
        took = stop(archive, site, tmp_path, lambda: known(archive) > 2_000, 0.5)
    assert took < LONGEST
    with archive.reading() as session:
        assert session.scalars(select(Run.ended_how)).all() == [RunEnd.INTERRUPTED]
        assert session.scalars(select(Source.lease_run_id)).all() == [None]
    archive.close()


@pytest.mark.soak
def test_it_ends_at_a_hundred_moments(database_url: str, tmp_path: Path) -> None:
    """Fifty on each database, or as many as SOAK_SIGNALS says."""
    chance = random.Random(3)
    archive = Archive(database_url)
    schema.upgrade(archive)
    took = []
    with LargeSite(200) as site:
        for _ in range(int(os.environ.get("SOAK_SIGNALS", "50"))):
            began = runs(archive)
            wait = chance.uniform(0, 12)
            took.append(stop(archive, site, tmp_path, lambda at=began: runs(archive) > at, wait))
    took.sort()
    median, p95 = statistics.median(took), statistics.quantiles(took, n=20, method="inclusive")[-1]
    print(
        f"{archive.url.get_backend_name()}: {len(took)} signals, median {median:.1f} s, "
        f"p95 {p95:.1f} s, longest {took[-1]:.1f} s, {known(archive):,} addresses, "
        f"load {os.getloadavg()[0]:.0f}"
    )
    assert took[-1] < LONGEST
    assert p95 < P95
    archive.close()


def stop(archive: Archive, site: LargeSite, folder: Path, when: object, wait: float) -> float:
    """Crawl the site, and tell it to stop so many seconds after `when` is true; how many seconds
    it took to end."""
    assert callable(when)
    with archive.writing() as session:
        enrol(session, site.url, now=utc_now(), allow_private=True, delay=0)
    url = archive.url.render_as_string(hide_password=False)
    with Command("crawl", database=url, cwd=folder) as crawl:
        deadline = time.monotonic() + 120
        while not when():
            assert crawl.running
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(wait)
        told = time.monotonic()
        crawl.signal_group(signal.SIGTERM)
        done = crawl.wait(timeout=300)
        took = time.monotonic() - told
    # Before it listens for signals, one ends it at once.
    assert done.code in (INTERRUPTED, -signal.SIGTERM), done.err[-2000:]
    return took


def known(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Frontier)) or 0


def runs(archive: Archive) -> int:
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0
