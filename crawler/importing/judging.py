"""What differs among the pages of a file, judged: each beside the versions on both sides of it.

As at the end of a source session (crawler.sessions.session_judgement), with two differences. There
is no later session that would know more, so nothing is left undecided; and a page that differs may
come before what is known.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from crawler.answers.outcomes import outcome_of_trouble
from crawler.judging.judgement import judge
from crawler.judging.looks import Finding, Judged, Look, Sureness
from crawler.judging.pages import PageText
from crawler.reading.page_reader import PageReader
from crawler.reading.template_refresh import refresh
from crawler.reading.worker import Read
from storage.database.clock import utc_now
from storage.database.errors import ArchiveError
from storage.database.writer import Writer
from storage.history.captured_pages import Captured, Deferred, Recorded
from storage.history.imported_findings import Answer, record_answers, record_imported
from storage.history.past import Neighbour, Neighbours, neighbours
from storage.history.presence import state_of
from storage.ledger.findings import NewFinding, record_findings
from storage.models import ArticleState, Meaning, Outcome
from storage.templates.layouts import record_site_change, site_changes

Result = TypeVar("Result")

MOST_CONTROLS: Final = 12
"""Other pages of a source that those that differ are judged beside."""

_DECIDED: Final = 2  # sessions after which a look is decided
_CONFIDENCE = {Sureness.CERTAIN: None, Sureness.LIKELY: 0.9, Sureness.GUESSED: 0.6}


@dataclass(frozen=True, slots=True)
class Page:
    """A capture that is on record: a page that is to be read, or what its status says (`outcome`,
    and why)."""

    fetch_id: int
    address_id: int
    source_id: int
    fetched_at: datetime
    outcome: Outcome = Outcome.FETCHED
    detail: str | None = None
    reads: bool = True

    def answer(self, imported_at: datetime) -> Answer:
        return Answer(
            self.fetch_id,
            self.address_id,
            self.fetched_at,
            imported_at,
            self.outcome,
            self.detail,
        )


@dataclass(slots=True)
class Differing:
    """What is to be judged of a source: pages that differ and articles that are away, by address;
    other pages, as they were or new, by address; and later captures of the first, by address too,
    which are to be compared with what those turn out to be."""

    pages: dict[int, Page] = field(default_factory=dict)
    controls: dict[int, tuple[Page, bool]] = field(default_factory=dict)
    later: dict[int, list[Page]] = field(default_factory=dict)

    def add_control(self, page: Page, *, is_new: bool) -> None:
        self.controls.pop(page.address_id, None)
        self.controls[page.address_id] = (page, is_new)
        if len(self.controls) > MOST_CONTROLS:
            del self.controls[next(iter(self.controls))]


@dataclass(frozen=True, slots=True)
class _Compared:
    page: Page
    read: Read | None
    sides: Neighbours
    away: ArticleState | None = None


class Judge:
    """Judges the pages of one source after the other, and puts on record what they mean."""

    def __init__(self, writer: Writer, reader: PageReader, now: datetime) -> None:
        self._writer = writer
        self._reader = reader
        self._now = now

    async def judge(self, source_id: int, differing: Differing) -> Sequence[Recorded]:
        """Learn the source's templates, where pages were sampled; and record what differs."""
        learned = await refresh(source_id, self._reader.rereader)
        if learned is not None:
            self._reader.use(source_id, learned[0])
        if not differing.pages:
            return []
        compared = await asyncio.gather(*(self._compared(it) for it in differing.pages.values()))
        looks = [look for it in compared for look in await self._looks(it)]
        looks += await self._controls(differing)
        known = await self._find(lambda session: site_changes(session, source_id))
        judgement = judge(looks, known)
        for change in judgement.site_changes:
            if signatures := sorted(change.signatures - {()}):
                await self._ask(
                    partial(
                        record_site_change,
                        source_id=source_id,
                        transition=change.transition,
                        signatures=signatures,
                        pages=change.pages,
                        shown=change.shown,
                        now=utc_now(),
                    )
                )
        judged = {it.number: it for it in judgement.findings}
        recorded = []
        for it in sorted(compared, key=lambda it: it.page.fetch_id):
            done = await self._record(it, judged)
            if done is not None:
                recorded.append(done)
        return recorded

    # what is compared

    async def _compared(self, page: Page) -> _Compared:
        sides = await self._find(
            lambda session: neighbours(session, page.address_id, page.fetch_id, page.fetched_at)
        )
        if page.outcome is not Outcome.FETCHED:
            return _Compared(page, None, sides, state_of(page.outcome, page.detail))
        return _Compared(page, await self._read(page.source_id, page.fetch_id), sides)

    async def _looks(self, it: _Compared) -> list[Look]:
        """What became of the version before, and what the page became; by the fetch's number and
        the one below zero."""
        page, looks = it.page, []
        after = None if it.read is None else it.read.text
        if it.sides.before is not None:
            before = await self._text(page.source_id, it.sides.before)
            looks.append(
                Look(
                    page.fetch_id,
                    page.address_id,
                    page.fetched_at,
                    before=before,
                    after=after,
                    away=it.away,
                    waited=_DECIDED,
                    since=it.sides.before.fetched_at,
                )
            )
        if it.sides.after is not None and after is not None:
            later = await self._text(page.source_id, it.sides.after)
            looks.append(
                Look(
                    -page.fetch_id,
                    page.address_id,
                    it.sides.after.fetched_at,
                    before=after,
                    after=later,
                    waited=_DECIDED,
                    since=page.fetched_at,
                )
            )
        return looks

    async def _controls(self, differing: Differing) -> list[Look]:
        looks = []
        for address_id, (page, is_new) in differing.controls.items():
            if address_id in differing.pages:
                continue
            read = await self._read(page.source_id, page.fetch_id)
            if read is not None:
                before = None if is_new else read.text
                looks.append(Look(0, address_id, page.fetched_at, before=before, after=read.text))
        return looks

    async def _text(self, source_id: int, side: Neighbour) -> PageText:
        read = await self._read(source_id, side.fetch_id)
        return PageText("", ()) if read is None else read.text

    async def _read(self, source_id: int, fetch_id: int) -> Read | None:
        templates = await self._reader.templates(source_id)
        return await self._reader.rereader.read(fetch_id, templates)

    # what it means

    async def _record(self, it: _Compared, judged: dict[int, Judged]) -> Recorded | None:
        page = it.page
        before, after = judged.get(page.fetch_id), judged.get(-page.fetch_id)
        if it.read is None:
            await self._record_absence(it, before)
            return None
        if before is not None and before.finding is Finding.UNREACHABLE:
            await self._record_unreachable(page, before)
            return None
        walled = before is not None and before.finding in (Finding.WALLED, Finding.AWAY)
        if walled and before is not None:
            await self._record_answer(
                page, Outcome.PAYWALL, before.reason or "partial", away=ArticleState.WALLED
            )
            return None
        shows, said = None, before or after
        if before is not None and it.sides.before is not None and not _is_edit(before):
            shows, said = it.sides.before.version_id, before
        elif after is not None and it.sides.after is not None and not _is_edit(after):
            shows, said = it.sides.after.version_id, after
        captured = Captured(
            page.fetch_id,
            page.address_id,
            page.fetched_at,
            it.read.reading,
            judged=True,
            shows=shows,
            reason=None if said is None else said.reason or None,
            confidence=None if said is None else _CONFIDENCE[said.sureness],
            completes=said is not None and said.finding is Finding.COMPLETED,
            imported_at=self._now,
        )
        recorded = await record_capture(self._writer, captured)
        return recorded if isinstance(recorded, Recorded) else None

    async def _record_absence(self, it: _Compared, judged: Judged | None) -> None:
        page = it.page
        outcome, detail = page.outcome, page.detail
        if outcome is Outcome.FETCHED:  # read before, and not any more
            outcome, detail = Outcome.UNREADABLE, "no article any more"
        is_away = judged is not None and judged.finding in (Finding.AWAY, Finding.WALLED)
        await self._record_answer(page, outcome, detail, away=it.away if is_away else None)

    async def _record_unreachable(self, page: Page, judged: Judged) -> None:
        """No page of the source shows its article: nothing is said of this one."""
        finding = NewFinding(
            page.fetch_id,
            Outcome.FETCHED,
            Meaning.UNREACHABLE,
            reason=judged.reason,
            confidence=_CONFIDENCE[judged.sureness],
        )
        await self._ask(lambda session: record_findings(session, [finding]))

    async def _record_answer(
        self, page: Page, outcome: Outcome, detail: str | None, *, away: ArticleState | None = None
    ) -> None:
        answer = replace(page.answer(self._now), outcome=outcome, detail=detail)
        await record_answer(self._writer, replace(answer, judged=True, away=away))

    async def _find(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.read(function))

    async def _ask(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.call(function))


def _is_edit(judged: Judged) -> bool:
    return judged.finding in (Finding.EDITED, Finding.COMPLETED)


async def record_capture(
    writer: Writer, page: Captured, *, linger: float | None = None
) -> Recorded | Deferred | None:
    """Put on record what the page says; where the archive refuses it, that it is unreadable. It may
    `linger` so many seconds for others to go with. Raises ArchiveError."""
    try:
        return await asyncio.wrap_future(writer.submit(record_imported, page, linger=linger))
    except ArchiveError:
        raise
    except Exception as error:
        why = f"refused: {outcome_of_trouble(error).detail}"
        unreadable = Answer(
            page.fetch_id,
            page.address_id,
            page.fetched_at,
            page.imported_at or page.fetched_at,
            Outcome.UNREADABLE,
            why,
            judged=True,
        )
        await record_answer(writer, unreadable)
        return None


async def record_answer(writer: Writer, answer: Answer) -> bool:
    """Put on record what a capture came to that shows no article; whether it is to be judged, and
    nothing was recorded."""
    return await asyncio.wrap_future(writer.submit(record_answers, answer))
