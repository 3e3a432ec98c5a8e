"""A source that a run holds: what of it waits, what is under way, when it may be asked again."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from storage.frontier.due import Due
from storage.ledger.pages import PendingPage
from storage.models import Source


@dataclass(eq=False, slots=True)
class Leased:
    """`since` is when its session began, by time.monotonic(). Of one that is `ending` nothing more
    is asked for but what its judgement wants; one that is `finishing` is being judged."""

    source: Source
    since: float
    queue: deque[Due | PendingPage] = field(default_factory=deque)
    fetching: set[int] = field(default_factory=set)
    busy: set[int] = field(default_factory=set)
    asked: int = 0
    dry: bool = False  # the archive was asked and had nothing more that is due
    wake_at: datetime | None = None  # of a retry
    quiet_until: datetime | None = None  # nothing is sent before
    unanswered: int = 0
    ending: bool = False
    finishing: bool = False

    @property
    def at_work(self) -> bool:
        return not (self.ending or self.finishing)

    @property
    def unused(self) -> bool:
        return not (self.queue or self.busy or self.finishing)

    @property
    def ready(self) -> bool:
        """Whether something of it can be given out."""
        return bool(self.queue) and not (self.fetching or self.finishing)

    def is_quiet(self, at: datetime) -> bool:
        return self.quiet_until is not None and self.quiet_until > at

    def needs_refill(self, now: datetime) -> bool:
        woken = self.wake_at is not None and self.wake_at <= now
        exhausted = self.dry and not woken
        return self.at_work and not (self.queue or exhausted or self.is_quiet(now))

    def take(self) -> Due | PendingPage:
        item = self.queue.popleft()
        self.busy.add(item.address_id)
        if isinstance(item, Due):
            self.fetching.add(item.address_id)
            self.asked += 1
        return item

    def end(self) -> int:
        """Come to its end, with what is under way; returns how much is left to the next session."""
        self.ending = True
        return self.drop_requests()

    def pause(self, until: datetime) -> int:
        """Send nothing before `until`; a longer pause stays. Returns what is left for later."""
        self.quiet_until = max(until, self.quiet_until or until)
        return self.drop_requests()

    def drop_requests(self) -> int:
        """What was captured is read all the same: the source is asked for nothing."""
        captured = [item for item in self.queue if isinstance(item, PendingPage)]
        dropped = len(self.queue) - len(captured)
        self.queue = deque(captured)
        return dropped

    def add(self, items: Iterable[Due]) -> None:
        self.queue.extend(items)
