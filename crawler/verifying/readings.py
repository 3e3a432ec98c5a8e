"""Extractions made again of the stored pages, each with the template that it names.

One of another extractor, or of a template that is not on record any more, can't be made again: its
content is checked by digest alone, and the report counts these.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crawler.extraction import EXTRACTOR_VERSION
from crawler.extraction.template.book import Layout as KnownLayout
from crawler.extraction.template.book import TemplateBook, layout_of_reading, reading_name
from crawler.extraction.template.template import Decision
from crawler.extraction.template.template import Template as Learned
from crawler.reading.pool import ReaderPool
from crawler.reading.template_refresh import input_of
from crawler.reading.worker import NoArticle, Templates
from storage.database.archive import Archive
from storage.database.errors import NotFound
from storage.database.snapshot import snapshot
from storage.ledger.headers import joined
from storage.ledger.pages import StoredPage, load_page
from storage.ledger.tdm_files import tdm_files_at
from storage.models import (
    Address,
    AddressKind,
    Fetch,
    Finding,
    HeaderSet,
    Layout,
    Payload,
    Reading,
    RedactedPayload,
    Template,
)
from storage.verification.report import RESTORE_MISSING, Report
from storage.verification.scope import Scope

NAME: Final = "extractions"
COST: Final = 35.0  # milliseconds a reading, about, on one core

_BATCH: Final = 200  # fetches that are looked at together
_OLD: Final = "extractor not installed"
_NO_TEMPLATE: Final = "template not on record"
_NO_INPUT: Final = "input not recorded"
_REDACTED: Final = "page redacted"


class _Bits:
    """A set of row ids, a bit each."""

    def __init__(self, highest: int) -> None:
        self._bits = bytearray(highest // 8 + 1)

    def add(self, number: int) -> None:
        self._bits[number >> 3] |= 1 << (number & 7)

    def __contains__(self, number: int) -> bool:
        return number >> 3 < len(self._bits) and bool(self._bits[number >> 3] >> (number & 7) & 1)


@dataclass(frozen=True, slots=True)
class _Task:
    """A reading to be made again: of which fetch's page, with which template."""

    reading: Any
    fetch_id: int
    templates: Templates


@dataclass(slots=True)
class _Books:
    """The templates that a source's layouts ever had, of a few sources."""

    known: dict[int, dict[str, list[Learned]]] = field(default_factory=dict)

    def of(self, session: Session, source_id: int) -> dict[str, list[Learned]]:
        if source_id not in self.known:
            if len(self.known) >= 8:
                self.known.clear()
            found: defaultdict[str, list[Learned]] = defaultdict(list)
            rows = session.execute(
                select(Layout.key, Template.template)
                .outerjoin(Template, Template.layout_id == Layout.id)
                .where(Layout.source_id == source_id)
                .order_by(Layout.id, Template.revision.desc())
            )
            for key, template in rows:
                found[key] += _learned(template)
            self.known[source_id] = {key: [*it, Learned(0, ())] for key, it in found.items()}
        return self.known[source_id]


def _learned(template: str | None) -> list[Learned]:
    """The template; none where there is none, or one that is damaged, which the check of templates
    names."""
    try:
        return [] if template is None else [Learned.from_json(template)]
    except ValueError:
        return []


def readings_in(session: Session, scope: Scope) -> int:
    """How many readings are to be looked at."""
    query = select(func.count(Reading.id))
    if not scope.whole:
        query = query.where(Reading.digest.in_(select(Payload.digest).where(scope.of_payloads())))
    return session.scalar(query) or 0


def verify_readings(
    archive: Archive,
    scope: Scope,
    report: Report,
    done: Callable[[int], None],
    *,
    pool: ReaderPool | None = None,
) -> None:
    """Make the readings of the pages that were fetched again, in parallel, and hold them against
    those that are there. A `pool` that is given is not closed. Raises ArchiveError."""
    readers = pool or ReaderPool()
    try:
        asyncio.run(_Readings(archive, scope, report, done, readers).run())
    finally:
        if pool is None:
            readers.close()


class _Readings:
    def __init__(
        self,
        archive: Archive,
        scope: Scope,
        report: Report,
        done: Callable[[int], None],
        pool: ReaderPool,
    ) -> None:
        self._archive = archive
        self._scope = scope
        self._report = report
        self._done = done
        self._pool = pool
        self._books = _Books()

    async def run(self) -> None:
        with snapshot(self._archive, read_only=True) as session:
            # What is read meanwhile is left to the next verification.
            self._highest = session.scalar(select(func.max(Reading.id))) or 0
            self._redacted = frozenset(session.scalars(select(RedactedPayload.digest)))
            self._picked = self._pick(session)
        self._reached, self._made = _Bits(self._highest), _Bits(self._highest)
        after = 0
        while True:
            with snapshot(self._archive, read_only=True) as session:
                fetches = self._fetches(session, after)
                tasks = list(self._tasks(session, fetches))
            await self._make(tasks)
            if not fetches:
                break
            after = fetches[-1].id
        with snapshot(self._archive, read_only=True) as session:
            self._tell_rest(session)

    def _pick(self, session: Session) -> frozenset[bytes] | None:
        """The pages of a sample."""
        if self._scope.sample is None:
            return None
        query = select(Payload.digest).where(self._scope.of_payloads())
        return frozenset(session.scalars(query))

    def _fetches(self, session: Session, after: int) -> Sequence[Any]:
        query = (
            select(
                Fetch.id,
                Fetch.url,
                Fetch.digest,
                Fetch.fetched_at,
                Fetch.response_headers_id,
                Fetch.response_values,
                Address.key,
                Address.source_id,
                HeaderSet.headers,
            )
            .join(Address, Address.id == Fetch.address_id)
            .outerjoin(HeaderSet, HeaderSet.id == Fetch.response_headers_id)
            .where(
                Fetch.id > after,
                Address.kind == AddressKind.PAGE,
                Fetch.digest.is_not(None),
                self._scope.of_fetches(),
            )
            .order_by(Fetch.id)
            .limit(_BATCH)
        )
        if self._picked is not None:
            query = query.where(Fetch.digest.in_(self._picked))
        return session.execute(query).all()

    def _tasks(self, session: Session, fetches: Sequence[Any]) -> Iterator[_Task]:
        """What is to be made again of these pages."""
        pages = {it.id: (_url_of(it), it.fetched_at) for it in fetches}
        files = tdm_files_at(session, set(pages.values()))
        inputs = {it.id: _input_of(it, files.get(pages[it.id])) for it in fetches}
        known: defaultdict[bytes, list[Any]] = defaultdict(list)
        query = select(
            Reading.id,
            Reading.input,
            Reading.digest,
            Reading.extractor,
            Reading.template,
            Reading.content_digest,
            Reading.detail_digest,
            Reading.recorded_at,
        ).where(Reading.input.in_(set(inputs.values())), Reading.id <= self._highest)
        for row in session.execute(query):
            known[row.input].append(row)
        self._check_read(session, fetches, inputs, known)
        for fetch in fetches:
            if fetch.digest in self._redacted:
                continue
            for reading in known.get(inputs[fetch.id], ()):
                self._reached.add(reading.id)
                if reading.id in self._made or reading.extractor != EXTRACTOR_VERSION:
                    continue
                if reading.recorded_at is not None and reading.recorded_at < fetch.fetched_at:
                    continue
                if self._report.doubts("reading", reading.id) or self._report.doubts(
                    "payload", fetch.digest
                ):
                    self._made.add(reading.id)
                    continue
                templates = self._templates(session, fetch, reading.template)
                if templates is not None:
                    self._made.add(reading.id)
                    yield _Task(reading, fetch.id, templates)

    def _check_read(
        self,
        session: Session,
        fetches: Sequence[Any],
        inputs: dict[int, bytes],
        known: dict[bytes, list[Any]],
    ) -> None:
        """A page that showed a version was read."""
        unread = [it for it in fetches if inputs[it.id] not in known]
        if not unread or self._report.lacks("reading"):
            return
        showed = set(
            session.scalars(
                select(Finding.fetch_id).where(
                    Finding.fetch_id.in_([it.id for it in unread]), Finding.version_id.is_not(None)
                )
            )
        )
        digests = {it.digest for it in unread if it.id in showed}
        read = set(session.scalars(select(Reading.digest).where(Reading.digest.in_(digests))))
        for it in unread:
            doubtful = self._report.doubts("fetch", it.id) or self._report.doubts(
                "header_set", it.response_headers_id
            )
            if it.id in showed and it.digest not in read and not doubtful:
                self._report.add(
                    "reading",
                    f"of page {it.digest.hex()}",
                    expected=f"an extraction of what fetch {it.id} brought",
                    found="none",
                    advice=RESTORE_MISSING,
                )

    def _templates(self, session: Session, fetch: Any, name: str) -> Templates | None:
        """The templates with which a reading of that page has that name; None where none is on
        record."""
        if not name:
            return Templates()
        key = layout_of_reading(name)
        for template in self._books.of(session, fetch.source_id).get(key, ()):
            if reading_name(key, template.at(fetch.fetched_at)) == name:
                # One layout of no skeleton is every page's.
                return Templates(TemplateBook((KnownLayout(key, (), template),)).to_json())
        return None

    async def _make(self, tasks: Sequence[_Task]) -> None:
        """Make these again, so many at a time as there is room for."""
        room = asyncio.Semaphore(2 * self._pool.workers)

        async def one(task: _Task) -> None:
            async with room:
                await self._compare(task)
                self._done(1)

        await asyncio.gather(*(one(task) for task in tasks))

    async def _compare(self, task: _Task) -> None:
        try:
            with snapshot(self._archive, read_only=True) as session:
                stored = load_page(session, task.fetch_id)
        except NotFound:
            return
        page = input_of(stored)
        wanted = (task.reading.content_digest, task.reading.detail_digest)
        for templates in _variants(task.templates):
            result = await self._pool.read(page, templates)
            if isinstance(result, NoArticle):
                found = f"no article: {result.outcome.value}, {result.detail}"
                continue
            made = (result.reading.content["digest"], result.reading.detail["digest"])
            if made == wanted:
                return
            found = f"content {made[0].hex()}, details {made[1].hex()}"
        if not self._report.doubts("fetch", task.fetch_id):
            self._report.add(
                "reading",
                task.reading.id,
                expected=f"what the page of fetch {task.fetch_id} says: {found}",
                found=f"content {wanted[0].hex()}, details {wanted[1].hex()}",
                advice="restore this row from a backup; `permalien reextract` reads the page anew",
            )

    def _tell_rest(self, session: Session) -> None:
        """Count those that can't be made again, and name those that no fetch brought."""
        among = self._scope.of_payloads()
        query = select(Reading.id, Reading.input, Reading.extractor, Reading.digest).where(
            Reading.id <= self._highest
        )
        if self._picked is not None:
            query = query.where(Reading.digest.in_(self._picked))
        elif not self._scope.whole:
            query = query.where(Reading.digest.in_(select(Payload.digest).where(among)))
        result = session.execute(query, execution_options={"yield_per": 1_000})
        for row in result:
            if row.id in self._made:
                continue
            self._done(1)
            if row.digest in self._redacted:
                self._report.by_digest[f"{_REDACTED}: {row.extractor}"] += 1
            elif row.input is None:
                self._report.by_digest[f"{_NO_INPUT}: {row.extractor}"] += 1
            elif row.id not in self._reached:
                self._tell_unreached(row)
            elif row.extractor != EXTRACTOR_VERSION:
                self._report.by_digest[f"{_OLD}: {row.extractor}"] += 1
            else:
                self._report.by_digest[_NO_TEMPLATE] += 1

    def _tell_unreached(self, row: Any) -> None:
        if self._scope.whole and not self._report.lacks(
            "fetch", "address", "header_set", "payload"
        ):
            self._report.add(
                "reading",
                row.id,
                expected="the input of a page that was fetched",
                found=row.input,
            )


def _url_of(fetch: Any) -> str:
    return fetch.url or f"https:{fetch.key}"


def _input_of(fetch: Any, file: bytes | None) -> bytes:
    """The digest of what extraction used of a page, whose body is not looked at; `file` is its
    site's tdmrep.json."""
    headers = joined(fetch.headers or [], fetch.response_values).by_name()
    page = StoredPage(_url_of(fetch), fetch.digest, headers, b"", fetch.fetched_at, file)
    return input_of(page).digest_with(fetch.digest)


def _variants(templates: Templates) -> Iterator[Templates]:
    """The templates, and the same as an operator's decisions would have them: a digest of what is
    removed does not tell who decided it."""
    yield templates
    if not templates.json:
        return
    for one, other in (
        (Decision.REMOVE, Decision.ALWAYS_REMOVE),
        (Decision.ALWAYS_REMOVE, Decision.REMOVE),
    ):
        layouts = tuple(
            replace(layout, template=_decided(layout.template, one, other))
            for layout in templates.book.layouts
        )
        if layouts != templates.book.layouts:
            yield Templates(TemplateBook(layouts).to_json())


def _decided(template: Learned, one: Decision, other: Decision) -> Learned:
    blocks = (replace(b, decision=other) if b.decision is one else b for b in template.blocks)
    return replace(template, blocks=tuple(blocks))
