"""When each request may be sent: a delay per registered domain, and a cap per address.

A domain is asked one thing at a time, and between two requests lies its delay: the longest of
what its sources are to have and of what its hosts' robots.txt ask for, and no less than it takes
to answer. A source whose operator gave it a delay of 0 goes at a pace of its own, as fast as it
answers. Many sites may share one address, at a CDN say: their requests to it together are capped,
over all runs on the archive, and keep no delay to each other. A domain that asked to be left alone
is sent nothing, at whatever pace, until the time it named.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from storage.database.clock import utc_now

DEFAULT_DELAY = 1.0  # seconds, of a domain that no source of the run is of
SLOWEST = 60.0  # seconds, to which answers that take long may raise a delay

_LOOK = 0.5  # seconds between two looks whether the crawl is stopped
_OK = 200


class NotSent(Exception):
    """The crawl was stopped before the request could be sent."""


class LeftAlone(NotSent):
    """The domain asked to be left alone."""


@dataclass(eq=False, slots=True)
class Pace:
    """Of one domain, or of one source whose operator gave it no delay. Times are the loop's."""

    last: float  # when it was asked last
    free: bool = False  # of every delay
    delays: dict[str, float] = field(default_factory=dict)  # by who asks for them
    slowness: float = 0.0  # of its answers
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def delay(self) -> float:
        if self.free:
            return 0.0
        return max(max(self.delays.values(), default=DEFAULT_DELAY), self.slowness)

    def took(self, seconds: float, status: int) -> None:
        """An answer came after so long. A failed one may come sooner, and makes nothing faster."""
        slowness = min(SLOWEST, max(seconds, (self.slowness + seconds) / 2))
        if status == _OK or slowness > self.slowness:
            self.slowness = slowness


class _Address:
    def __init__(self) -> None:
        self.line = asyncio.Lock()  # of who waits for a place, the first come first
        self.under_way = 0
        self.left = asyncio.Event()  # set when one comes to its end
        self.next = 0.0  # when the loop may send it the next request


class Politeness:
    """The paces of one run, for the event loop that runs it.

    `most` requests at a time and `rate` a second may go to one address, of all the `runs` that are
    under way on the archive: each has its share, but no less than one request at a time.
    """

    def __init__(
        self, *, most: int = 8, rate: float = 10.0, runs: Callable[[], int] = lambda: 1
    ) -> None:
        self._most = most
        self._rate = rate
        self._runs = runs
        self._paces: dict[str, Pace] = {}
        self._addresses: dict[str, _Address] = {}
        self._alone: dict[str, datetime] = {}  # until when, by domain

    def slot(self, domain: str, source: str, delay: float, *, idle: float | None = None) -> str:
        """The name of the pace at which a source is asked, with its delay in seconds.

        `idle` is for how many seconds no other run has asked the domain, None where none ever did.
        """
        name = domain if delay else f"{domain} {source}"
        pace = self._pace(name, idle=delay if idle is None else idle)
        if idle is not None:
            pace.last = max(pace.last, asyncio.get_running_loop().time() - idle)
        pace.free = not delay
        pace.delays[source] = delay
        return name

    def slow_down(self, name: str, who: str, delay: float) -> None:
        """Have at least that many seconds between two requests at this pace, or 0 for what else is
        asked; the last word of each `who` counts."""
        self._pace(name).delays[who] = delay

    def delay(self, name: str) -> float:
        """The seconds between two requests at this pace, as things are."""
        return self._pace(name).delay

    def leave_alone(self, name: str, until: datetime) -> None:
        """Send nothing to the domain of this pace before `until`; a longer pause stays."""
        domain = _domain(name)
        self._alone[domain] = max(until, self._alone.get(domain, until))

    def left_alone(self, name: str) -> datetime | None:
        """Until when the domain of this pace is left alone, None where it is not."""
        until = self._alone.get(_domain(name))
        return until if until is not None and until > utc_now() else None

    @asynccontextmanager
    async def turn(
        self, name: str, address: str | None, *, stopped: Callable[[], bool] = lambda: False
    ) -> AsyncIterator[Pace]:
        """Send the request inside: it is its turn. `address` is the one it goes to, None where
        that is not ours to know. Raises NotSent when the crawl is stopped meanwhile, and LeftAlone
        when the domain is to be left alone."""
        pace = self._pace(name)
        loop = asyncio.get_running_loop()
        async with pace.lock:
            self._require_leave(name)
            await _wait(lambda: pace.last + pace.delay, stopped)
            self._require_leave(name)
            if address is None or pace.free:
                pace.last = loop.time()
                yield pace
                return
            async with self._place(address, stopped) as at:
                send_at = max(at.next, loop.time())
                at.next = send_at + self._runs() / self._rate
                await _wait(lambda: send_at, stopped)
                self._require_leave(name)
                pace.last = loop.time()
                yield pace

    @asynccontextmanager
    async def _place(self, address: str, stopped: Callable[[], bool]) -> AsyncIterator[_Address]:
        """One of the places at an address; there are fewer while more runs are under way."""
        at = self._addresses.setdefault(address, _Address())
        async with at.line:
            while at.under_way >= max(1, self._most // self._runs()):
                at.left.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(at.left.wait(), _LOOK)
                if stopped():
                    raise NotSent("the crawl was stopped")
            at.under_way += 1
        try:
            yield at
        finally:
            at.under_way -= 1
            at.left.set()

    def _require_leave(self, name: str) -> None:
        if (until := self.left_alone(name)) is not None:
            raise LeftAlone(f"left alone until {until:%Y-%m-%d %H:%M}Z, as {_domain(name)} asks")

    def _pace(self, name: str, *, idle: float = 0.0) -> Pace:
        if name not in self._paces:
            self._paces[name] = Pace(asyncio.get_running_loop().time() - idle)
        return self._paces[name]


def _domain(name: str) -> str:
    return name.partition(" ")[0]


async def _wait(until: Callable[[], float], stopped: Callable[[], bool]) -> None:
    """`until` a moment of the loop's, which may move meanwhile."""
    now = asyncio.get_running_loop().time
    while (left := until() - now()) > 0:
        if stopped():
            raise NotSent("the crawl was stopped")
        await asyncio.sleep(min(left, _LOOK))
    if stopped():
        raise NotSent("the crawl was stopped")
