"""Template refresh: a source's templates are learned from the pages fetched last, and its stored
pages are read with what their layout was about when they were fetched.

Adds readings, and never a version.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crawler.extraction import EXTRACTOR_VERSION, PageInput
from crawler.extraction.metadata.tdm_file import rule_of
from crawler.extraction.template.book import Layout, TemplateBook, layout_of_reading
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.template import NO_TEMPLATE, Template
from crawler.reading.drafts import Drafts
from crawler.reading.pool import NotLearned, ReaderPool
from crawler.reading.worker import Read, Templates
from storage.database.clock import utc_now
from storage.database.writer import Writer
from storage.history.new_reading import NewReading
from storage.history.readings import ReadVersion, VersionRange, read_versions
from storage.history.rereadings import record_rereadings
from storage.ledger.pages import StoredPage, load_page
from storage.models import Source
from storage.templates.decisions import decisions_of
from storage.templates.layouts import LearnedLayout, layouts_of, save_layouts
from storage.templates.samples import SAMPLE, samples_of, settle_samples, trim_samples

logger = logging.getLogger(__name__)

MOST_REREAD = 1_000
"""About how many versions of a source a crawl reads again, the latest; the rest when compared."""

_BATCH = 32  # pages that are read and recorded at a time; their bodies are in memory
_CHUNK = 10_000  # versions that are asked for at a time: each time all of them are sorted

Result = TypeVar("Result")


def input_of(page: StoredPage) -> PageInput:
    """The page as extraction takes it."""
    rule = rule_of(page.tdm_file, page.url)
    return PageInput(page.body, page.url, page.headers, page.fetched_at, rule)


def load_templates(session: Session, source_id: int) -> Templates:
    """What is known of the source's templates."""
    layouts = tuple(
        Layout(
            it.key,
            it.skeleton,
            Template.from_json(it.template) if it.template else NO_TEMPLATE,
        )
        for it in layouts_of(session, source_id)
    )
    return Templates(TemplateBook(layouts).to_json()) if layouts else Templates()


@dataclass(frozen=True, slots=True)
class Sample:
    """What templates are learned from: what was known, pages by address, and an operator's
    decisions by key. `fetched_anew` are the addresses of pages that were sampled again since
    templates were last learned."""

    templates: Templates
    pages: dict[int, PageSample]
    decisions: dict[str, str]
    fetched_anew: frozenset[int]

    def with_announced(self, addresses: Set[int]) -> "Sample":
        """The same, these addresses' pages announced as changed."""
        pages = {
            it: replace(page, announced=True) if it in addresses else page
            for it, page in self.pages.items()
        }
        return replace(
            self, pages=pages, fetched_anew=self.fetched_anew | (addresses & pages.keys())
        )


def _sample(session: Session, source_id: int) -> Sample:
    pages, fetched_anew = {}, set()
    templates = load_templates(session, source_id)
    for it in samples_of(session, source_id):
        page = PageSample.from_json(it.sample)
        if it.before is not None:
            before = PageSample.from_json(it.before)
            page = page.after(before, templates.book.at(before.at).chosen(before.skeleton)[1])
            fetched_anew.add(it.address_id)
        pages[it.address_id] = page
    return Sample(templates, pages, decisions_of(session, source_id), frozenset(fetched_anew))


@dataclass(frozen=True, slots=True)
class Reread:
    """A version that was read again; `reading` is None where today's extractor finds no article."""

    version: ReadVersion
    reading: NewReading | None


class Rereader:
    """Reads stored pages with today's extractor, in parallel, in bounded memory; those that are
    read already by their drafts."""

    def __init__(self, writer: Writer, pool: ReaderPool, drafts: Drafts | None = None) -> None:
        self._writer = writer
        self._pool = pool
        self._drafts = drafts or Drafts()

    async def read(self, fetch_id: int, templates: Templates) -> Read | None:
        """What the page of that fetch says; None where it holds no article."""
        draft = self._drafts.of(fetch_id)
        result = None if draft is None else await self._pool.clean(draft, templates)
        if result is None:
            page = await self._read(lambda session: load_page(session, fetch_id))
            result = await self._pool.read(input_of(page), templates)
        return result if isinstance(result, Read) else None

    async def sample(self, source_id: int) -> Sample:
        """What the source's templates are learned from now."""
        return await self._read(lambda session: _sample(session, source_id))

    async def new_sample(self, source_id: int) -> Sample | None:
        """The same, None where no page was sampled and no block decided on since they were."""
        return await self._read(
            lambda session: (
                _sample(session, source_id)
                if session.scalar(select(Source.relearn).where(Source.id == source_id))
                else None
            )
        )

    async def learn(self, sample: Sample) -> Templates:
        """The templates that the sample teaches, not saved. Raises NotLearned."""
        return await self._pool.learn(sample.templates, [*sample.pages.values()], sample.decisions)

    async def save(self, source_id: int, templates: Templates, sample: Sample) -> None:
        """Keep these as the source's templates, learned from that sample."""
        layouts = [
            LearnedLayout(
                it.key,
                it.skeleton,
                it.template.to_json() if it.template.learned else "",
                it.template.digest,
                it.template.pages,
            )
            for it in templates.book.layouts
        ]

        def write(session: Session) -> None:
            save_layouts(session, source_id, layouts, utc_now())
            settle_samples(session, {it: sample.pages[it].to_json() for it in sample.fetched_anew})
            if len(sample.pages) == SAMPLE:
                trim_samples(session, source_id)

        await self._ask(write)

    async def keep_edited(self, edited: Mapping[int, PageSample]) -> None:
        """Keep the samples of pages, by address, of which it is now known what an edit brought."""
        pages = {address_id: page.to_json() for address_id, page in edited.items()}
        await self._ask(lambda session: settle_samples(session, pages))

    async def rereadings(
        self, source_id: int, templates: Templates, among: VersionRange, *, known: TemplateBook
    ) -> AsyncIterator[list[Reread]]:
        """Today's readings of the source's versions that another extractor or template read, some
        at a time, not recorded yet; `known` is what was known when they were read last."""
        async for versions in self._stale(source_id, templates.book, among, known):
            for start in range(0, len(versions), _BATCH):
                some = versions[start : start + _BATCH]
                read = await asyncio.gather(*(self.read(it.fetch_id, templates) for it in some))
                readings = [None if it is None else it.reading for it in read]
                yield [Reread(*pair) for pair in zip(some, readings, strict=True)]

    async def record(self, rereadings: Sequence[Reread]) -> int:
        """Read these versions through these readings from now on; how many say something else."""
        changed = await asyncio.gather(
            *(
                self._record(it.version.version_id, it.reading)
                for it in rereadings
                if it.reading is not None
            )
        )
        return sum(changed)

    async def _record(self, version_id: int, reading: NewReading) -> bool:
        return await asyncio.wrap_future(
            self._writer.submit(record_rereadings, (version_id, reading))
        )

    async def _stale(
        self, source_id: int, book: TemplateBook, among: VersionRange, known: TemplateBook
    ) -> AsyncIterator[list[ReadVersion]]:
        found = len(book.layouts) > len(known.layouts)
        before: int | None = None
        while versions := await self._versions(source_id, among, before):
            yield [it for it in versions if is_stale(it, book, found=found)]
            if len(versions) < _CHUNK:
                return
            before = versions[-1].version_id

    async def _versions(
        self, source_id: int, among: VersionRange, before: int | None
    ) -> Sequence[ReadVersion]:
        return await self._read(
            lambda session: read_versions(
                session, source_id, among=among, before=before, limit=_CHUNK
            )
        )

    async def _read(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.read(function))

    async def _ask(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.call(function))


def is_stale(version: ReadVersion, book: TemplateBook, *, found: bool) -> bool:
    """Whether today's extractor with what the page's layout was about then would be another; of a
    page of no known layout, whether layouts were found since it was read."""
    if version.extractor != EXTRACTOR_VERSION:
        return True
    layout = layout_of_reading(version.template)
    if not layout:
        return found
    return version.template != book.reading_name(layout, version.fetched_at)


async def refresh(
    source_id: int, rereader: Rereader, announced: Set[int] = frozenset()
) -> tuple[Templates, Sample] | None:
    """Learn a source's templates if pages were sampled since, of which these addresses' were
    announced as changed, and read its versions with them that were read otherwise. Returns them,
    and what they were learned from; None where they stay as they were."""
    sample = await rereader.new_sample(source_id)
    if sample is None:
        return None
    sample = sample.with_announced(announced)
    try:
        templates = await rereader.learn(sample)
    except NotLearned as error:
        logger.warning("source %d: its templates stay as they were: %s", source_id, error)
        return None
    read = changed = 0
    known = sample.templates.book
    async for some in rereader.rereadings(source_id, templates, VersionRange(), known=known):
        changed += await rereader.record(some)
        read += len(some)
        if read >= MOST_REREAD:
            break
    await rereader.save(source_id, templates, sample)
    if changed:
        logger.info("source %d: %d texts read better with what was learned", source_id, changed)
    return templates, sample
