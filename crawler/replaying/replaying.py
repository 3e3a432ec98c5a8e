"""Lives through a pack: a crawl at each look, and another some hours later, by a clock that jumps.

Nothing is waited for between two looks, nor between two requests: the clock is rehearsed
(storage.database.clock), and the site's delay is none.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import timedelta
from typing import Final

from scrapy.utils.reactor import install_reactor
from sqlalchemy import select
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from crawler.reading.pool import ReaderPool
from crawler.replaying.packs import Pack
from crawler.replaying.replayed_site import HANDLERS, REPLAYED, ReplayedSite
from crawler.replaying.scoring import Score, Scorer
from crawler.running import crawl_in_loop
from storage.database.archive import Archive
from storage.database.clock import Clock, set_clock, system_now, utc_now
from storage.database.errors import Refused
from storage.frontier.due import recheck
from storage.frontier.enrolment import enrol
from storage.models import RunEnd, Source

AGAIN: Final = timedelta(hours=2)
"""After a look the site is looked at once more: what was undecided is decided then."""

_AFTER: Final = timedelta(minutes=10)  # that a look begins after what it shows was published
_APART: Final = timedelta(hours=30)  # two looks at least
_REACTOR: Final = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


class ReplayFailed(Exception):
    """A crawl of the replay did not come to its end."""


def replay_pack(
    archive: Archive,
    pack: Pack,
    *,
    aliases: Collection[str] = (),
    looks: int | None = None,
    told: Callable[[Score], None] = lambda score: None,
) -> list[Score]:
    """Crawl the pack's looks into the archive, the first `looks` of them if not all; the score of
    each is `told` as soon as it is known.

    Call it once a process: Twisted's reactor can't be started again. Raises Refused for an archive
    that has sources already, and ReplayFailed; KeyboardInterrupt where it was stopped.
    """
    with archive.reading() as session:
        if session.scalar(select(Source.id).limit(1)) is not None:
            raise Refused("a replay takes an archive of its own: this one has sources already")
    lived = _Replay(archive, pack, aliases, looks, told)
    install_reactor(_REACTOR)
    with suppress(SystemExit):
        react(lambda _reactor: Deferred.fromFuture(asyncio.ensure_future(lived.live())))
    if lived.error is not None:
        raise lived.error
    return lived.scorer.scores


class _Replay:
    def __init__(
        self,
        archive: Archive,
        pack: Pack,
        aliases: Collection[str],
        looks: int | None,
        told: Callable[[Score], None],
    ) -> None:
        self._archive = archive
        self._looks = pack.looks[:looks]
        self._host = pack.host
        self._site = ReplayedSite(pack, aliases)
        self._told = told
        self.scorer = Scorer()
        self.error: BaseException | None = KeyboardInterrupt()  # until it came to its end

    async def live(self) -> None:
        pool = ReaderPool()
        try:
            at = self._looks[0].at + _AFTER
            for number, look in enumerate(self._looks):
                at = look.at + _AFTER if number == 0 else max(look.at + _AFTER, at + _APART)
                self._site.files = look.files
                for delay in (timedelta(0), AGAIN):
                    set_clock(Clock(at + delay, system_now(), 1.0))
                    await self._crawl(pool)
                with self._archive.reading() as session:
                    self._told(self.scorer.look(session, look))
            self.error = None
        except Exception as error:
            self.error = error
        finally:
            pool.close()

    async def _crawl(self, pool: ReaderPool) -> None:
        with self._archive.writing() as session:
            source = enrol(session, f"https://{self._host}/", now=utc_now(), delay=0)
            recheck(session, [source.id], now=utc_now())
        summary = await crawl_in_loop(
            self._archive,
            pool,
            begun=lambda crawl: None,
            request={"command": "replay"},
            changed={"DOWNLOAD_HANDLERS": HANDLERS, REPLAYED: self._site},
        )
        if summary.how is RunEnd.INTERRUPTED:
            raise KeyboardInterrupt
        if summary.how is not RunEnd.FINISHED:
            raise ReplayFailed(f"{utc_now():%Y-%m-%d}: {summary.error}") from summary.error
