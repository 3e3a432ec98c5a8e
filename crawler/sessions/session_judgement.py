"""The judgement at the end of a source session: what differs becomes edits and removals, or not.

The source's templates are learned from this week's pages, each page that differs is read with its
own layout's, before and after, and all of it is judged together (crawler.judging). Nothing waits
for a person.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from crawler.extraction.article import TextBlock
from crawler.extraction.template.book import reading_name
from crawler.extraction.template.samples import PageSample
from crawler.judging.judgement import CONTROLS, judge
from crawler.judging.looks import Finding, Judged, Judgement, Look, Sureness
from crawler.judging.pages import PageText
from crawler.reading.page_reader import PageReader
from crawler.reading.template_refresh import Sample, refresh
from crawler.reading.worker import NoArticle, Read, Templates
from crawler.recording.pages import record_page
from crawler.recording.tally import Tally
from crawler.sessions.findings import Findings, Seen
from crawler.sessions.late_announcements import announced_late, built_at_once
from storage.database.clock import utc_now
from storage.database.writer import Writer
from storage.frontier.checks import Check
from storage.frontier.due import Due, controls, latest_sitemaps
from storage.history import looks as on_record
from storage.history.captured_pages import Captured, Recorded
from storage.history.identity_decisions import merge_moved
from storage.history.looks import Before, looks_before
from storage.history.non_articles import NonArticle
from storage.history.presence import Removal, leads_to_a_wall, record_removals, state_of
from storage.models import ArticleState, Outcome, Says
from storage.templates.layouts import record_site_change, said_of_changes, site_changes

Result = TypeVar("Result")

UNANNOUNCED: Final = 2
"""Pages that differ and that nobody announced, before which listings are asked once more."""

SITEMAPS: Final = 2
"""Of a source that are asked for then."""

_CONFIDENCE = {Sureness.CERTAIN: None, Sureness.LIKELY: 0.9, Sureness.GUESSED: 0.6}


@dataclass(frozen=True, slots=True)
class Concluded:
    """How many edits there were; or, where there are `controls` or `listings`, that nothing was
    judged yet and those are to be asked for first."""

    edits: int = 0
    controls: Sequence[Due] = ()
    listings: Sequence[Due] = ()


async def judge_findings(
    writer: Writer,
    reader: PageReader,
    tally: Tally,
    source_id: int,
    findings: Findings,
    *,
    may_ask: bool,
) -> Concluded:
    """Record what the findings mean. With `may_ask` others may be wanted first."""
    conclusion = _Conclusion(writer, reader, tally, source_id, findings)
    return await conclusion.conclude(may_ask=may_ask)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A page that differs, or an article that is away, and what was known of its address."""

    look: Look
    before: Before
    fetch_id: int
    address_id: int
    seen: Seen | None = None
    check: Check | None = None


class _Conclusion:
    def __init__(
        self,
        writer: Writer,
        reader: PageReader,
        tally: Tally,
        source_id: int,
        findings: Findings,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._tally = tally
        self._source_id = source_id
        self._findings = findings
        self._edits = 0
        self._pages: dict[int, Read | None] = {}

    async def conclude(self, *, may_ask: bool) -> Concluded:
        findings, reader, source_id = self._findings, self._reader, self._source_id
        if findings.deferred:
            late = partial(announced_late, pages=findings.deferred.values())
            findings.announce(await self._read(late))
            findings.at_once = await self._read(
                partial(built_at_once, source_id=source_id, pages=findings.known)
            )
        if may_ask and not findings.asked_listings and findings.unannounced >= UNANNOUNCED:
            latest = partial(
                latest_sitemaps, source_id=source_id, count=SITEMAPS, without=findings.asked
            )
            if listings := await self._read(latest):
                return Concluded(listings=listings)
        learned = await refresh(source_id, reader.rereader, findings.told_apart - findings.picked)
        if learned is not None:
            reader.use(source_id, learned[0])
        if findings.unchanged or findings.controls:
            reachable = self._writer.submit(on_record.record_reachable, source_id)
            await asyncio.wrap_future(reachable)
        if not findings.deferred and not findings.away:
            return Concluded()
        sample = await reader.rereader.sample(source_id)
        compared = await asyncio.gather(
            *(self._difference(seen) for seen in findings.deferred.values()),
            *(self._absence(check) for check in findings.away.values()),
        )
        looks = [it.look for it in compared] + await self._other_looks(sample)
        known = await self._read(lambda session: site_changes(session, source_id))
        edits = await self._read(lambda session: said_of_changes(session, source_id, Says.EDITS))
        judgement = judge(looks, known, edits)
        if judgement.wants_controls and may_ask and not findings.asked_controls:
            asked = findings.asked | findings.deferred.keys()
            picked = partial(
                controls,
                source_id=source_id,
                count=CONTROLS,
                without=asked,
                now=utc_now(),
                seed=min(it.fetch_id for it in compared),
            )
            wanted = await self._read(picked)
            if wanted:
                return Concluded(controls=wanted)
        await self._record(compared, judgement, sample)
        return Concluded(self._edits)

    # what is compared

    async def _difference(self, seen: Seen) -> _Compared:
        """A page that differs, before and after, each read with what its layout was about."""
        before = await self._before(seen.address_id, seen.fetch_id)
        after, away = None, None
        if isinstance(seen.result, Read):
            after = await self._text(seen.fetch_id, seen.result) or seen.result.text
        else:
            away = state_of(seen.result.outcome, seen.result.detail)
        earlier = await self._text(before.fetch_id)
        if earlier is None and after is not None:
            # today's extractor makes nothing of it: the reading that there is
            earlier = PageText("", ())
        look = self._look(seen.address_id, seen.fetched_at, before, earlier or _stub(0, ""))
        pending = await self._text(before.pending_id)
        look = replace(look, after=after, away=away, pending=pending)
        return _Compared(look, before, seen.fetch_id, seen.address_id, seen=seen)

    async def _absence(self, check: Check) -> _Compared:
        before = await self._before(check.address_id, check.fetch_id)
        state = state_of(check.outcome, check.detail) or ArticleState.NOT_FOUND
        if state is ArticleState.MOVED and await self._read(
            lambda session: leads_to_a_wall(session, check.address_id)
        ):
            state = ArticleState.WALLED
        look = self._look(check.address_id, check.fetched_at, before, _stub(check.address_id, ""))
        look = replace(look, away=state, target=check.redirect)
        return _Compared(look, before, check.fetch_id, check.address_id, check=check)

    def _look(self, address_id: int, at: datetime, before: Before, text: PageText) -> Look:
        return Look(
            number=address_id,
            article=address_id,
            at=at,
            before=text,
            announced=address_id in self._findings.told_apart,
            picked=address_id in self._findings.picked,
            waited=before.waited,
            since=before.fetched_at,
        )

    async def _other_looks(self, sample: Sample) -> list[Look]:
        """The pages that are as they were, and those that are new."""
        findings, now = self._findings, utc_now()
        templates = await self._reader.templates(self._source_id)
        looks = []
        for address_id, seen in findings.controls.items():
            if not isinstance(seen.result, Read) or address_id in findings.deferred:
                continue
            # a new page was read before what is known of its template now
            result = seen.result
            text = await self._text(seen.fetch_id, result) if seen.is_new else result.text
            if text is not None:
                before = None if seen.is_new else text
                looks.append(Look(address_id, address_id, seen.fetched_at, before, text))
        for address_id in findings.unchanged - findings.controls.keys():
            page = sample.pages.get(address_id)
            layout = templates.book.layout_of(page.skeleton) if page is not None else None
            text = _stub(address_id, "" if layout is None else layout.key)
            looks.append(Look(address_id, address_id, now, text, text))
        return [replace(look, picked=look.article in findings.picked) for look in looks]

    async def _before(self, address_id: int, fetch_id: int) -> Before:
        return await self._read(lambda session: looks_before(session, address_id, fetch_id))

    async def _text(self, fetch_id: int | None, known: Read | None = None) -> PageText | None:
        read = None if fetch_id is None else await self._page(fetch_id, known)
        return None if read is None else read.text

    async def _page(self, fetch_id: int, known: Read | None = None) -> Read | None:
        """What the page of that fetch says now, read no more than once; as it is `known` where
        the template that it was read with is the same still."""
        if fetch_id not in self._pages:
            templates = await self._reader.templates(self._source_id)
            if known is None or not _is_of(known, templates):
                known = await self._reader.rereader.read(fetch_id, templates)
            self._pages[fetch_id] = known
        return self._pages[fetch_id]

    # what it means

    async def _record(
        self, compared: Sequence[_Compared], judgement: Judgement, sample: Sample
    ) -> None:
        judged = {it.number: it for it in judgement.findings}
        source_id, now = self._source_id, utc_now()
        if judgement.unreachable:
            looks = [_on_record(it, judged[it.look.number]) for it in compared]
            await self._ask(
                lambda session: on_record.record_unreachable(session, source_id, looks, now)
            )
            return
        for change in judgement.site_changes:
            signatures = sorted(change.signatures - {()})
            if signatures:
                await self._ask(
                    partial(
                        record_site_change,
                        source_id=source_id,
                        transition=change.transition,
                        signatures=signatures,
                        pages=change.pages,
                        shown=change.shown,
                        now=now,
                    )
                )
        edited: dict[int, PageSample] = {}
        # what was seen before what was not: an article that moved is known then where it is now
        for it in sorted(compared, key=lambda it: (it.check is not None, it.fetch_id)):
            finding = judged[it.look.number]
            await self._record_one(it, finding)
            page = sample.pages.get(it.address_id)
            if finding.finding is Finding.EDITED and finding.came and page is not None:
                edited[it.address_id] = page.with_edit(finding.came)
        if edited:
            await self._reader.rereader.keep_edited(edited)

    async def _record_one(self, it: _Compared, judged: Judged) -> None:
        match judged.finding:
            case Finding.UNDECIDED:
                look = _on_record(it, judged)
                await self._ask(lambda session: on_record.record_undecided(session, [look]))
            case Finding.UNREACHABLE:
                look, now = _on_record(it, judged), utc_now()
                await self._ask(
                    lambda session: on_record.record_unreachable(
                        session, self._source_id, [look], now
                    )
                )
            case Finding.AWAY | Finding.WALLED:
                await self._record_absence(it, judged)
            case _ if it.seen is None:
                return
            case _ if isinstance(it.seen.result, NoArticle):
                await self._record_absence(it, judged)
            case Finding.EDITED | Finding.COMPLETED:
                await self._record_edit(it, judged)
            case _:
                await self._record_page(it.fetch_id, it, judged, shows=it.before.version_id)

    async def _record_absence(self, it: _Compared, judged: Judged) -> None:
        if it.check is not None:
            state = it.look.away or ArticleState.NOT_FOUND
            removal = Removal(it.check.address_id, it.check.fetch_id, state)
            await self._ask(partial(_remove, removal=removal))
            return
        if it.seen is None:
            return
        result = it.seen.result
        if isinstance(result, NoArticle):
            outcome, detail = result.outcome, result.detail
        else:
            outcome, detail = Outcome.PAYWALL, judged.reason or "partial"
        non_article = NonArticle(
            it.fetch_id, it.address_id, it.seen.fetched_at, outcome, detail, judged=True
        )
        await record_page(self._writer, self._tally, non_article)

    async def _record_edit(self, it: _Compared, judged: Judged) -> None:
        """A version, dated by the look that first showed it; and another one where the page has
        moved on since."""
        shows = None
        if judged.stayed and it.before.pending_id is not None:
            shows = await self._record_page(it.before.pending_id, it, judged)
        await self._record_page(it.fetch_id, it, judged, shows=None if judged.moved_on else shows)
        self._edits += judged.finding is Finding.EDITED

    async def _record_page(
        self, fetch_id: int, it: _Compared, judged: Judged, *, shows: int | None = None
    ) -> int | None:
        """Record a page of the address, which may be known to show a version; the one it shows."""
        read = await self._page(fetch_id)
        if read is None or read.sample.at is None:
            return None
        page = Captured(
            fetch_id,
            it.address_id,
            read.sample.at,
            read.reading,
            judged=True,
            shows=shows,
            reason=judged.reason or None,
            confidence=_CONFIDENCE[judged.sureness],
            completes=judged.finding is Finding.COMPLETED,
        )
        recorded = await record_page(self._writer, self._tally, page)
        return recorded.version_id if isinstance(recorded, Recorded) else None

    async def _read(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.read(function))

    async def _ask(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._writer.call(function))


def _is_of(read: Read, templates: Templates) -> bool:
    """Whether the page would be read with these templates as it was."""
    layout, template = templates.book.at(read.sample.at).chosen(read.sample.skeleton)
    return read.reading.template == reading_name(layout, template)


def _on_record(it: _Compared, judged: Judged) -> on_record.Look:
    return on_record.Look(
        it.fetch_id, it.address_id, it.look.at, judged.reason, _CONFIDENCE[judged.sureness]
    )


def _remove(session: Session, removal: Removal) -> None:
    """The article is not at that address any more; it may be known already where it is now."""
    record_removals(session, [removal])
    if removal.state is ArticleState.MOVED:
        merge_moved(session, removal.address_id, removal.fetch_id, now=utc_now())


def _stub(address_id: int, layout: str) -> PageText:
    """What stands for a page that need not be read, for it is as it was."""
    name = f"address {address_id}"
    return PageText("", (TextBlock(name, "", name),), layout)
