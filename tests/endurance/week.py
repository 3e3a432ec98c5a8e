"""A week of `permalien schedule` in an hour: sites publish and edit, by a clock that runs fast.

The command is the real one, in a process of its own, and so are its crawls; only the archive's
clock is a rehearsal's (database.clock). What is waited for from other machines is not: a crawl
still takes as long to start, so all times of the archive are that much coarser.
"""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from storage import schema
from storage.database.archive import Archive
from storage.database.clock import Clock, set_clock, system_now, utc_now
from storage.database.settings import REHEARSAL_VARIABLE
from storage.frontier.enrolment import enrol
from storage.models import Article, Frontier, Run, RunEnd, Source, Version
from tests.support.environment import environment
from tests.support.generated_news import GeneratedArticle, generate_articles
from tests.support.memory import memory_of_tree, resident_memory
from tests.support.newsroom import Newsroom

BEGINS = datetime(2027, 1, 4, tzinfo=UTC)
ARTICLES_A_DAY = 6  # of each site
EDITED = 0.5  # of the articles, once each
EDIT_AFTER = timedelta(hours=3)
GRACE = 180.0  # seconds
_FIRST = 10  # articles that each site has at the beginning
_SAMPLE = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Sample:
    """A moment of the schedule. `memory` and `files` are of its own process, in bytes and in open
    descriptors; `tree` is the memory of all its processes (PSS, proc(5)); `late` is how long what
    is due the longest has been due, in the archive's time."""

    at: datetime
    memory: int
    files: int
    tree: int
    late: timedelta


@dataclass(frozen=True, slots=True)
class Event:
    """What an editor does at `at`: publishes an article, or edits one that the crawl has seen."""

    at: datetime
    room: Newsroom
    article: GeneratedArticle
    is_edit: bool

    def is_due(self) -> bool:
        seen = not self.is_edit or self.room.count(self.article.path, status=200) > 0
        return seen and self.at <= utc_now()

    def happen(self) -> None:
        if self.is_edit:
            title = f"{self.article.title}, corrected"
            self.room.edit(self.article.path, title=title, modified_at=utc_now())
            return
        self.room.publish(
            self.article.path,
            title=self.article.title,
            standfirst=self.article.standfirst,
            paragraphs=self.article.paragraphs,
            published_at=self.at,
        )


@dataclass
class Week:
    """What came of it. `log` is what the schedule wrote to standard error."""

    samples: list[Sample] = field(default_factory=list)
    published: int = 0
    edits: int = 0
    articles: int = 0
    versions: int = 0
    runs: dict[RunEnd | None, int] = field(default_factory=dict)
    code: int | None = None
    log: list[str] = field(default_factory=list)

    def late(self, share: float) -> timedelta:
        """How late things were at the worst of that share of the samples."""
        lates = sorted(sample.late for sample in self.samples)
        return lates[min(len(lates) - 1, int(share * len(lates)))]

    def grown(self, measure: Callable[[Sample], int]) -> float:
        """The last quarter's median of a measure by the second quarter's."""
        quarter = len(self.samples) // 4
        early, last = self.samples[quarter : 2 * quarter], self.samples[-quarter:]
        return median(map(measure, last)) / median(map(measure, early))


def rehearse(database: str, folder: Path, *, seconds: float, speed: float, sites: int) -> Week:
    """Let a schedule run for so many seconds by a clock `speed` times as fast as the system's, and
    for as long more as it takes to find all that was published and edited, GRACE at most."""
    archive = Archive(database)
    schema.upgrade(archive)
    clock = Clock(BEGINS, system_now(), speed)
    set_clock(clock)
    week = Week()
    log = folder / "schedule.log"
    with ExitStack() as stack:
        rooms = [stack.enter_context(Newsroom(validators=n % 2 == 0)) for n in range(sites)]
        events = list(_events(rooms, timedelta(seconds=seconds * speed)))
        with archive.writing() as session:
            for room in rooms:
                enrol(session, room.url, now=utc_now(), allow_private=True, delay=0)
        with log.open("w", encoding="utf-8") as errors:
            schedule = subprocess.Popen(
                [sys.executable, "-m", "scripts.main", "schedule"],
                cwd=folder,
                env=environment(database)
                | {
                    REHEARSAL_VARIABLE: f"{clock.shown.isoformat()} at {clock.real.isoformat()} "
                    f"x{speed:g}"
                },
                stdin=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        try:
            _watch(week, archive, schedule.pid, events, seconds)
            schedule.send_signal(signal.SIGTERM)
            week.code = schedule.wait(120)
        finally:
            schedule.kill()
            schedule.wait()
    week.log = log.read_text(encoding="utf-8").splitlines()
    _count(week, archive)
    archive.close()
    return week


def _events(rooms: Sequence[Newsroom], length: timedelta) -> Iterator[Event]:
    """What the editors do in that time."""
    chance = random.Random(len(rooms))
    days = length / timedelta(days=1)
    for number, room in enumerate(rooms):
        count = _FIRST + round(ARTICLES_A_DAY * days)
        for place, article in enumerate(generate_articles(count, seed=number)):
            share = 0.0 if place < _FIRST else chance.random()
            at = BEGINS + share * length

            yield Event(at, room, article, is_edit=False)
            later = at + EDIT_AFTER * chance.random()
            if chance.random() < EDITED and later < BEGINS + length:
                yield Event(later, room, article, is_edit=True)


def _watch(
    week: Week,
    archive: Archive,
    pid: int,
    events: list[Event],
    seconds: float,
) -> None:
    end = time.monotonic() + seconds
    while (now := time.monotonic()) < end + GRACE:
        if now > end and not events:
            _count(week, archive)
            if week.articles == week.published and week.versions == week.articles + week.edits:
                return
        due = [event for event in events if event.is_due()]
        for event in sorted(due, key=lambda it: it.at):
            event.happen()
            events.remove(event)
            week.edits += event.is_edit
            week.published += not event.is_edit
        week.samples.append(
            Sample(
                utc_now(),
                resident_memory(pid),
                sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
                memory_of_tree(pid),
                _late(archive),
            )
        )
        time.sleep(_SAMPLE)


def _late(archive: Archive) -> timedelta:
    with archive.reading() as session:
        due = session.scalar(
            select(func.min(Frontier.due_at)).join(Source, Source.id == Frontier.source_id)
        )
    return max(timedelta(0), utc_now() - due) if due else timedelta(0)


def _count(week: Week, archive: Archive) -> None:
    with archive.reading() as session:
        week.articles = session.scalar(select(func.count()).select_from(Article)) or 0
        week.versions = session.scalar(select(func.count()).select_from(Version)) or 0
        week.runs = dict(
            session.execute(select(Run.ended_how, func.count()).group_by(Run.ended_how)).all()
        )
