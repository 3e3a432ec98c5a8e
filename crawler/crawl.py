"""The parts of one run, put together."""

from crawler import settings
from crawler.archiving import Archiver
from crawler.fetching.browser import can_render
from crawler.fetching.politeness import Politeness
from crawler.process.heartbeat import Heartbeat
from crawler.reading.page_reader import PageReader
from crawler.reading.pool import ReaderPool
from crawler.recording.tally import Tally
from crawler.sessions.browser_need import BrowserNeeds
from crawler.sessions.scheduler import Scheduler
from crawler.sessions.scope import Scope
from crawler.sessions.source_sessions import SourceSessions
from storage.database.archive import Archive
from storage.database.writer import Writer
from storage.ledger.fetch_ids import FetchIds


class Crawl:
    """What the spider, the pipeline and the extensions of one run share.

    `closed` is why Scrapy closed the spider, "finished" when nothing was left; None before that,
    and when the spider never got to close.
    """

    def __init__(
        self,
        archive: Archive,
        run_id: int,
        *,
        pool: ReaderPool,
        scope: Scope,
    ) -> None:
        self.run_id = run_id
        self.ids = FetchIds(run_id)
        self.tally = Tally()
        self.politeness = Politeness(
            most=settings.ADDRESS_CONCURRENCY,
            rate=settings.ADDRESS_RATE,
            runs=lambda: self.scheduler.runs,
        )
        self.writer = Writer(archive)
        self.heartbeat = Heartbeat(archive, run_id)
        reader = PageReader(self.writer, pool)
        sessions = SourceSessions(self.writer, reader, self.tally)
        self.scheduler = Scheduler(self.writer, run_id, scope, finish=sessions.finish)
        self.browser_needs = BrowserNeeds(self.writer, can_render=can_render(settings.BROWSER))
        self.archiver = Archiver(
            self.writer,
            reader,
            self.tally,
            sessions,
            self.scheduler,
            self.browser_needs,
            self.fail,
        )
        self.error: Exception | None = None
        self.closed: str | None = None

    def fail(self, error: Exception) -> None:
        """Stop the run because of `error`; the first one is the one that is told."""
        self.error = self.error or error
        self.scheduler.stop()
