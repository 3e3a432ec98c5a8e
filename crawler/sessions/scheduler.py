"""The scheduler of one run: which sources it holds, and which address of theirs is next.

Sources are leased from the archive and served side by side, one request of each under way at a
time. A lease lasts for a session: until nothing is due of the source any more, or, while others
wait, for its share of time. A session always comes to its end, where what was found is judged, and
only then is the source given back. Runs on the same archive share the sources: one that holds more
than its share ends some sessions.
"""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from crawler.sessions.leased import Leased
from crawler.sessions.scope import Scope
from crawler.sessions.waiting import Waiting
from storage.database.clock import utc_now
from storage.database.dialects import database_now
from storage.database.errors import ArchiveError
from storage.database.writer import Writer
from storage.frontier.clock_errors import mend_due_times, mend_sources
from storage.frontier.due import Due, due_addresses, next_retries, sources_with_due
from storage.frontier.revisits import RETRY_HORIZON, EditStats
from storage.frontier.sources import (
    due_sources,
    lease_sources,
    pause_domain,
    pause_source,
    release_sources,
    waiting_sources,
)
from storage.ledger import runs
from storage.ledger.pages import PendingPage, pending_pages
from storage.models import Source

logger = logging.getLogger(__name__)

MOST_SOURCES = 128  # at work at a time, beside as many that are coming to their end
_HAND = 32  # sources that are taken at a time while there are many
MOST_IN_FLIGHT = 64  # pages that are being read
BATCH = 50  # addresses of a source that are fetched from the archive at a time
POLL = 1.0  # seconds between two looks for sources that wait or that other runs hold
SHARE = 300.0
"""Seconds that a source has while others wait; then its session ends, and it waits in line."""
MOST_AN_HOUR = 36_000
"""Requests of one source an hour, whatever its delay."""
LINGER = timedelta(seconds=60)
"""A run that goes on with what falls due waits for it no longer than this."""
OUTAGE = 5
"""Requests in a row that a host leaves unanswered before the run backs off from the source."""
OUTAGE_PAUSE = timedelta(minutes=15)

_NEVER = datetime.max.replace(tzinfo=UTC)
_EVER = datetime.min.replace(tzinfo=UTC)

Result = TypeVar("Result")
Finish = Callable[[Source, bool], Awaitable[Sequence[Due]]]


class Scheduler:
    """Gives out what is due, and what is found on the way.

    `finish` is awaited with each source before it is given back, and with whether it may name
    addresses that are to be looked at first; where it names some, it is awaited again after.
    Iterate over it once, in the event loop that settles its items; iteration raises what stopped
    it.
    """

    def __init__(self, writer: Writer, run_id: int, scope: Scope, *, finish: Finish) -> None:
        self._writer = writer
        self._run_id = run_id
        self._scope = scope
        self._finish = finish
        self._only = scope.only
        self._waiting = Waiting(run_id)
        self._leased: dict[int, Leased] = {}
        self._rested: dict[int, datetime] = {}  # when what this run has done is due again
        self._changed = asyncio.Event()
        self._finishing: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._idle = False
        self._next_round = 0.0  # through the sources that are held, by time.monotonic()
        self._next_look = 0.0  # for more sources
        self._ends_at = None if scope.seconds is None else time.monotonic() + scope.seconds
        self._ended = 0  # sessions since the last look
        self._hour = time.monotonic()
        self._this_hour: Counter[int] = Counter()
        self._failure: Exception | None = None
        self.known = 0  # items given out or waiting in a queue: a lower bound of the work
        self.runs = 1  # that are under way, as of the last look for sources
        self.cut: set[str] = set()  # sources of which `most` left something out

    async def __aiter__(self) -> AsyncIterator[Due | PendingPage]:
        while not (self._stopping or self._failure):
            self._changed.clear()
            # Nobody waits for more than POLL because others always have something to give.
            overdue = time.monotonic() >= self._next_round
            item = None if overdue else self._take()
            if item is not None:
                yield item
                continue
            self._next_round = time.monotonic() + POLL
            self._end_sessions()
            found, leased = await self._refill(), await self._lease()
            if not (found or leased or overdue):
                if not self._leased and not await self._more_may_come():
                    break
                await self._wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Give out nothing more."""
        self._stopping = True
        self._changed.set()

    def answered(
        self, source_id: int, address_id: int, *, unanswered: bool, over: bool = True
    ) -> None:
        """The request came to its end, whatever came of it. Where that is all, it is `over`, and
        the source may be asked for more; the page may still be read."""
        leased = self._leased[source_id]
        if over:
            leased.fetching.discard(address_id)
        leased.unanswered = leased.unanswered + 1 if unanswered else 0
        if leased.unanswered >= OUTAGE:
            leased.unanswered = 0
            self._back_off(leased, f"left {OUTAGE} requests in a row unanswered", OUTAGE_PAUSE)
        self._changed.set()

    def settled(self, source_id: int, address_id: int) -> None:
        """All that is to be done with the item is done and on record."""
        leased = self._leased[source_id]
        leased.fetching.discard(address_id)
        leased.busy.discard(address_id)
        leased.dry = False
        self._changed.set()

    def source(self, source_id: int) -> Source:
        """A source that is held."""
        return self._leased[source_id].source

    @property
    def idle(self) -> bool:
        """Whether all that was given out is settled, and nothing more is due yet."""
        return self._idle and not self._changed.is_set()

    @property
    def sources(self) -> list[str]:
        """The names of the sources that are held, the one that was asked last at the end."""
        return [leased.source.name for leased in self._leased.values()]

    def pause(self, source_id: int, until: datetime) -> None:
        """Send the source nothing before `until`; a longer pause stays."""
        self.known -= self._leased[source_id].pause(until)

    def leave_alone(self, source_id: int, until: datetime) -> None:
        """Send the whole domain of the source nothing before `until`, in this run or another; a
        longer pause stays."""
        domain = self._leased[source_id].source.domain
        for leased in self._leased.values():
            if leased.source.domain == domain:
                self.known -= leased.pause(until)
        self._writer.call(lambda session: pause_domain(session, source_id, until))

    async def close(self) -> None:
        """Give every source back as it is; sessions that are coming to their end are cut short."""
        for task in self._finishing:
            task.cancel()
        await asyncio.gather(*self._finishing, return_exceptions=True)
        left = dict.fromkeys(self._leased, utc_now())
        self._leased.clear()
        await self._ask(lambda session: release_sources(session, self._run_id, left))

    def _take(self) -> Due | PendingPage | None:
        reading = sum(len(it.busy) - len(it.fetching) for it in self._leased.values())
        if reading >= MOST_IN_FLIGHT:
            return None
        for source_id, leased in self._leased.items():
            if leased.ready:
                item = leased.take()
                # The next look begins with the other sources.
                self._leased[source_id] = self._leased.pop(source_id)
                if isinstance(item, Due):
                    self._bound(leased)
                return item
        return None

    def _bound(self, leased: Leased) -> None:
        """Ask no more of a source than a run may."""
        if leased.asked == self._scope.most:
            self.known -= leased.end()
        now = time.monotonic()
        if now - self._hour >= 3600:
            self._hour, self._this_hour = now, Counter()
        self._this_hour[leased.source.id] += 1
        if self._this_hour[leased.source.id] >= MOST_AN_HOUR:
            rest = timedelta(seconds=3600 - (now - self._hour))
            self._back_off(leased, f"was asked {MOST_AN_HOUR:,} times within an hour", rest)

    async def _refill(self) -> bool:
        """Fetch what is due of the sources that ran dry; whether anything was found."""
        now = utc_now()
        # What is settled from here on is asked for again: the read may not see what became of it.
        empty = [(it, frozenset(it.busy)) for it in self._leased.values() if it.needs_refill(now)]
        if not empty:
            return False
        found = await self._read(lambda session: self._due(session, empty, now))
        for (leased, left_out), (items, wake_at) in zip(empty, found, strict=True):
            if not leased.at_work or leased.is_quiet(now):
                continue
            leased.add(items)
            leased.dry, leased.wake_at = len(items) < BATCH and left_out <= leased.busy, wake_at
            self.known += len(items)
            if leased.dry and not items and not leased.busy and wake_at is None:
                self._begin_finish(leased)
        return any(items for items, _ in found)

    def _due(
        self, session: Session, empty: Sequence[tuple[Leased, frozenset[int]]], now: datetime
    ) -> list[tuple[list[Due], datetime | None]]:
        """What is due of each without those addresses; where nothing is, when its next retry is."""
        kinds = self._scope.kinds
        able = sources_with_due(session, [it.source.id for it, _ in empty], now=now)
        due = {
            leased.source.id: due_addresses(
                session,
                leased.source.id,
                now=now,
                limit=BATCH,
                without=without,
                kinds=kinds,
                first=self._scope.first,
                site=EditStats(leased.source.edits, leased.source.exposure),
            )
            for leased, without in empty
            if leased.source.id in able
        }
        without_due = [it.source.id for it, _ in empty if not due.get(it.source.id)]
        retries = next_retries(session, without_due, before=now + RETRY_HORIZON, kinds=kinds)
        return [(due.get(it.source.id, []), retries.get(it.source.id)) for it, _ in empty]

    async def _lease(self) -> bool:
        """Hold this run's share of the sources on which something is due; whether there were more
        to take."""
        held = len(self._leased)
        if (held and self._ended < _HAND and time.monotonic() < self._next_look) or self._is_over():
            return False
        self._ended = 0
        at_work = sum(leased.at_work for leased in self._leased.values())
        # One that is given back is not taken before it is known what is due of it.
        rested = self._rested | dict.fromkeys(self._leased, _EVER)

        def lease(session: Session) -> tuple[int, int, list[tuple[Source, list[PendingPage]]]]:
            runs.bury_dead_runs(session, database_now(session), ended_at=utc_now())
            now, only = utc_now(), self._only
            if self._next_look == 0.0:
                mend_due_times(session, now)
            due = due_sources(session, now=now, only=only)
            self.runs = max(1, runs.live_runs(session))
            share = min(MOST_SOURCES, -(-due // self.runs))
            room = min(share - at_work, 2 * MOST_SOURCES - held)
            if room <= 0:
                waiting = waiting_sources(
                    session, self._run_id, now=now, limit=MOST_SOURCES, only=only, rested=rested
                )
                return share, len(waiting), []
            sources = lease_sources(
                session, self._run_id, now=now, limit=room, only=only, rested=rested
            )
            mend_sources(session, sources, now)
            pending: dict[int, list[PendingPage]] = {source.id: [] for source in sources}
            for page in pending_pages(session, list(pending)):
                pending[page.source_id].append(page)
            return share, 0, [(source, pending[source.id]) for source in sources]

        share, waiting, taken = await self._ask(lease)
        for source, pending in taken:
            self._leased[source.id] = Leased(source, time.monotonic(), deque(pending))
            self.known += len(pending)
        if not taken:
            self._next_look = time.monotonic() + POLL
            self._make_room(waiting, surplus=at_work - share)
        return bool(taken)

    def _make_room(self, waiting: int, *, surplus: int) -> None:
        """End the longest sessions: of what is more than this run's share, and of those that had
        their share of time while others wait."""
        now, at = time.monotonic(), utc_now()
        # One that is quiet is to be had by nobody before its time.
        able = [it for it in self._leased.values() if it.at_work and not it.is_quiet(at)]
        able.sort(key=lambda it: it.since)
        for place, leased in enumerate(able):
            if place < surplus or (place < waiting and now - leased.since >= SHARE):
                self.known -= leased.end()

    async def _more_may_come(self) -> bool:
        """Whether there are sources that this run may come to have."""
        if self._is_over():
            return False
        linger = timedelta(0) if self._ends_at is None else LINGER
        waited_for = await self._read(
            lambda session: self._waiting.look(
                session,
                linger=linger,
                only=self._only,
                rested=self._rested,
                aloud=self._ends_at is None,
            )
        )
        if self._ends_at is None:
            # What falls due from now on is for who goes on; else there would be no end beside one.
            self._only = frozenset(waited_for)
        return bool(waited_for)

    async def _wait(self) -> None:
        """Until something has changed since the last look, or it is time to look again."""
        self._idle = not any(leased.busy or leased.finishing for leased in self._leased.values())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), POLL)
        self._idle = False

    def _is_over(self) -> bool:
        return self._ends_at is not None and time.monotonic() >= self._ends_at

    def _back_off(self, leased: Leased, why: str, pause: timedelta) -> None:
        """Ask nothing more of the source for a while, in this run or another."""
        logger.warning("%s %s: backing off for %s", leased.source.name, why, pause)
        source_id, until = leased.source.id, utc_now() + pause
        self.pause(source_id, until)
        self._writer.call(lambda session: pause_source(session, source_id, until))

    def _end_sessions(self) -> None:
        """Finish with the sources of which nothing more is to be asked for, and with those that
        are to be left alone for longer than this run waits."""
        horizon, over = utc_now() + RETRY_HORIZON, self._is_over()
        for leased in list(self._leased.values()):
            if over and leased.at_work:
                self.known -= leased.end()
            if leased.unused and (leased.ending or leased.is_quiet(horizon)):
                self._begin_finish(leased)

    def _begin_finish(self, leased: Leased) -> None:
        leased.finishing = True
        self._ended += 1
        task = asyncio.get_running_loop().create_task(self._give_back(leased))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def _give_back(self, leased: Leased) -> None:
        source = leased.source
        try:
            wanted = await self._finish(source, not leased.is_quiet(utc_now()))
            if wanted:
                leased.add(wanted)
                leased.finishing = False
                self.known += len(wanted)
                self._changed.set()
                return
            await self._release(leased)
        except (ArchiveError, BrokenProcessPool) as error:
            self._failure = error
        except Exception:
            logger.exception("what was found at %s can't be judged", source.name)
            self._back_off(leased, "is set aside for a mistake of Permalien's", OUTAGE_PAUSE)
            await self._release(leased)
        self._changed.set()

    async def _release(self, leased: Leased) -> None:
        source, most = leased.source, self._scope.most
        reached = most is not None and leased.asked >= most
        finished = reached or not leased.ending
        left = None if finished else utc_now()
        due_at = await asyncio.wrap_future(self._writer.submit(self._released, (source.id, left)))
        del self._leased[source.id]
        if finished and self._scope.seconds is None:
            self._rested[source.id] = due_at or _NEVER
        if reached:
            self.cut.add(source.name)

    def _released(
        self, session: Session, sources: Sequence[tuple[int, datetime | None]]
    ) -> list[datetime | None]:
        due_at = release_sources(session, self._run_id, dict(sources))
        return [due_at.get(source_id) for source_id, _ in sources]

    async def _read(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.read(function))

    async def _ask(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.call(function))
