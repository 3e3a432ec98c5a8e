"""The parts of one run, put together."""

from crawler import settings
from crawler.archiving import Archiver
from crawler.heartbeat import Heartbeat
from crawler.politeness import Politeness
from crawler.reader_pool import ReaderPool
from crawler.recorder import Recorder
from crawler.scheduler import Scheduler, Scope
from crawler.source_sessions import SourceSessions
from crawler.tally import Tally
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
        self.politeness = Politeness(most=settings.ADDRESS_CONCURRENCY, rate=settings.ADDRESS_RATE)
        self.writer = Writer(archive)
        self.heartbeat = Heartbeat(archive, run_id)
        recorder = Recorder(self.writer, pool, self.tally)
        sessions = SourceSessions(recorder)
        self.scheduler = Scheduler(self.writer, run_id, scope, finish=sessions.finish)
        self.archiver = Archiver(recorder, sessions, self.scheduler, self.fail)
        self.error: Exception | None = None
        self.closed: str | None = None

    def fail(self, error: Exception) -> None:
        """Stop the run because of `error`; the first one is the one that is told."""
        self.error = self.error or error
        self.scheduler.stop()
