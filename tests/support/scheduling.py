"""A run that asks for what its scheduler gives out, without a network."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlalchemy import select

from crawler.sessions.scheduler import (
    Scheduler,
)
from crawler.sessions.scope import Scope
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.writer import Writer
from storage.frontier.checks import Check
from storage.frontier.due import Due
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.enrolment import enrol
from storage.history.checks import record_checks
from storage.ledger.fetch_ids import FetchIds
from storage.ledger.pages import PendingPage
from storage.ledger.runs import start_run
from storage.models import AddressKind, Outcome, Source

Item = Due | PendingPage
LISTS = frozenset({AddressKind.ROBOTS, AddressKind.FRONT})


class Runner:
    """A run that settles what its scheduler gives out, and keeps what it was."""

    def __init__(
        self,
        archive: Archive,
        scope: Scope | None = None,
    ) -> None:
        self.archive = archive
        with archive.writing() as session:
            self.run_id = start_run(session, software="test", settings={}, now=utc_now())
        self.ids = FetchIds(self.run_id)
        self.writer = Writer(archive)
        self.finished: list[str] = []
        self.given: list[Item] = []
        self.scheduler = Scheduler(self.writer, self.run_id, scope or Scope(), finish=self._finish)

    async def _finish(self, source: Source, may_ask: bool) -> Sequence[Due]:
        self.finished.append(source.name)
        return ()

    async def to_the_end(
        self, react: Callable[["Runner", Due], Awaitable[None]] | None = None
    ) -> None:
        """Take everything; each address is fetched, unless `react` does something else."""
        async for item in self.scheduler:
            self.given.append(item)
            assert isinstance(item, Due)
            await (react or fetch)(self, item)
        await self.scheduler.close()

    def check(self, due: Due, outcome: Outcome, *, retry_at: datetime | None = None) -> None:
        """Put the check on record and settle it."""
        now = utc_now()
        check = Check(
            fetch_id=self.ids.next(),
            run_id=self.run_id,
            address_id=due.address_id,
            source_id=due.source_id,
            url=due.url,
            kind=due.kind,
            fetched_at=now,
            outcome=outcome,
            retry_at=retry_at,
        )
        self.writer.submit(record_checks, check).result()
        self.scheduler.settled(due.source_id, due.address_id)

    @property
    def urls(self) -> list[str]:
        return [item.url for item in self.given if isinstance(item, Due)]

    def close(self) -> None:
        self.writer.close()


async def fetch(runner: Runner, due: Due) -> None:
    runner.scheduler.answered(due.source_id, due.address_id, unanswered=False)
    runner.check(due, Outcome.NOT_FOUND)


def add(archive: Archive, host: str, pages: int = 0) -> int:
    """A source with so many pages due; its front page and robots.txt are too."""
    now = utc_now()
    with archive.writing() as session:
        source = enrol(session, f"https://{host}/", now=now)
        found = [Found(f"https://{host}/2026/{n}.html", AddressKind.PAGE) for n in range(pages)]
        enqueue(session, found, now=now)
        return source.id


def leases(archive: Archive) -> dict[str, int | None]:
    with archive.reading() as session:
        return {it.name: it.lease_run_id for it in session.scalars(select(Source))}
