"""The judgement at the end of a source session: what differs becomes edits and removals, or not.

The site's template is learned anew, what was deferred is read with it, and all that differs is
judged together (review.doubts). It becomes versions and removals, or, where too much of it is in
doubt, an alarm that holds it back.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from crawler.reading import Profile
from crawler.recorder import Recorder
from storage.database.clock import utc_now
from storage.frontier.checks import Check
from storage.frontier.due import Due, controls
from storage.history.extractions import Text, text_of, texts_of
from storage.history.identity_decisions import merge_moved
from storage.history.non_articles import Verdict
from storage.history.presence import Removal, record_removals, state_of
from storage.history.versioning import Captured, Deferred
from storage.ledger.pages import PendingPage
from storage.models import ArticleState, Outcome
from storage.review.alarms import (
    Held,
    Released,
    held_as_away,
    hold,
    open_alarm,
    raise_alarm,
    released_checks,
    settle,
)
from storage.review.doubts import CONTROLS, Difference, Judgement, is_cut, is_odd, judge

Result = TypeVar("Result")


@dataclass(slots=True)
class Findings:
    """What a session found: the addresses it asked for and those of articles it looked at, and, by
    address, the pages that differ and the articles that are away."""

    asked: set[int] = field(default_factory=set)
    looked_at: set[int] = field(default_factory=set)
    deferred: dict[int, tuple[Captured | Verdict, Deferred]] = field(default_factory=dict)
    away: dict[int, Check] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """How many edits there were; or, where there are `controls`, that nothing was judged yet and
    those pages are to be looked at first."""

    edits: int = 0
    controls: Sequence[Due] = ()


async def judge_findings(
    recorder: Recorder, run_id: int, source_id: int, findings: Findings, *, may_ask: bool
) -> Judged:
    """Record what the findings mean. With `may_ask` other pages may be wanted first."""
    return await _Judge(recorder, run_id, source_id, findings).judge(may_ask=may_ask)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What is to be recorded of a difference if it is believed."""

    difference: Difference
    address_id: int
    record: Captured | Verdict | Removal
    outcome: Outcome | None = None  # of a page that is no article, as its reading says
    detail: str | None = None


class _Judge:
    def __init__(self, recorder: Recorder, run_id: int, source_id: int, findings: Findings) -> None:
        self._recorder = recorder
        self._run_id = run_id
        self._source_id = source_id
        self._findings = findings
        self._edits = 0

    async def judge(self, *, may_ask: bool) -> Judged:
        findings = self._findings
        await self._take_in_released()
        await self._recorder.relearn(self._source_id)
        candidates = [_removal(check) for check in findings.away.values()]
        candidates += await self._candidates(findings.deferred)
        wanted = await self._controls(candidates) if may_ask else []
        if not wanted:
            await self._judge(candidates)
        return Judged(self._edits, wanted)

    async def _take_in_released(self) -> None:
        """Record what an alarm held back that an operator has cleared, in order."""
        source_id = self._source_id
        for it in await self._ask(lambda session: released_checks(session, source_id)):
            await self._take_in(it)

    async def _take_in(self, it: Released) -> None:
        recorder, source_id = self._recorder, self._source_id
        state = state_of(it.outcome, it.detail)
        if state is not None:
            await self._ask(partial(_remove, Removal(it.address_id, it.fetch_id, state)))
        elif it.outcome in (Outcome.FETCHED, Outcome.UNCHANGED):
            profile = await recorder.profile(source_id)
            page = await recorder.read(_pending(it, source_id), profile)
            if isinstance(page, Captured):
                await recorder.record(replace(page, judged=True), profile)
        await self._ask(lambda session: settle(session, [it.fetch_id], utc_now()))

    async def _candidates(
        self, deferred: dict[int, tuple[Captured | Verdict, Deferred]]
    ) -> list[_Candidate]:
        """What still differs when it is read with what was learned of the template; the rest is
        recorded, and taken out of `deferred`."""
        if not deferred:
            return []
        recorder = self._recorder
        profile = await recorder.profile(self._source_id)
        edits: list[tuple[Captured, Deferred]] = []
        candidates = []
        for address_id, (page, _) in list(deferred.items()):
            if isinstance(page, Captured) and page.reading.profile != profile.digest:
                page = await recorder.read(_pending(page, self._source_id), profile)
            why = await recorder.record(page, profile)
            if why is None or await self._is_back(page, why, profile):
                del deferred[address_id]
                continue
            deferred[address_id] = (page, why)
            if isinstance(page, Captured):
                edits.append((page, why))
            else:
                candidates.append(_verdict(page, why))
        before = await self._ask(
            lambda session: texts_of(
                session, [(why.version_id, page.reading) for page, why in edits]
            )
        )
        return candidates + [_edit(*edit, text) for edit, text in zip(edits, before, strict=True)]

    async def _is_back(self, page: Captured | Verdict, why: Deferred, profile: Profile) -> bool:
        """Whether the page shows what it showed before it was seen to be away, which was held in
        doubt and rightly so; then that is recorded."""
        if not why.same or not isinstance(page, Captured):
            return False
        address_id = page.address_id
        held = await self._ask(lambda session: held_as_away(session, address_id))
        if not held:
            return False
        await self._recorder.record(replace(page, judged=True), profile)
        await self._ask(lambda session: settle(session, held, utc_now()))
        return True

    async def _controls(self, candidates: Sequence[_Candidate]) -> list[Due]:
        """Other articles to look at, where something odd is to be believed."""
        if not any(is_odd(it.difference) for it in candidates):
            return []
        source_id = self._source_id
        seen = self._findings.asked | self._findings.looked_at
        return await self._ask(
            lambda session: controls(session, source_id, CONTROLS, without=seen, now=utc_now())
        )

    async def _judge(self, candidates: list[_Candidate]) -> None:
        if not candidates:
            return
        judgement = judge([it.difference for it in candidates], len(self._findings.looked_at))
        if judgement.alarm is not None or await self._is_alarmed():
            await self._hold(candidates, judgement)
            return
        for candidate in sorted(candidates, key=lambda it: it.difference.fetch_id):
            await self._believe(candidate)

    async def _is_alarmed(self) -> bool:
        source_id = self._source_id
        return await self._ask(lambda session: open_alarm(session, source_id) is not None)

    async def _believe(self, candidate: _Candidate) -> None:
        record = candidate.record
        if isinstance(record, Removal):
            await self._ask(partial(_remove, record))
        else:
            profile = await self._recorder.profile(self._source_id)
            await self._recorder.record(replace(record, judged=True), profile)
            self._edits += isinstance(record, Captured)

    async def _hold(self, candidates: Sequence[_Candidate], judgement: Judgement) -> None:
        held = [
            Held(
                it.difference.fetch_id,
                it.address_id,
                judgement.reasons.get(it.difference.fetch_id, "while the alarm is open"),
                it.outcome,
                it.detail,
            )
            for it in candidates
        ]
        source_id, run_id = self._source_id, self._run_id
        evidence = {
            "looked at": len(self._findings.looked_at),
            "edits": sum(isinstance(it.record, Captured) for it in candidates),
            "away": sum(not isinstance(it.record, Captured) for it in candidates),
        }

        def write(session: Session) -> None:
            alarm_id = raise_alarm(
                session,
                source_id,
                run_id,
                reason=judgement.alarm or "what differs while the alarm is open",
                evidence=evidence,
                now=utc_now(),
                held=held,
            )
            hold(session, alarm_id, held)

        await self._ask(write)
        self._recorder.tally.held += len(held)

    async def _ask(self, function: Callable[[Session], Result]) -> Result:
        return await asyncio.wrap_future(self._recorder.writer.call(function))


def _remove(removal: Removal, session: Session) -> None:
    """The article is not at that address any more; it may be known already where it is now."""
    record_removals(session, [removal])
    if removal.state is ArticleState.MOVED:
        merge_moved(session, removal.address_id, removal.fetch_id, now=utc_now())


def _pending(it: Captured | Released, source_id: int) -> PendingPage:
    return PendingPage(it.address_id, source_id, it.fetch_id, it.fetched_at)


def _removal(check: Check) -> _Candidate:
    """An address that answered that its article is not there."""
    state = state_of(check.outcome, check.detail) or ArticleState.NOT_FOUND
    return _Candidate(
        Difference(check.fetch_id, None, state=state, target=check.redirect),
        check.address_id,
        Removal(check.address_id, check.fetch_id, state),
    )


def _verdict(page: Verdict, why: Deferred) -> _Candidate:
    """A page that was fetched and is no article any more."""
    state = state_of(page.outcome, page.detail)
    return _Candidate(
        Difference(page.fetch_id, why.article_id, state=state),
        page.address_id,
        page,
        page.outcome,
        page.detail,
    )


def _edit(page: Captured, why: Deferred, before: Text | None) -> _Candidate:
    """A page that reads differently; one whose text has shrunk to what is free is behind a wall."""
    after = text_of(page.reading)
    if before is not None and page.reading.details.get("paywalled") and is_cut(before, after):
        wall = Verdict(page.fetch_id, page.address_id, page.fetched_at, Outcome.PAYWALL, "paywall")
        return _verdict(wall, why)
    difference = Difference(page.fetch_id, why.article_id, before=before, after=after)
    return _Candidate(difference, page.address_id, page)
