"""The scheduler of one run: which sources it holds, and which address of theirs is next.

Sources are leased from the archive, of each one request is under way at a time. Runs on the same
archive share them: one that holds more than its share, since it was there first, gives back what
is more. A source on which nothing is due any more is finished (its profile learned) and given
back.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from storage.database.clock import system_now, utc_now
from storage.database.writer import Writer
from storage.frontier.due import Due, due_addresses, next_retry
from storage.frontier.revisits import RETRY_HORIZON, Editing
from storage.frontier.sources import (
    due_sources,
    lease_sources,
    pause_source,
    release_source,
    still_to_have,
)
from storage.ledger import runs
from storage.ledger.captures import PendingCapture, pending_captures
from storage.models import AddressKind, Source

logger = logging.getLogger(__name__)

MOST_SOURCES = 128  # leased at a time, beside as many that are being finished
_HAND = 32  # sources that are taken at a time while there are many
MOST_IN_FLIGHT = 64  # requests and pages that are being read
BATCH = 50  # addresses of a source that are fetched from the archive at a time
POLL = 1.0  # seconds between two looks for sources that wait or that other runs hold
OUTAGE = 5
"""Requests in a row that a host leaves unanswered before the run lets the source be."""
OUTAGE_PAUSE = timedelta(minutes=15)

Result = TypeVar("Result")


@dataclass(eq=False, slots=True)
class Leased:
    """A source that this run holds."""

    source: Source
    queue: deque[Due | PendingCapture] = field(default_factory=deque)
    fetching: set[int] = field(default_factory=set)
    busy: set[int] = field(default_factory=set)
    dry: bool = False  # the archive was asked and had nothing more that is due
    wake_at: datetime | None = None  # of a retry
    quiet_until: datetime | None = None  # nothing is sent before
    unanswered: int = 0
    leaving: bool = False  # to be given back as it is, once nothing of it is under way
    closing: bool = False

    def is_quiet(self, at: datetime) -> bool:
        return self.quiet_until is not None and self.quiet_until > at

    def needs_refill(self, now: datetime) -> bool:
        woken = self.wake_at is not None and self.wake_at <= now
        exhausted = self.dry and not woken
        held_still = self.leaving or self.closing or self.is_quiet(now)
        return not (self.queue or exhausted or held_still)


class Scheduler:
    """Gives out what was due when the run began, of the sources `only` (ids, None for all) and of
    the address kinds `kinds` (None for all), and what is found on the way. Some kinds of all
    sources it can't give: of each, what else is due would bring it back for ever.

    `finish` is awaited with each source before it is given back, and with whether that is for
    another run to have it; where it gives False, there is more to do first. Iterate over it once,
    in the event loop that settles its items; iteration raises what a finish raised.
    """

    def __init__(
        self,
        writer: Writer,
        run_id: int,
        *,
        only: Collection[int] | None,
        kinds: Collection[AddressKind] | None,
        finish: Callable[[Source, bool], Awaitable[bool]],
    ) -> None:
        if only is None and kinds is not None:
            raise ValueError("name the sources of which only some kinds are wanted")
        self._writer = writer
        self._run_id = run_id
        self._only = None if only is None else set(only)
        self._kinds = kinds
        self._finish = finish
        self._leased: dict[int, Leased] = {}
        self._changed = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._next_look = 0.0  # for more sources, by time.monotonic()
        self._closed = 0  # sources since the last look
        self._failure: Exception | None = None
        self._began = utc_now()
        self.known = 0  # items given out or waiting in a queue: a lower bound of the work

    async def __aiter__(self) -> AsyncIterator[Due | PendingCapture]:
        await self._lease()
        while not (self._stopping or self._failure):
            self._changed.clear()
            item = self._take()
            if item is not None:
                yield item
                continue
            self._retire()
            if not await self._refill() and not await self._lease():
                if not self._leased and not await self._others_hold_some():
                    break
                await self._wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Give out nothing more."""
        self._stopping = True
        self._changed.set()

    def answered(self, source_id: int, address_id: int, *, unanswered: bool) -> None:
        """The request is over, whatever came of it; the page may still be read."""
        leased = self._leased[source_id]
        leased.fetching.discard(address_id)
        leased.unanswered = leased.unanswered + 1 if unanswered else 0
        if leased.unanswered >= OUTAGE:
            self._back_off(leased)
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

    async def close(self) -> None:
        """Give every source back as it is."""
        await asyncio.gather(*self._closing, return_exceptions=True)
        held = list(self._leased)
        self._leased.clear()

        def release(session: Session) -> None:
            for source_id in held:
                release_source(session, self._run_id, source_id)

        await self._ask(release)

    def _take(self) -> Due | PendingCapture | None:
        if sum(len(leased.busy) for leased in self._leased.values()) >= MOST_IN_FLIGHT:
            return None
        for source_id, leased in self._leased.items():
            if leased.queue and not leased.fetching and not leased.closing:
                item = leased.queue.popleft()
                leased.busy.add(item.address_id)
                if isinstance(item, Due):
                    leased.fetching.add(item.address_id)
                # The next look begins with the other sources.
                self._leased[source_id] = self._leased.pop(source_id)
                return item
        return None

    async def _refill(self) -> bool:
        """Fetch what is due of the sources that ran dry; whether anything was found."""
        now = utc_now()
        empty = [leased for leased in self._leased.values() if leased.needs_refill(now)]
        if not empty:
            return False
        found = await self._ask(lambda session: [self._due(session, it, now) for it in empty])
        for leased, (items, wake_at) in zip(empty, found, strict=True):
            if leased.closing or leased.leaving or leased.is_quiet(now):
                continue
            leased.queue.extend(items)
            leased.dry, leased.wake_at = len(items) < BATCH, wake_at
            self.known += len(items)
            if not items and not leased.busy and wake_at is None:
                self._begin_finish(leased)
        return any(items for items, _ in found)

    def _due(
        self, session: Session, leased: Leased, now: datetime
    ) -> tuple[list[Due], datetime | None]:
        source_id = leased.source.id
        items = due_addresses(
            session,
            source_id,
            now=now,
            limit=BATCH,
            without=leased.busy,
            kinds=self._kinds,
            site=Editing(leased.source.edits, leased.source.exposure),
        )
        if items:
            return items, None
        horizon = now + RETRY_HORIZON
        return [], next_retry(session, source_id, before=horizon, kinds=self._kinds)

    async def _lease(self) -> bool:
        """Hold this run's share of the sources on which something is due; whether there were more
        to take."""
        held = len(self._leased)
        if held and self._closed < _HAND and time.monotonic() < self._next_look:
            return False
        self._closed = 0
        at_work = sum(not leased.closing for leased in self._leased.values())

        def lease(session: Session) -> tuple[int, list[tuple[Source, list[PendingCapture]]]]:
            runs.bury_dead_runs(session, system_now(), ended_at=utc_now())
            due = due_sources(session, now=self._began, only=self._only)
            share = -(-due // max(1, runs.live_runs(session)))
            room = min(min(share, MOST_SOURCES) - at_work, 2 * MOST_SOURCES - held)
            if room <= 0:
                return share, []
            sources = lease_sources(
                session, self._run_id, now=self._began, limit=room, only=self._only
            )
            return share, [(source, pending_captures(session, source.id)) for source in sources]

        share, taken = await self._ask(lease)
        for source, pending in taken:
            self._leased[source.id] = Leased(source, deque(pending))
            self.known += len(pending)
        if not taken:
            self._next_look = time.monotonic() + POLL
            self._leave(at_work - share)
        return bool(taken)

    def _leave(self, surplus: int) -> None:
        """Let other runs have that many sources."""
        now = utc_now()
        # One that is quiet is to be had by nobody before its time.
        able = [it for it in self._leased.values() if not (it.closing or it.is_quiet(now))]
        for leased in able[: max(0, surplus)]:
            leased.leaving = True
            self.known -= len(leased.queue)
            leased.queue.clear()

    async def _others_hold_some(self) -> bool:
        return bool(
            await self._ask(
                lambda session: still_to_have(
                    session, self._run_id, now=self._began, only=self._only
                )
            )
        )

    async def _wait(self) -> None:
        """Until something has changed since the last look, or it is time to look again."""
        try:
            await asyncio.wait_for(self._changed.wait(), POLL)
        except TimeoutError:
            return

    def _back_off(self, leased: Leased) -> None:
        """Ask nothing more of a source that does not answer, in this run and for a while after."""
        logger.warning(
            "%s left %d requests in a row unanswered: backing off for this run",
            leased.source.name,
            leased.unanswered,
        )
        leased.unanswered = 0
        source_id, until = leased.source.id, utc_now() + OUTAGE_PAUSE
        self.pause(source_id, until)
        self._writer.call(lambda session: pause_source(session, source_id, until))

    def pause(self, source_id: int, until: datetime) -> None:
        """Send the source nothing before `until`; a longer pause stays."""
        leased = self._leased[source_id]
        leased.quiet_until = max(until, leased.quiet_until or until)
        # What was captured is read all the same: the source is asked for nothing.
        captured = [item for item in leased.queue if isinstance(item, PendingCapture)]
        leased.queue = deque(captured)

    def _retire(self) -> None:
        """Give back the sources that are for other runs, and finish with those that are to be
        left alone for longer than this one waits."""
        horizon = utc_now() + RETRY_HORIZON
        for leased in list(self._leased.values()):
            unused = not (leased.queue or leased.busy or leased.closing)
            if unused and (leased.leaving or leased.is_quiet(horizon)):
                self._begin_finish(leased)

    def _begin_finish(self, leased: Leased) -> None:
        leased.closing = True
        self._closed += 1
        task = asyncio.get_running_loop().create_task(self._give_back(leased))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _give_back(self, leased: Leased) -> None:
        source_id = leased.source.id
        try:
            if not await self._finish(leased.source, leased.leaving):
                leased.closing = leased.dry = False
                self._changed.set()
                return
            await self._ask(lambda session: release_source(session, self._run_id, source_id))
        except Exception as error:
            self._failure = error
        del self._leased[source_id]
        if self._only is not None and not leased.leaving:
            self._only.discard(source_id)
        self._changed.set()

    async def _ask(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.call(function))
