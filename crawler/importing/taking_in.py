"""The way of captures from a file into the archive: stored, read, put on record, judged."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from crawler.answers.outcomes import outcome_of_trouble
from crawler.importing.captures import SeenBodies, Unwanted, as_capture
from crawler.importing.exchanges import Exchange, exchanges
from crawler.importing.files import first_date, opened
from crawler.importing.import_tally import MOST_DAMAGE, FileDamage, Progress, Tally
from crawler.importing.judging import Differing, Judge, Page, record_answer, record_capture
from crawler.importing.storing import storing
from crawler.importing.warc_file import Damage, NoWarc, WarcFile
from crawler.process.heartbeat import Heartbeat
from crawler.reading.page_reader import PageReader
from crawler.reading.pool import ReaderPool
from crawler.reading.worker import NoArticle, Read
from storage.database.clock import utc_now
from storage.database.dialects import database_now
from storage.database.errors import ArchiveError, Refused
from storage.database.writer import Writer
from storage.frontier.imported_hosts import Held, hold, sources_of
from storage.history.captured_pages import Captured, Change, Deferred, Recorded
from storage.history.imports import (
    NewCapture,
    Place,
    StoredCapture,
)
from storage.ledger.pages import PendingPage, StoredPage
from storage.ledger.partitions import ensure_partitions
from storage.ledger.payloads import digest_of
from storage.ledger.runs import bury_dead_runs
from storage.models import Outcome

Result = TypeVar("Result")

_BATCH: Final = 64  # captures of one transaction,
_BATCH_BYTES: Final = 8 * 2**20  # and about their bodies
_MOST_UNDER_WAY: Final = 32  # pages a reader, that are being read
_LINGER: Final = 1.0  # seconds that what was read waits for more to be put on record with
_MOST_DIFFERING: Final = 100  # pages of a source that are judged together
_MOST_LATER: Final = 1_000  # captures of theirs that wait for that
_PATIENCE: Final = 600.0  # seconds that a source may be crawled by another run
_MOST_MONTHS: Final = 600  # that have a partition of their own
_MOST_HOSTS: Final = 1_000  # of no source that are told


class Import:
    """One import. `run` it once."""

    def __init__(
        self,
        writer: Writer,
        pool: ReaderPool,
        run_id: int,
        tally: Tally,
        heartbeat: Heartbeat,
        *,
        only: Sequence[int] | None,
        make: bool,
        now: datetime,
    ) -> None:
        self._writer = writer
        self._reader = PageReader(writer, pool)
        self._judge = Judge(writer, self._reader, now)
        self._run_id = run_id
        self._storing = storing(run_id, now)
        self._tally = tally
        self._heartbeat = heartbeat
        self._only = only
        self._make = make
        self._now = now
        self._bodies = SeenBodies()
        self._file = ""
        self._failed: asyncio.Task[None] | None = None
        self._concluding: dict[int, asyncio.Lock] = {}
        self._differing: dict[int, Differing] = {}
        self._held: set[int] = set()
        self._hosts: set[str] = set()  # of sources that are held
        self._months: set[tuple[int, int]] = set()
        self._under_way: dict[int, asyncio.Task[None]] = {}  # by address
        self._awaited: set[int] = set()  # addresses whose next capture waits for the one before
        self._linger: float | None = _LINGER
        self._room = asyncio.Semaphore(_MOST_UNDER_WAY * pool.workers)

    async def run(self, paths: Sequence[Path], progress: Callable[[Progress], None]) -> None:
        for path in sorted(paths, key=first_date):
            try:
                with opened(path) as parts:
                    for name, part in parts:
                        try:
                            with part.open() as stream:
                                file = WarcFile(stream)
                                await self._take_file(name, part.size, file, progress)
                        except NoWarc as error:
                            self._damaged(name, None, str(error))
            except NoWarc as error:
                self._damaged(str(path), None, str(error))
            except OSError as error:
                self._damaged(str(path), None, error.strerror or str(error))
        self._linger = None
        self._hurry()
        await self._settle()
        whole = len(self._differing)
        for done, source_id in enumerate(list(self._differing)):
            progress(Progress("templates and edits", done, whole, self._tally.captures))
            await self._finish(source_id)
            self._tick()
        self._tick()

    # a file

    async def _take_file(
        self, name: str, size: int, file: WarcFile, progress: Callable[[Progress], None]
    ) -> None:
        self._file = name
        batch: list[NewCapture] = []
        held = 0
        try:
            for item in exchanges(file):
                if isinstance(item, Damage):
                    self._damaged(name, item.offset, item.why)
                    continue
                capture = self._capture(item)
                if capture is None:
                    continue
                batch.append(capture)
                held += len(capture.body or b"")
                if len(batch) >= _BATCH or held >= _BATCH_BYTES:
                    await self._take(batch)
                    batch, held = [], 0
                    progress(Progress(name, file.consumed, size, self._tally.captures))
        finally:
            if batch:
                await self._take(batch)
        progress(Progress(name, size, size, self._tally.captures))

    def _capture(self, exchange: Exchange) -> NewCapture | None:
        self._tally.captures += 1
        capture = as_capture(exchange, self._bodies)
        if isinstance(capture, Unwanted):
            self._tally.unwanted[capture] += 1
            return None
        if exchange.body is not None and capture.body == exchange.body:
            # Its digest is reckoned once more when it is stored: only what may be referred to.
            self._bodies.add(exchange.digest, digest_of(exchange.body))
        return capture

    def _damaged(self, file: str, offset: int | None, why: str) -> None:
        self._tally.damaged += 1
        if len(self._tally.damage) < MOST_DAMAGE:
            self._tally.damage.append(FileDamage(file, offset, why))

    # captures

    async def _take(self, captures: Sequence[NewCapture]) -> None:
        self._tick()
        owned = await self._owned(captures)
        if not owned:
            return
        for capture, stored in zip(owned, await self._stored(owned), strict=True):
            await self._go_on(capture, stored)

    async def _stored(self, captures: Sequence[NewCapture]) -> list[StoredCapture]:
        """The captures as they are on record now; one that the archive refuses costs itself."""
        rows = 4 * len(captures)
        try:
            stored = self._writer.submit(self._storing, captures, rows=rows, linger=0.0)
            return await asyncio.wrap_future(stored)
        except ArchiveError:
            raise
        except Exception as error:
            if len(captures) > 1:
                return [it for capture in captures for it in await self._stored([capture])]
            why = f"{captures[0].url}: refused: {outcome_of_trouble(error).detail}"
            self._damaged(self._file, None, why)
            return [StoredCapture(Place.REFUSED)]

    async def _owned(self, captures: Sequence[NewCapture]) -> list[NewCapture]:
        """Those captures whose hosts are of sources that are asked for, which are held from now."""
        urls: dict[str, str] = {}
        months: dict[tuple[int, int], datetime] = {}
        for it in captures:
            netloc = urlsplit(it.url).netloc
            if netloc not in self._hosts:
                urls.setdefault(netloc, it.url)
            month = it.fetched_at.year, it.fetched_at.month
            if month not in self._months:
                months.setdefault(month, it.fetched_at)
        if urls or months:
            await self._make_ready(urls, months)
        owned = []
        for it in captures:
            netloc = urlsplit(it.url).netloc
            if netloc in self._hosts:
                owned.append(it)
                continue
            self._tally.outside += 1
            if netloc in self._tally.elsewhere or len(self._tally.elsewhere) < _MOST_HOSTS:
                self._tally.elsewhere[netloc] += 1
        return owned

    async def _make_ready(
        self, urls: dict[str, str], months: dict[tuple[int, int], datetime]
    ) -> None:
        """Hold the sources of the hosts of these URLs, and have partitions for these months."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self._hosts |= await self._ask(partial(self._sources, urls=urls, months=months))
                return
            except Held as error:
                if time.monotonic() > deadline:
                    raise Refused(
                        f"{error} is being crawled all the time: stop the crawl, then run again"
                    ) from error
                await asyncio.sleep(1.0)
                self._tick()

    def _sources(
        self, session: Session, urls: dict[str, str], months: dict[tuple[int, int], datetime]
    ) -> set[str]:
        bury_dead_runs(session, database_now(session), ended_at=utc_now())
        found = sources_of(session, urls, make=self._make, only=self._only, now=self._now)
        new = {source.id for source in found.values()} - self._held
        hold(session, self._run_id, new)
        self._held |= new
        for source in found.values():
            self._tally.sources.add(source.name)
            if source.added_at == self._now:
                self._tally.new_sources.add(source.name)
            self._differing.setdefault(source.id, Differing())
        for month, at in sorted(months.items()):
            if len(self._months) < _MOST_MONTHS:
                self._months.add(month)
                ensure_partitions(session, at)
        return set(found)

    async def _go_on(self, capture: NewCapture, stored: StoredCapture) -> None:
        """Begin to read a page that was stored, or put on record what an answer meant."""
        self._tally.places[stored.place] += 1
        if stored.fetched_at is None:
            return
        page = Page(
            stored.fetch_id, stored.address_id, stored.source_id, stored.fetched_at,
            capture.outcome, capture.detail, capture.reads,
        )  # fmt: skip
        if stored.place is not Place.KNOWN:
            await self._begin(page, _stored_page(capture, stored))
        elif page.reads:
            # What an import that was stopped got to is what the rest is judged beside.
            self._differing[page.source_id].add_control(page, is_new=False)

    async def _begin(self, page: Page, stored: StoredPage | None) -> None:
        """Begin with one capture of an address after the other, each to be compared with those
        before; what comes after one that is still to be judged waits for that."""
        before = self._under_way.get(page.address_id)
        if before is not None:
            self._awaited.add(page.address_id)
            self._hurry()
            await before
            self._awaited.discard(page.address_id)
        differing = self._differing[page.source_id]
        if len(differing.pages) >= _MOST_DIFFERING:
            await self._conclude(page.source_id)
            differing = self._differing[page.source_id]
        if page.address_id in differing.pages:
            differing.later.setdefault(page.address_id, []).append(page)
            if sum(map(len, differing.later.values())) >= _MOST_LATER:
                await self._conclude(page.source_id)
            return
        await self._room.acquire()
        task = asyncio.create_task(self._take_on(page, stored))
        self._under_way[page.address_id] = task
        task.add_done_callback(partial(self._finished, page.address_id))

    def _finished(self, address_id: int, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        if task.exception() is not None:
            self._failed = self._failed or task
        elif self._under_way.get(address_id) is task:
            del self._under_way[address_id]

    def _hurry(self) -> None:
        """Have what waits for more to be put on record with go now."""
        self._writer.call(lambda session: None)

    async def _settle(self) -> None:
        """Wait for what is under way. Raises what went wrong with it."""
        await asyncio.gather(*self._under_way.values())

    async def _take_on(self, page: Page, stored: StoredPage | None) -> None:
        """Read the page and put it on record. Who is read makes room: what waits to be recorded is
        small, and all of it is before the next captures are."""
        result: Read | NoArticle | None = None
        try:
            if page.reads:
                result = await self._result(page, stored)
                if isinstance(result, NoArticle) and result.outcome is Outcome.UNREADABLE:
                    # Who kills the import kills its readers first: that says nothing of the page.
                    result = await self._result(page, stored)
        finally:
            self._room.release()
        if result is None:
            await self._answered(page)
            return
        if isinstance(result, NoArticle):
            await self._answered(replace(page, outcome=result.outcome, detail=result.detail))
            return
        captured = Captured(
            page.fetch_id,
            page.address_id,
            page.fetched_at,
            result.reading,
            result.sample.to_json(),
            imported_at=self._now,
        )
        linger = 0.0 if page.address_id in self._awaited else self._linger
        recorded = await record_capture(self._writer, captured, linger=linger)
        if isinstance(recorded, Deferred):
            self._differs(page)
        elif isinstance(recorded, Recorded):
            self._tally.count_change(recorded.change)
            is_new = recorded.change is Change.NEW_ARTICLE
            self._differing[page.source_id].add_control(page, is_new=is_new)

    async def _result(self, page: Page, stored: StoredPage | None) -> Read | NoArticle:
        if stored is not None:
            return await self._reader.read(page.source_id, page.fetch_id, stored)
        pending = PendingPage(page.address_id, page.source_id, page.fetch_id, page.fetched_at)
        return await self._reader.read_pending(pending)

    async def _answered(self, page: Page) -> None:
        if await record_answer(self._writer, page.answer(self._now)):
            self._differs(page)
        elif page.outcome is Outcome.UNCHANGED:
            self._tally.unchanged += 1
        else:
            self._tally.non_articles[page.outcome] += 1

    def _differs(self, page: Page) -> None:
        self._differing[page.source_id].pages[page.address_id] = page

    async def _finish(self, source_id: int) -> None:
        """Conclude the source until nothing of it waits."""
        while True:
            await self._conclude(source_id)
            await self._settle()
            if not self._differing[source_id].pages:
                break
        self._reader.forget(source_id)

    async def _conclude(self, source_id: int) -> None:
        """Judge what differs, all of it together; then go on with what waited for that."""
        async with self._concluding.setdefault(source_id, asyncio.Lock()):
            differing = self._differing[source_id]
            self._differing[source_id] = Differing(controls=dict(differing.controls))
            for recorded in await self._judge.judge(source_id, differing):
                self._tally.count_change(recorded.change)
        for pages in differing.later.values():
            for page in pages:
                await self._begin(page, None)

    def _tick(self) -> None:
        if self._failed is not None:
            self._failed.result()
        self._heartbeat.tick(self._tally.as_document())
        if self._heartbeat.lost is not None:
            raise self._heartbeat.lost

    async def _ask(self, function: Callable[[Session], Result], *, rows: int = 1) -> Result:
        return await asyncio.wrap_future(self._writer.call(function, rows=rows))


def _stored_page(capture: NewCapture, stored: StoredCapture) -> StoredPage | None:
    """The page as it was stored; None where its body, or what is kept of it, is in the archive
    alone."""
    if capture.body is None or stored.digest != digest_of(capture.body):
        return None
    return StoredPage(
        capture.asked,
        stored.digest,
        capture.response.by_name(),
        capture.body,
        capture.fetched_at,
        stored.tdm_file,
    )
