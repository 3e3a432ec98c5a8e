"""Finds out of which sources a browser is to show the pages, and which of them it is to show.

Where several pages of a source say nothing without their scripts, and fewer say something, one of
them is asked for again and shown in a browser. If that shows an article, the source's pages are
shown in it from then on, those that said nothing before too. Where several pages of a run then
prove to have been sent with their text, and none without, the source does without one again.
"""

import asyncio
import logging
from collections import Counter
from functools import partial
from typing import Final

from crawler.reading.worker import NoArticle, Read
from storage.database.clock import utc_now
from storage.database.writer import Writer
from storage.frontier.browser_need import NEEDS_JAVASCRIPT, record_need
from storage.frontier.checks import Check
from storage.frontier.due import Due, make_due
from storage.ledger.headers import SAME_TEXT
from storage.models import AddressKind, BrowserNeed, BrowserUse, Source

SEVERAL: Final = 3
"""Pages that say nothing, from which on a browser is tried."""

PLAIN: Final = 5
"""Articles of a run that were sent with their text, from which on a source needs no browser."""

MOST_TRIALS: Final = 2
"""Pages of a source that a run tries."""

_SHOWN: Final = frozenset({AddressKind.PAGE, AddressKind.FRONT, AddressKind.SECTION})

logger = logging.getLogger(__name__)


class BrowserNeeds:
    """What a run knows of it. Without a browser that `can_render` it finds out who needs one."""

    def __init__(self, writer: Writer, *, can_render: bool) -> None:
        self._writer = writer
        self._can_render = can_render
        self._found: dict[int, BrowserNeed] = {}  # in this run, by source
        self._empty: Counter[int] = Counter()
        self._articles: Counter[int] = Counter()
        # articles that a browser showed, by source and whether they were sent with their text
        self._with_text: Counter[tuple[int, bool]] = Counter()
        self._trials: dict[int, set[int]] = {}  # addresses, by source
        self._missed: set[int] = set()  # sources that have to do without one

    def shows(self, source: Source, due: Due) -> bool:
        """Whether the browser is to show what is asked for now."""
        if source.browser is BrowserUse.NEVER or due.kind not in _SHOWN:
            return False
        if source.browser is BrowserUse.ALWAYS or self._need(source) is BrowserNeed.SHOWN:
            if not self._can_render and source.id not in self._missed:
                self._missed.add(source.id)
                logger.warning("%s needs a browser: install permalien[browser]", source.name)
            return self._can_render
        return due.address_id in self._trials.get(source.id, ())

    async def take_in(self, source: Source, check: Check, result: Read | NoArticle) -> None:
        """Take note of a page that was read."""
        if source.browser is not BrowserUse.AUTO:
            return
        if self._need(source) is BrowserNeed.SHOWN:
            await self._look_whether_it_does_without(source, check, result)
            return
        is_empty = isinstance(result, NoArticle) and result.detail == NEEDS_JAVASCRIPT
        if (shown := check.headers.rendered_by) is not None:
            if isinstance(result, Read) and SAME_TEXT not in shown:
                await self._record(source, BrowserNeed.SHOWN)
            elif self._need(source) is BrowserNeed.LIKELY:
                await self._record(source, BrowserNeed.UNKNOWN)
            return
        self._empty[source.id] += is_empty
        self._articles[source.id] += isinstance(result, Read)
        enough = 1 if self._need(source) is BrowserNeed.LIKELY else SEVERAL
        if is_empty and self._empty[source.id] >= max(enough, self._articles[source.id] + 1):
            await self._try(source, check.address_id)
        elif self._need(source) is BrowserNeed.LIKELY and self._articles[source.id] >= SEVERAL:
            await self._record(source, BrowserNeed.UNKNOWN)

    async def _look_whether_it_does_without(
        self, source: Source, check: Check, result: Read | NoArticle
    ) -> None:
        shown = check.headers.rendered_by
        if shown is None or not isinstance(result, Read):
            return
        self._with_text[source.id, SAME_TEXT in shown] += 1
        if self._with_text[source.id, False] == 0 and self._with_text[source.id, True] == PLAIN:
            await self._record(source, BrowserNeed.UNKNOWN)

    def _need(self, source: Source) -> BrowserNeed:
        return self._found.get(source.id, source.browser_need)

    async def _try(self, source: Source, address_id: int) -> None:
        if not self._can_render:
            if self._need(source) is BrowserNeed.UNKNOWN:
                await self._record(source, BrowserNeed.LIKELY)
            return
        trials = self._trials.setdefault(source.id, set())
        if len(trials) < MOST_TRIALS:
            trials.add(address_id)
            work = partial(make_due, address_ids=[address_id], now=utc_now())
            await asyncio.wrap_future(self._writer.call(work))

    async def _record(self, source: Source, need: BrowserNeed) -> None:
        self._found[source.id] = need
        work = partial(record_need, source_id=source.id, need=need, now=utc_now())
        await asyncio.wrap_future(self._writer.call(work))
