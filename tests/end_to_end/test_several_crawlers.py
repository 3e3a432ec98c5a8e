"""Two to four crawlers on one PostgreSQL, started at any moment, one killed: the result of one."""

import itertools
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from tests.support.command import Command
from tests.support.comparison import contents, loose_ends
from tests.support.databases import clear
from tests.support.newsroom import Newsroom

ARTICLES = 6  # a source
COMPARED = ("articles", "versions", "addresses", "links", "outcomes")

pytestmark = pytest.mark.timeout(7200)


@pytest.fixture
def rooms() -> Iterator[list[Newsroom]]:
    with ExitStack() as stack:
        rooms = [stack.enter_context(Newsroom(adverts=False)) for _ in range(5)]
        for seed, room in enumerate(rooms):
            room.publish_generated(ARTICLES, seed=seed)
        yield rooms


def test_two_that_start_together_on_slow_sites(
    postgresql_archive: Archive, rooms: list[Newsroom], tmp_path: Path
) -> None:
    """Each is at a front page when the other begins: what it lists is left to neither."""
    for room in rooms:
        room.delay = 0.5
    Storm(postgresql_archive, rooms, tmp_path, delay=0).blow([0.0, 1.0])
    held = contents(postgresql_archive)
    assert len(held["articles"]) == len(rooms) * ARTICLES
    assert loose_ends(postgresql_archive) == []


@pytest.mark.soak
def test_staggered_starts_and_kills(
    postgresql_archive: Archive, rooms: list[Newsroom], tmp_path: Path
) -> None:
    """As many as SOAK_STARTS says."""
    chance = random.Random(5)
    storm = Storm(postgresql_archive, rooms, tmp_path, delay=0.5)
    storm.blow([0.0])
    expected = told(postgresql_archive)
    gaps, differ, times = [], 0, int(os.environ.get("SOAK_STARTS", "200"))
    for number in range(times):
        starts = sorted(chance.uniform(0, 4) for _ in range(chance.choice([2, 3, 4])))
        kill_at = chance.uniform(2, 14) if chance.random() < 0.6 else None
        for room in rooms:
            room.delay = chance.choice([0, 0, 0.2, 0.6])
        gaps.append(storm.blow(starts, kill_at=kill_at))
        seen, ends = told(postgresql_archive), loose_ends(postgresql_archive)
        if kill_at is not None and [end.isdigit() for end in ends] == [True]:
            ends = []  # the run that was killed, when no other was left to close it
        if seen != expected or ends:
            differ += 1
            other = [name for name in COMPARED if seen[name] != expected[name]]
            print(f"{number}: starts {starts}, kill {kill_at}: {other} differ, loose {ends}")
    print(
        f"{times} storms, {differ} unlike one crawl; shortest time between two requests of a host "
        f"{min(gaps):.2f} s where its delay is {storm.delay} s; load {os.getloadavg()[0]:.0f}"
    )
    assert differ == 0
    assert min(gaps) > storm.delay / 2


class Storm:
    """Crawls of the same sites, each from nothing."""

    def __init__(
        self, archive: Archive, rooms: list[Newsroom], folder: Path, *, delay: float
    ) -> None:
        self._archive = archive
        self._rooms = rooms
        self._folder = folder
        self.delay = delay

    def blow(self, starts: list[float], *, kill_at: float | None = None) -> float:
        """Start crawlers after so many seconds each, and kill the first of them; returns the
        shortest time between two requests to one site."""
        clear(self._archive)
        with self._archive.writing() as session:
            for room in self._rooms:
                enrol(session, room.url, now=utc_now(), allow_private=True, delay=self.delay)
        before = [len(room.requests) for room in self._rooms]
        url = self._archive.url.render_as_string(hide_password=False)
        began = time.monotonic()
        with ExitStack() as stack:
            crawlers = []
            for start in starts:
                time.sleep(max(0.0, began + start - time.monotonic()))
                command = Command("crawl", database=url, cwd=self._folder)
                crawlers.append(stack.enter_context(command))
            if kill_at is not None:
                time.sleep(max(0.0, began + kill_at - time.monotonic()))
                crawlers.pop(0).signal_group(signal.SIGKILL)
            for crawler in crawlers:
                done = crawler.wait(timeout=300)
                assert done.code == 0, done.err[-2000:]
        gaps = [60.0]
        for room, known in zip(self._rooms, before, strict=True):
            times = [visit.at for visit in room.requests[known:]]
            gaps += [later - at for at, later in itertools.pairwise(times)]
        return min(gaps)


def told(archive: Archive) -> dict[str, object]:
    held = contents(archive, bytes_vary=True)
    return {name: held[name] for name in COMPARED}
