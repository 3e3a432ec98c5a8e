"""Source sessions: what a run finds at a source while it holds it, from the lease to the end.

A page that differs from what the archive knows is deferred: its fetch stays pending, and so a
kill loses nothing. At the end of a session all that differs is judged together
(crawler.sessions.session_judgement), and only then is the source given back.
"""

import asyncio
from collections.abc import Sequence

from crawler.reading.page_reader import PageReader
from crawler.reading.worker import NoArticle, Read
from crawler.recording.tally import Tally
from crawler.sessions.findings import Findings, Seen
from crawler.sessions.session_judgement import judge_findings
from crawler.sessions.site_kinds import correct_site
from storage.database.clock import utc_now
from storage.database.writer import Writer
from storage.frontier.checks import Check
from storage.frontier.due import Due
from storage.frontier.ended_sessions import EndedSession, record_ended_sessions
from storage.history.captured_pages import Change, Deferred, Recorded
from storage.history.checks import Checked
from storage.ledger.pages import PendingPage
from storage.models import Outcome, Source

MOST_DEFERRED = 100
"""Pages of a session that are kept in memory until they are judged."""

MOST_CONTROLS = 100
"""Pages of a session, new or as they were, that are kept to be compared with."""

_NO_ANSWER = {Outcome.FAILED, Outcome.BLOCKED}


class SourceSession:
    """One source while one run holds it. `conclude` it before it is given back."""

    def __init__(self, writer: Writer, reader: PageReader, tally: Tally, source_id: int) -> None:
        self._writer = writer
        self._reader = reader
        self._tally = tally
        self._source_id = source_id
        self._findings = Findings()
        self._edits = 0
        self._exposure = 0.0
        self._answered = False
        self._has_read = False
        self._concluding = asyncio.Lock()

    def count(self, check: Check, checked: Checked) -> None:
        """Take note of a check that is on record."""
        self._answered |= checked.outcome not in _NO_ANSWER
        self._exposure += checked.exposure
        found = self._findings
        found.asked.add(check.address_id)
        if checked.looked and not checked.extract and not checked.removal:
            found.unchanged.add(check.address_id)
        if checked.announced:
            found.announced.add(check.address_id)
        if checked.removal:
            found.away[check.address_id] = check

    def take_in(
        self,
        item: Check | PendingPage,
        result: Read | NoArticle,
        recorded: Recorded | Deferred | None,
    ) -> None:
        """Take note of a page that was read, and of what was put on record of it."""
        self._has_read = True
        found = self._findings
        is_new = isinstance(recorded, Recorded) and recorded.change is Change.NEW_ARTICLE
        known = recorded.article_id if recorded is not None else None
        seen = Seen(item.fetch_id, item.address_id, item.fetched_at, result, is_new, known)
        if isinstance(recorded, Deferred) and recorded.dismissed:
            found.dismissed[item.address_id] = seen
        elif isinstance(recorded, Deferred):
            found.deferred[item.address_id] = seen
        elif isinstance(result, Read) and len(found.controls) < MOST_CONTROLS:
            found.controls[item.address_id] = seen

    @property
    def is_full(self) -> bool:
        return len(self._findings.deferred) >= MOST_DEFERRED

    async def conclude(self, *, last: bool = True, may_ask: bool = True) -> Sequence[Due]:
        """Judge what was found; or, where it `may_ask`, the listings and the pages that are to be
        looked at first, each once a session, before it is concluded anew. With `last` the
        session is over then."""
        async with self._concluding:
            if last:
                await self._dismiss_new()
            found = self._findings.as_of_now()
            self._findings.deferred, self._findings.away = {}, {}
            judged = await judge_findings(
                self._writer,
                self._reader,
                self._tally,
                self._source_id,
                found,
                may_ask=last and may_ask,
            )
            if judged.controls or judged.listings:
                self._findings.picked.update(due.address_id for due in judged.controls)
                self._findings.asked_controls |= bool(judged.controls)
                self._findings.asked_listings |= bool(judged.listings)
                self._findings.deferred = found.deferred | self._findings.deferred
                self._findings.away = found.away | self._findings.away
                return [*judged.controls, *judged.listings]
            self._edits += judged.edits
            if last:
                await self._correct_site()
                good_at = utc_now() if self._answered else None
                ended = EndedSession(self._source_id, self._edits, self._exposure, good_at)
                await asyncio.wrap_future(self._writer.submit(record_ended_sessions, ended))
            return ()

    async def _dismiss_new(self) -> None:
        """Dismiss those of the new pages that prove to be none, such as a new theme's lists: what
        stands on them tells nothing of templates and edits."""
        controls = self._findings.controls
        if any(seen.is_new for seen in controls.values()):
            none = await correct_site(self._writer, self._tally, self._source_id)
            for address_id in [it for it, seen in controls.items() if seen.article_id in none]:
                del controls[address_id]

    async def _correct_site(self) -> None:
        """Decide again what the site's pages are, where any was read."""
        found = self._findings
        if self._has_read:
            self._has_read = False
            dismissed, found.dismissed = found.dismissed, {}
            await correct_site(self._writer, self._tally, self._source_id, dismissed.values())


class SourceSessions:
    """The sessions of one run."""

    def __init__(self, writer: Writer, reader: PageReader, tally: Tally) -> None:
        self._writer = writer
        self._reader = reader
        self._tally = tally
        self._sessions: dict[int, SourceSession] = {}

    def of(self, source_id: int) -> SourceSession:
        """What was found at a source since this run holds it."""
        if source_id not in self._sessions:
            self._sessions[source_id] = SourceSession(
                self._writer, self._reader, self._tally, source_id
            )
        return self._sessions[source_id]

    async def finish(self, source: Source, may_ask: bool) -> Sequence[Due]:
        """Conclude the source's session; or the pages that are to be looked at first, where it
        `may_ask` for some."""
        wanted = await self.of(source.id).conclude(may_ask=may_ask)
        if not wanted:
            self._sessions.pop(source.id, None)
            self._reader.forget(source.id)
        return wanted
