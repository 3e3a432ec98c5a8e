"""An operator's word against what was judged, carried out on stored pages: nothing is fetched.

That a site-wide change is no change of the site's: each article's stored pages are read again, and
the first that shows the change is a version, dated by its fetch. That edits are the site's: what
they have in common is known to be the site's from now on, and the versions are retracted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from crawler import settings
from crawler.judging.comparison import Signature, compare
from crawler.judging.pages import PageText
from crawler.reading.pool import ReaderPool
from crawler.reading.site_events import EventKind, SiteEvent, came_in, site_events
from crawler.reading.template_refresh import Rereader
from crawler.reading.worker import Read, Templates
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import NotFound, Refused
from storage.database.writer import Writer
from storage.history.captured_pages import Captured
from storage.history.late_versions import add_late_version
from storage.history.looks import looks_before
from storage.history.overrulings import add_versions, require_edits, say_edits, say_site
from storage.history.readings import VersionRange
from storage.ledger.sights import Sight, first_sights_of, sights_since
from storage.models import Overruling
from storage.templates.layouts import signatures_of

_BEFORE: Final = timedelta(days=3)
"""Before a change was put on record its pages may have shown it: looks wait for one another."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Word:
    """What an operator says, why, and who it is."""

    why: str
    who: str


def overrule_change(
    archive: Archive,
    source_id: int,
    number: str,
    blocks: Sequence[str],
    word: Word,
    progress: Callable[[int, int], None],
) -> int:
    """Say that a site-wide change, or these blocks of it, is no change of the site's, and record
    what it hid as edits; the number of the overruling. Done twice, it changes nothing the second
    time. `progress` is told how many articles of how many are done. Raises NotFound and Refused."""
    with archive.reading() as session:
        event = _event(session, source_id, number)
        transition, signatures = _signatures(session, event, blocks)
    now = utc_now()
    with archive.writing() as session:
        made = say_edits(
            session, source_id, transition, signatures, why=word.why, who=word.who, now=now
        )
        made_id = made.id
    since = event.recorded_at - _BEFORE
    asyncio.run(
        _with_reader(
            archive,
            lambda it: _record_hidden(
                it, source_id, made_id, frozenset(signatures), since, word.why, progress
            ),
        )
    )
    return made_id


def overrule_edits(archive: Archive, source_id: int, version_ids: Sequence[int], word: Word) -> int:
    """Say that these versions are the site's doing, and retract them; the number of the overruling.
    Raises Refused."""
    with archive.reading() as session:
        require_edits(session, source_id, version_ids)
        sights = first_sights_of(session, version_ids)
    transition, signatures = asyncio.run(
        _with_reader(archive, lambda it: _in_common(it, source_id, sights))
    )
    with archive.writing() as session:
        made = say_site(
            session,
            source_id,
            version_ids,
            transition,
            signatures,
            why=word.why,
            who=word.who,
            now=utc_now(),
        )
        return made.id


def _event(session: Session, source_id: int, number: str) -> SiteEvent:
    found = [it for it in site_events(session, source_id) if it.number == number]
    if not found:
        raise NotFound(
            f"no site-wide change {number} of this source: `permalien boilerplate SOURCE --changes`"
        )
    return found[0]


def _signatures(
    session: Session, event: SiteEvent, blocks: Sequence[str]
) -> tuple[tuple[str, str], set[Signature]]:
    """What an event says that changed, or these blocks of it, between which layouts."""
    if event.kind is EventKind.PAGES:
        keys = {part.key for part in event.parts if part.key is not None}
    else:
        keys = came_in(event)
    if unknown := set(blocks) - keys:
        raise NotFound(f"no block {min(unknown)} in change {event.number}")
    if event.kind is EventKind.LAYOUT and not blocks:
        raise Refused(
            f"change {event.number} is a new layout: say with --block which of it are edits"
        )
    if event.kind is EventKind.PAGES:
        transition, signatures = signatures_of(session, int(event.number[1:]))
    else:
        transition = (event.became, event.became)
        signatures = {("+", key) for key in keys}
    if blocks:
        signatures = {it for it in signatures if it[-1] in blocks}
    return transition, signatures


async def _with_reader(archive: Archive, work: Callable[["_Reader"], Awaitable[Result]]) -> Result:
    writer, pool = Writer(archive), ReaderPool(settings.READERS)
    try:
        return await work(_Reader(writer, Rereader(writer, pool)))
    finally:
        pool.close()
        writer.close()


class _Reader:
    """Stored pages, read with the templates that hold now."""

    def __init__(self, writer: Writer, rereader: Rereader) -> None:
        self._writer = writer
        self._rereader = rereader
        self._templates = Templates()

    async def use(self, source_id: int) -> None:
        """Learn the source's templates with what was decided, and read its versions with them."""
        sample = await self._rereader.sample(source_id)
        self._templates = await self._rereader.learn(sample)
        known = sample.templates.book
        async for some in self._rereader.rereadings(
            source_id, self._templates, VersionRange(), known=known
        ):
            await self._rereader.record(some)
        await self._rereader.save(source_id, self._templates, sample)

    async def load(self, source_id: int) -> None:
        """Read with the source's templates as they are."""
        sample = await self._rereader.sample(source_id)
        self._templates = sample.templates

    async def read(self, fetch_id: int) -> Read | None:
        return await self._rereader.read(fetch_id, self._templates)

    async def text(self, fetch_id: int) -> PageText | None:
        read = await self.read(fetch_id)
        return None if read is None else read.text

    async def ask(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.call(function))

    async def look(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.read(function))


async def _record_hidden(
    reader: _Reader,
    source_id: int,
    made_id: int,
    signatures: frozenset[Signature],
    since: datetime,
    why: str,
    progress: Callable[[int, int], None],
) -> None:
    """Record the versions that the change hid, an article at a time."""
    await reader.use(source_id)
    sights = await reader.look(lambda session: sights_since(session, source_id, since))
    for done, seen in enumerate(sights.values(), start=1):
        first = await _first_that_shows(reader, seen, signatures)
        read = None if first is None else await reader.read(first.fetch_id)
        if first is not None and read is not None:
            page = Captured(
                first.fetch_id,
                first.address_id,
                first.fetched_at,
                read.reading,
                judged=True,
                reason=f"an operator says that it is an edit: {why}",
            )
            await reader.ask(partial(_add, made_id=made_id, page=page))
        progress(done, len(sights))


def _add(session: Session, made_id: int, page: Captured) -> None:
    version_id = add_late_version(session, page)
    if version_id is not None:
        add_versions(session, session.get_one(Overruling, made_id), [version_id])


async def _first_that_shows(
    reader: _Reader, seen: Sequence[Sight], signatures: frozenset[Signature]
) -> Sight | None:
    """The first of an address's pages that differs from the one before all by the change; None
    where the last does not."""
    before = await reader.text(seen[0].fetch_id)
    if before is None:
        return None

    async def shows(place: int) -> bool:
        text = await reader.text(seen[place].fetch_id)
        if text is None:
            return False
        changes = compare(before, text).changes
        return any(not signatures.isdisjoint((it.exact, it.structural)) for it in changes)

    last = len(seen) - 1
    if last == 0 or not await shows(last):
        return None
    without, with_it = 0, last
    while with_it - without > 1:
        middle = (without + with_it) // 2
        if await shows(middle):
            with_it = middle
        else:
            without = middle
    return seen[with_it]


async def _in_common(
    reader: _Reader, source_id: int, sights: Sequence[Sight]
) -> tuple[tuple[str, str], set[Signature]]:
    """What these edits changed alike, between which layouts: all of them, or two at least."""
    await reader.load(source_id)
    counted: dict[Signature, int] = {}
    transition = ("", "")
    for sight in sights:
        before = await reader.look(
            partial(looks_before, address_id=sight.address_id, fetch_id=sight.fetch_id)
        )
        old = None if before.fetch_id is None else await reader.text(before.fetch_id)
        new = await reader.text(sight.fetch_id)
        if old is None or new is None:
            continue
        transition = (old.layout, new.layout)
        for signature in {it.exact for it in compare(old, new).changes}:
            counted[signature] = counted.get(signature, 0) + 1
    least = min(2, len(sights))
    return transition, {signature for signature, count in counted.items() if count >= least}
